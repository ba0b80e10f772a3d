"""Each rule of the watch: a case that fires and one that does not. Rules are pure: no database here."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from math import comb
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.supervision.anomalies import absence, passes, places, rush, scores, sharing, volume
from tongxing.supervision.anomalies.hits import at_least, wilson_upper
from tongxing.supervision.anomalies.limits import Limits

pytestmark = pytest.mark.once
LIMITS = Limits()
WEEK = date(2026, 11, 16)
AREA = 419001000000


def weeks(*counts: int) -> dict[date, int]:
    """Counts of weeks, the last one that of WEEK."""
    return {WEEK - timedelta(weeks=len(counts) - 1 - place): count for place, count in enumerate(counts)}


def rules_of(hits: list[Any]) -> list[str]:
    return [hit.rule for hit in hits]


@pytest.mark.parametrize(
    ("counts", "seats", "rules"),
    [
        ((5, 6, 5, 7, 6, 5, 6, 5, 40), {}, ["volume"]),
        ((5, 6, 5, 7, 6, 5, 6, 5, 18), {}, []),  # three times as many, but few
        ((5, 6, 40), {}, []),  # no history to compare with
        ((30, 31, 30, 33, 30, 29, 30, 31, 60), {}, []),  # twice the usual
        ((10,), {WEEK - timedelta(days=20): 8}, ["seats"]),
        ((10,), {WEEK - timedelta(days=20): 30}, []),
        ((10,), {WEEK - timedelta(days=80): 30}, ["seats"]),  # an examination too long ago
        ((10,), {WEEK + timedelta(days=7): 30}, []),  # issued before the body worked with the system
    ],
)
def test_certificates_of_a_week(counts: tuple[int, ...], seats: dict[date, int], rules: list[str]) -> None:
    hits = volume.find([volume.Body(7, AREA, "某机构", weeks(*counts), seats)], LIMITS)
    assert rules_of(hits) == rules
    assert all(str(counts[-1]) in hit.text and hit.advice and hit.reference == f"7:{WEEK}" for hit in hits)


def rate(present: int, passed: int, before: tuple[int, int] = (0, 0), pk: int = 1) -> passes.Rate:
    return passes.Rate(pk, AREA, f"机构{pk}", present, passed, *before)


@pytest.mark.parametrize(
    ("rates", "references"),
    [
        ([rate(60, 60, (200, 120))], ["1:own:2026Q4"]),
        ([rate(60, 38, (200, 120))], []),
        ([rate(15, 15, (200, 120))], []),  # too few to say anything
        ([rate(60, 60, (10, 5))], []),  # too short a history
        ([rate(60, 60), rate(100, 60, pk=2), rate(100, 62, pk=3)], ["1:others:2026Q4"]),
        ([rate(60, 40), rate(100, 60, pk=2)], []),
    ],
)
def test_pass_rates(rates: list[passes.Rate], references: list[str]) -> None:
    hits = passes.find(rates, LIMITS, "2026Q4")
    assert [hit.reference for hit in hits] == references
    assert all("碰巧" in hit.text and hit.figures["概率"] < 1e-4 for hit in hits)


@given(st.integers(1, 40), st.integers(0, 40), st.integers(1, 99))
def test_the_tail_of_the_binomial_is_exact(trials: int, successes: int, percent: int) -> None:
    chance = percent / 100
    exact = sum(comb(trials, k) * chance**k * (1 - chance) ** (trials - k) for k in range(successes, trials + 1))
    assert at_least(successes, trials, chance) == pytest.approx(exact, rel=1e-9, abs=1e-12)


def test_tails_of_large_numbers_and_of_none_do_not_break() -> None:
    assert at_least(5_100, 10_000, 0.5) == pytest.approx(0.0233, abs=5e-4)
    assert (at_least(0, 10, 0.5), at_least(3, 10, 0), at_least(3, 10, 1)) == (1, 0, 1)
    assert wilson_upper(0, 0) == 1
    assert wilson_upper(81, 263) == pytest.approx(0.3662, abs=5e-4), "the example of Newcombe (1998)"


def use(serial: str, **facts: Any) -> sharing.Use:
    values = {"account": serial, "payee": serial, "person_id": int(serial), "phone": serial, "payee_organisation_id": None, "address": ""}
    return sharing.Use(area_id=AREA, serial=f"B{serial}", **{**values, **facts})


def test_accounts_telephones_and_addresses_that_many_share() -> None:
    same = [use(str(n), account="x", phone="y") for n in range(3)]
    assert rules_of(list(sharing.find(same, LIMITS))) == ["account", "phone"]
    assert "B0、B1、B2" in next(iter(sharing.find(same, LIMITS))).text
    assert sharing.find(same[:2], LIMITS) == []
    one = [use(str(n), account="x", payee="p", person_id=1, phone="y") for n in range(5)]
    assert sharing.find(one, LIMITS) == [], "one person with five claims shares with nobody"
    firms = [use(str(n), payee_organisation_id=n + 1, address="文昌路1号") for n in range(3)]
    assert rules_of(list(sharing.find(firms, LIMITS))) == ["address"]


def post(site: int, day: date = WEEK, person: int = 1) -> places.Post:
    return places.Post(person, "李考评", day, site, f"考点{site}", f"P{site}", 9, AREA)


def test_one_assessor_at_two_sites_on_one_day() -> None:
    (hit,) = places.find([post(1), post(2)], LIMITS)
    assert (hit.reference, "考点1（批次 P1）；考点2" in hit.text) == (f"1:{WEEK}", True)
    assert places.find([post(1), post(1), post(2, WEEK + timedelta(days=1)), post(3, person=2)], LIMITS) == []


def batch(*vectors: tuple[float, ...]) -> scores.Batch:
    parts = ("theory", "practice")
    held = {n: {part: Decimal(str(value)) for part, value in zip(parts, vector, strict=False)} for n, vector in enumerate(vectors)}
    return scores.Batch(3, "P2026-00003", 9, AREA, "某机构", held)


def test_the_same_scores_in_every_part() -> None:
    different = [(61 + n, 88 - n) for n in range(6)]
    (hit,) = scores.find([batch(*[(78, 81)] * 4, *different)], LIMITS)
    assert (hit.rule, "10 人中有 4 人" in hit.text, "理论知识 78" in hit.text) == ("same_scores", True, True)
    assert scores.find([batch(*[(78, 81)] * 3, *different)], LIMITS) == []
    assert scores.find([batch(*[(78, 81)] * 4, *[(40 + n, 99 - n) for n in range(20)])], LIMITS) == [], "four of 24 may be chance"
    assert scores.find([batch(*[(78,)] * 5)], LIMITS) == [], "one part alone says little"


def test_scores_without_spread() -> None:
    flat = [(70 + n % 3, 50 + 4 * n) for n in range(12)]
    (hit,) = scores.find([batch(*flat)], LIMITS)
    assert (hit.rule, hit.reference) == ("flat_scores", "3:theory")
    assert scores.find([batch(*flat[:9])], LIMITS) == []


def test_a_last_digit_far_too_often() -> None:
    fives = [(45 + 10 * (n % 6), 42 + 2 * n) for n in range(26)]
    (hit,) = scores.find([batch(*fives)], LIMITS)
    assert (hit.rule, hit.figures["个位"]) == ("last_digit", 5)
    even = [(40 + n, 95 - 2 * n) for n in range(26)]
    assert scores.find([batch(*even)], LIMITS) == []


def test_many_applications_within_hours() -> None:
    start = datetime(2026, 11, 16, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    quick = [rush.Handed(4, "某厂", 9, AREA, start + timedelta(minutes=3 * n)) for n in range(30)]
    (hit,) = rush.find(quick, LIMITS)
    assert (hit.figures["最密一段"], "30 份" in hit.text, hit.organisation_id) == (30, True, 9)
    slow = [rush.Handed(4, "某厂", 9, AREA, start + timedelta(minutes=15 * n)) for n in range(30)]
    assert rush.find(slow, LIMITS) == []
    several = [row._replace(organisation_id=n % 3) for n, row in enumerate(quick)]
    assert rush.find(several, LIMITS) == []


def test_results_without_having_been_there() -> None:
    rows = [absence.Missing("absent", 5, "P5", 9, AREA, "某机构", n) for n in (1, 1, 2)]
    (hit,) = absence.find(rows, LIMITS)
    assert (hit.reference, "2 人" in hit.text) == ("5", True)
    assert absence.find([], LIMITS) == []
