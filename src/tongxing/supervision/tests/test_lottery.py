"""The draw as arithmetic: reproducible, fair to every candidate, blind to the order of the list, never against an interest."""

import math
from collections import Counter
from hashlib import sha256
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.drawing import digest, seed_of
from tongxing.supervision import lottery
from tongxing.supervision.lottery import Inspector, Object, Pool

pytestmark = pytest.mark.once
NAMES = st.text("甲乙丙 ab", max_size=6)


@st.composite
def pools(draw: st.DrawFn) -> Pool:
    keys = draw(st.lists(st.integers(1, 99).map(lambda n: f"site-{n}"), min_size=1, max_size=12, unique=True))
    objects = tuple(Object(key, draw(st.integers(1, 4)), " ".join(draw(NAMES).split())) for key in keys)
    people = draw(st.lists(st.integers(1, 99).map(lambda n: f"i-{n}"), min_size=2, max_size=8, unique=True))
    inspectors = tuple(Inspector(who, frozenset(draw(st.sets(st.sampled_from(keys))))) for who in people)
    return Pool(draw(st.integers(0, len(keys))), draw(st.integers(1, 2)), objects, inspectors)


def seed(number: int) -> bytes:
    return sha256(str(number).encode()).digest()


@given(pools(), st.binary(min_size=32, max_size=32), st.randoms())
def test_the_order_of_the_list_changes_nothing(pool: Pool, key: bytes, random: Random) -> None:
    objects, inspectors = list(pool.objects), list(pool.inspectors)
    random.shuffle(objects)
    random.shuffle(inspectors)
    shuffled = pool._replace(objects=tuple(objects), inspectors=tuple(inspectors))
    assert lottery.draw(shuffled, key) == lottery.draw(pool, key)
    assert lottery.canonical(shuffled) == lottery.canonical(pool)


@given(pools(), st.binary(min_size=32, max_size=32))
def test_nobody_is_sent_against_an_interest_and_nobody_twice(pool: Pool, key: bytes) -> None:
    barred = {who.key: who.barred for who in pool.inspectors}
    result = lottery.draw(pool, key)
    assert len({one.key for one in result}) == len(result) == pool.wanted
    for one in result:
        free = sum(one.key not in who.barred for who in pool.inspectors)
        assert len(set(one.inspectors)) == len(one.inspectors) == min(free, pool.per_visit)
        assert not any(one.key in barred[who] for who in one.inspectors)


@given(pools())
def test_the_published_list_is_read_back_as_it_was(pool: Pool) -> None:
    read = lottery.parsed(lottery.canonical(pool))
    assert (sorted(read.objects), read.wanted, read.per_visit) == (sorted(pool.objects), pool.wanted, pool.per_visit)
    assert lottery.draw(read, seed(1)) == lottery.draw(pool, seed(1))


@given(pools(), st.text("0123456789abcdef", min_size=8, max_size=64), st.text("0123456789-", min_size=1, max_size=12))
def test_a_record_is_recomputed_and_any_change_is_seen(pool: Pool, secret: str, beacon: str) -> None:
    text = lottery.canonical(pool)
    result = lottery.draw(pool, seed_of(secret, beacon, digest(text)))
    record = {
        "algorithm": lottery.ALGORITHM,
        "seed_digest": digest(secret),
        "candidates_digest": digest(text),
        "candidates": text,
        "beacon": beacon,
        "secret": secret,
        "result": [{"key": one.key, "inspectors": list(one.inspectors)} for one in result],
    }
    assert lottery.faults(record) == []
    assert any("种子摘要" in fault for fault in lottery.faults(record | {"secret": secret + "0"}))
    assert any("名单摘要" in fault for fault in lottery.faults(record | {"candidates": text + "人员\ti-x\t\n"}))
    assert lottery.faults(record | {"candidates": "改过"}) == ["记录不完整或格式不对，无法复算。"]
    if result:
        assert any("重算" in fault for fault in lottery.faults(record | {"result": record["result"][1:]}))


def squared(counts: Counter[str], expected: dict[str, float]) -> float:
    return sum((counts[key] - wanted) ** 2 / wanted for key, wanted in expected.items())


def test_every_candidate_has_the_same_chance() -> None:
    """10 candidates, 3 drawn, 4,000 seeds: chi-squared with 9 degrees stays below its 99.9 % point, 27.9.

    Drawn without putting back the counts spread less by (10 - 3) / (10 - 1), which is divided out.
    """
    objects = [Object(f"site-{n}", 1, "") for n in range(10)]
    counts = Counter(key for number in range(4_000) for key in lottery.chosen(seed(number), objects, 3))
    assert squared(counts, {one.key: 1_200.0 for one in objects}) / ((10 - 3) / (10 - 1)) < 27.9


def test_tickets_give_chances_in_proportion() -> None:
    """One drawn of weights 1 to 4, 30,000 seeds: chi-squared with 3 degrees stays below its 99.9 % point, 16.3."""
    objects = [Object(f"site-{n}", n, "") for n in range(1, 5)]
    counts = Counter(lottery.chosen(seed(number), objects, 1)[0] for number in range(30_000))
    assert squared(counts, {one.key: 30_000 * one.tickets / 10 for one in objects}) < 16.3


def test_inspectors_share_the_visits_evenly_and_by_chance() -> None:
    objects = tuple(Object(f"site-{n}", 1, "") for n in range(6))
    people = tuple(Inspector(f"i-{n}", frozenset()) for n in range(4))
    pairs: Counter[tuple[str, ...]] = Counter()
    for number in range(600):
        result = lottery.draw(Pool(6, 2, objects, people), seed(number))
        load = Counter(who for one in result for who in one.inspectors)
        assert sorted(load.values()) == [3, 3, 3, 3]
        pairs[tuple(sorted(result[0].inspectors))] += 1
    assert len(pairs) == math.comb(4, 2)
    assert min(pairs.values()) > 60, "each of the six pairs about a hundred times"


def test_a_figure_has_one_spelling() -> None:
    spellings = ("05 09 12+03", "05,09,12,03", " 05，09、12 + 03 ")
    assert {lottery.figure(text) for text in spellings} == {"05-09-12-03"}
    assert lottery.figure("没有") == ""


def test_a_share_is_rounded_up_and_a_number_is_never_more_than_there_are() -> None:
    rows = [object()] * 7
    assert [lottery.quota(rows, number=None, share=share) for share in (1, 30, 100)] == [1, 3, 7]
    assert [lottery.quota(rows, number=number, share=None) for number in (3, 9)] == [3, 7]
