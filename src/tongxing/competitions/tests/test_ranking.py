"""Ranking, deviation and blind codes as arithmetic: blind to order, monotone, dense ranks, prizes by how many are ahead."""

from decimal import Decimal
from random import Random

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from tongxing.competitions import codes, deviation
from tongxing.competitions.ranking import Part, Performance, Standing, prize_of, standings
from tongxing.competitions.teaming import passed_over
from tongxing.core.drawing import digest

pytestmark = pytest.mark.once
PARTS = (
    Part(1, "理论", 40, Decimal(100), practice=False),
    Part(2, "案例一", 35, Decimal(50), practice=True),
    Part(3, "案例二", 25, Decimal(30), practice=True),
)
RAW = {part.key: st.integers(0, int(part.full) * 2).map(lambda half: Decimal(half) / 2) for part in PARTS}
ROWS = st.lists(st.tuples(*RAW.values(), st.integers(0, 2)), min_size=1, max_size=12)


def performances(rows: list[tuple[Decimal, Decimal, Decimal, int]]) -> list[Performance]:
    return [Performance(key, {1: one, 2: two, 3: three}, (("谈话", Decimal(tie)),)) for key, (one, two, three, tie) in enumerate(rows)]


def by_key(found: list[Standing]) -> dict[int, Standing]:
    return {one.key: one for one in found}


@given(ROWS, st.randoms())
def test_the_order_in_which_entrants_are_given_changes_nothing(rows: list, random: Random) -> None:
    people = performances(rows)
    shuffled = people.copy()
    random.shuffle(shuffled)
    assert standings(PARTS, shuffled) == standings(PARTS, people)


@given(ROWS)
def test_ranks_are_dense_and_follow_the_total(rows: list) -> None:
    found = standings(PARTS, performances(rows))
    assert sorted({one.rank for one in found}) == list(range(1, len({one.rank for one in found}) + 1))
    assert [one.total for one in found] == sorted((one.total for one in found), reverse=True)
    for one in found:
        same = [other for other in found if other.rank == one.rank]
        assert one.shared == (len(same) > 1)
        assert one.ahead == sum(other.rank < one.rank for other in found)
        assert len({(other.total, other.practice, other.theory) for other in same}) == 1
        assert one.total == one.practice + one.theory


@given(ROWS, st.data())
def test_a_better_score_never_makes_a_worse_place(rows: list, data: st.DataObject) -> None:
    people = performances(rows)
    who, part = data.draw(st.sampled_from(people)), data.draw(st.sampled_from(PARTS))
    better = data.draw(st.integers(int(who.rounds[part.key] * 2), int(part.full) * 2).map(lambda half: Decimal(half) / 2))
    raised = [one._replace(rounds={**one.rounds, part.key: better}) if one is who else one for one in people]
    before, after = by_key(standings(PARTS, people))[who.key], by_key(standings(PARTS, raised))[who.key]
    assert (after.ahead, after.total) <= (before.ahead, max(after.total, before.total))
    assert after.ahead <= before.ahead
    assert after.total >= before.total


def test_level_totals_are_parted_by_practice_then_theory_then_named_aspects_and_it_is_said() -> None:
    parts = (Part(1, "理论", 50, Decimal(100), practice=False), Part(2, "实操", 50, Decimal(100), practice=True))
    rows = {1: (80, 70, 1), 2: (70, 80, 1), 3: (70, 80, 2), 4: (70, 80, 2), 5: (60, 60, 9)}
    people = [
        Performance(key, {1: Decimal(theory), 2: Decimal(practice)}, (("谈话", Decimal(tie)),))
        for key, (theory, practice, tie) in rows.items()
    ]
    found = by_key(standings(parts, people))
    assert {key: (one.rank, one.ahead, one.shared, one.decided_by) for key, one in found.items()} == {
        3: (1, 0, True, "谈话"),
        4: (1, 0, True, "谈话"),
        2: (2, 2, False, "谈话"),
        1: (3, 3, False, "实操"),
        5: (4, 4, False, ""),
    }


def test_theory_parts_where_rounding_made_totals_level() -> None:
    parts = (Part(1, "理论", 1, Decimal(1000), practice=False), Part(2, "实操", 99, Decimal(100), practice=True))
    people = [Performance(1, {1: Decimal("500.1"), 2: Decimal(90)}), Performance(2, {1: Decimal("500.2"), 2: Decimal(90)})]
    first, second = standings(parts, people)
    assert (first.key, first.total == second.total, first.decided_by, second.rank) == (2, True, "理论", 2)


def test_prizes_go_by_how_many_are_ahead() -> None:
    numbers = {1: 1, 2: 2, 3: 0}
    assert [prize_of(ahead, numbers) for ahead in (0, 1, 2, 3)] == [1, 2, 2, None]
    assert prize_of(0, {}) is None
    # Two share the first rank: both take the first prize, and the next one, with two ahead, the second.
    assert [prize_of(ahead, numbers) for ahead in (0, 0, 2, 3)] == [1, 1, 2, None]


@given(st.lists(st.decimals(0, 100, places=2), min_size=1, max_size=7), st.randoms())
def test_the_mean_lies_between_and_no_order_moves_it(values: list[Decimal], random: Random) -> None:
    shuffled = values.copy()
    random.shuffle(shuffled)
    assert deviation.mean(shuffled) == deviation.mean(values)
    assert min(values) <= deviation.mean(values) <= max(values)
    assert not deviation.too_wide(values, Decimal(100), 100)
    assert deviation.too_wide(values, Decimal(100), 0) == (deviation.spread(values) > 0)


def test_a_spread_of_just_the_limit_stands() -> None:
    full = Decimal(20)
    assert not deviation.too_wide([Decimal(10), Decimal(14)], full, 20)
    assert deviation.too_wide([Decimal(10), Decimal("14.01")], full, 20)
    assert deviation.spread([]) == 0


@pytest.mark.parametrize("raw", ["", "九", "-1", "10.5", "3.333", "NaN", "Infinity", "1e9"])
def test_what_is_no_mark_is_refused(raw: str) -> None:
    with pytest.raises(ValidationError):
        deviation.clean_mark(raw, Decimal(10))


def test_marks_are_read_as_people_write_them() -> None:
    assert [deviation.clean_mark(raw, Decimal(10)) for raw in ("８．５", " 10 ", "0", "7.25")] == [
        Decimal("8.50"),
        Decimal("10.00"),
        Decimal("0.00"),
        Decimal("7.25"),
    ]


@given(st.sets(st.uuids().map(str), min_size=1, max_size=30), st.text(min_size=1), st.randoms())
def test_codes_are_drawn_again_by_anybody_and_blind_to_the_order(keys: set[str], secret: str, random: Random) -> None:
    shuffled = sorted(keys)
    random.shuffle(shuffled)
    drawn = codes.codes(secret, shuffled)
    assert drawn == codes.codes(secret, keys)
    assert sorted(drawn.values()) == [f"{number:03d}" for number in range(1, len(keys) + 1)]
    promised, listed = digest(secret), digest(codes.canonical(keys))
    assert codes.faults(secret, promised, listed, drawn) == []
    assert codes.faults(secret + "x", promised, listed, drawn)[0] == "公布的种子与抽号时公布的摘要不一致。"
    first = min(drawn)
    assert "密号与使用的不同" in codes.faults(secret, promised, listed, drawn | {first: "999"})[0]
    assert "名单" in codes.faults(secret, promised, listed, drawn | {"another": "998"})[0]


def test_the_first_may_be_drawn_as_any_code() -> None:
    """An order of entry says nothing about the code: over many secrets every place comes up."""
    keys = [str(number) for number in range(5)]
    assert {codes.codes(str(secret), keys)["0"] for secret in range(200)} == {f"{number:03d}" for number in range(1, 6)}


def test_a_team_passes_over_whoever_ranks_before_somebody_chosen() -> None:
    ahead = {1: 0, 2: 1, 3: 1, 4: 3}
    assert passed_over(ahead, [1, 2], [3]) == set()
    assert passed_over(ahead, [1, 3], [2]) == set(), "those who are level may be chosen either way"
    assert passed_over(ahead, [2, 3], []) == {1}
    assert passed_over(ahead, [1], [4]) == {2, 3}
    assert passed_over(ahead, [1, 4], [2]) == {2, 3}
