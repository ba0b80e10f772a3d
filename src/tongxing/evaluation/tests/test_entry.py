"""Entry conditions: each alternative, what is missing, past days, unconfirmed levels; and what holds for any facts."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.errors import Refused
from tongxing.evaluation import entry
from tongxing.evaluation.entry import Facts, Rules, decide, rules_on, whole_years
from tongxing.evaluation.models import School, Schooling
from tongxing.policy.amending import add_version

ON = date(2026, 6, 1)
NUMBERS = {
    "fourth.years": 4,
    "third.years": 5,
    "third.college_years": 2,
    "third.bachelor_years": 1,
    "second.years": 4,
    "second.graduate_years": 3,
    "second.reserve_years": 2,
    "first.years": 4,
}
RULES = Rules(NUMBERS, frozenset({3, 4}), "2019/test")


def held(level: int, years: int, days: int = 0) -> dict[str, Any]:
    """A certificate that is `years` years and `days` days old."""
    return {"certificates": ((level, ON.replace(year=ON.year - years) - timedelta(days=days)),)}


def graduate(school: School, **facts: Any) -> dict[str, Any]:
    return {"school": school, "schooling": Schooling.GRADUATED, "related": True, **facts}


HOLDS = [
    (4, {"years": 4}),
    (4, graduate(School.TECHNICAL)),
    (4, graduate(School.VOCATIONAL)),
    (4, graduate(School.HIGHER_VOCATIONAL)),
    (4, {"school": School.BACHELOR, "schooling": Schooling.ENROLLED, "related": True}),
    (3, held(4, 5)),
    (3, held(4, 0) | graduate(School.ADVANCED_TECHNICAL, related=False)),
    (3, held(4, 0) | graduate(School.HIGHER_VOCATIONAL)),
    (3, held(4, 2) | graduate(School.COLLEGE)),
    (3, held(4, 1) | graduate(School.BACHELOR)),
    (3, graduate(School.MASTER)),
    (2, held(3, 4)),
    (2, held(3, 3) | graduate(School.ADVANCED_TECHNICAL)),
    (2, held(3, 2) | {"reserve_technician": True}),
    (1, held(2, 4)),
]
FAILS = [
    (4, {"years": 3}),
    (4, graduate(School.TECHNICAL, related=False)),
    (4, {"school": School.BACHELOR, "schooling": Schooling.ENROLLED}),
    (4, {"school": School.VOCATIONAL, "schooling": Schooling.ENROLLED, "related": True}),
    (3, {"years": 40}),
    (3, held(4, 5, -1)),
    (3, held(4, 1) | graduate(School.COLLEGE)),
    (3, held(4, 0) | graduate(School.HIGHER_VOCATIONAL, related=False)),
    (3, held(4, 0, 364) | graduate(School.BACHELOR)),
    (3, graduate(School.MASTER, related=False)),
    (2, held(4, 20)),
    (2, held(3, 3)),
    (1, held(3, 20)),
]


@pytest.mark.parametrize(("level", "facts"), HOLDS)
def test_each_alternative_lets_in(level: int, facts: dict[str, Any]) -> None:
    answer = decide(level, Facts(**facts), RULES, ON)
    assert answer
    assert answer.reasons[0].startswith("符合")


@pytest.mark.parametrize(("level", "facts"), FAILS)
def test_what_is_missing_is_said_for_every_alternative(level: int, facts: dict[str, Any]) -> None:
    answer = decide(level, Facts(**facts), RULES, ON)
    assert not answer
    ways = len(entry.WAYS[level](Facts(**facts), NUMBERS, ON))
    assert len(answer.reasons) == 1 + ways + (level in (1, 2))


def test_levels_without_a_confirmed_source_say_so_whatever_the_answer() -> None:
    for level, facts in ((2, held(3, 4)), (2, {}), (1, held(2, 4)), (1, {})):
        answer = decide(level, Facts(**facts), RULES, ON)
        assert "没有找到 2019 年标准原文" in answer.reasons[-1]
        assert answer.facts["条件已确认"] is False
    assert all("没有找到" not in reason for reason in decide(4, Facts(), RULES, ON).reasons)


def test_a_missing_year_is_counted_out() -> None:
    answer = decide(3, Facts(**held(4, 3, 10)), RULES, ON)
    assert "四级证书于 2023-05-22 取得，到 2026-06-01 满 3 年，还差 2 年" in answer.reasons[1]


def test_years_count_as_birthdays_do() -> None:
    assert whole_years(date(2020, 2, 29), date(2024, 2, 28)) == 3
    assert whole_years(date(2020, 2, 29), date(2024, 2, 29)) == 4
    assert whole_years(date(2022, 6, 2), date(2026, 6, 1)) == 3
    assert whole_years(date(2027, 1, 1), date(2026, 6, 1)) == 0


def test_rules_run_on_past_days_and_follow_later_versions(db: None) -> None:
    with pytest.raises(Refused) as refused:
        rules_on(date(2019, 3, 25))
    assert refused.value.code == "no_rules"
    assert rules_on(date(2019, 3, 26)).numbers == NUMBERS
    add_version("evaluation.entry.fourth.years", 3, valid_from=date(2026, 1, 1), source="试文", by=COMMAND_LINE)
    before, after = rules_on(date(2025, 12, 31)), rules_on(date(2026, 1, 1))
    assert (before.numbers["fourth.years"], after.numbers["fourth.years"]) == (4, 3)
    assert (before.version, after.version) == ("2019/2019-03-26", "2019/2026-01-01")
    assert not decide(4, Facts(years=3), before, date(2025, 12, 31))
    assert decide(4, Facts(years=3), after, date(2026, 1, 1))


# --- what holds for any facts -----------------------------------------------------------------------------------------------
DAYS = st.dates(date(2000, 1, 1), date(2026, 6, 1))
FACTS = st.builds(
    Facts,
    years=st.integers(0, 45),
    school=st.sampled_from(School),
    schooling=st.sampled_from(Schooling),
    related=st.booleans(),
    reserve_technician=st.booleans(),
    certificates=st.lists(st.tuples(st.integers(1, 4), DAYS), max_size=4).map(tuple),
)
LEVELS = st.integers(1, 4)


@given(LEVELS, FACTS)
def test_an_answer_always_explains_itself(level: int, facts: Facts) -> None:
    answer = decide(level, facts, RULES, ON)
    assert answer.reasons
    assert answer.clauses == ("notice:1.3", "notice:3.1.4")
    assert answer.facts["规则版本"] == "2019/test"
    assert answer.ok == any(not way.missing for way in entry.WAYS[level](facts, NUMBERS, ON))
    assert all(reason.endswith("。") for reason in answer.reasons)


@given(LEVELS, FACTS, st.integers(0, 20))
def test_more_years_never_shut_a_door(level: int, facts: Facts, more: int) -> None:
    longer = Facts(**{**facts.__dict__, "years": facts.years + more})
    assert decide(level, longer, RULES, ON).ok >= decide(level, facts, RULES, ON).ok


@given(LEVELS, FACTS, st.integers(0, 4000))
def test_waiting_never_shuts_a_door(level: int, facts: Facts, days: int) -> None:
    assert decide(level, facts, RULES, ON + timedelta(days=days)).ok >= decide(level, facts, RULES, ON).ok


@given(LEVELS, FACTS, st.tuples(LEVELS, DAYS))
def test_another_certificate_never_shuts_a_door(level: int, facts: Facts, certificate: tuple[int, date]) -> None:
    richer = Facts(**{**facts.__dict__, "certificates": (*facts.certificates, certificate)})
    assert decide(level, richer, RULES, ON).ok >= decide(level, facts, RULES, ON).ok


@given(LEVELS, FACTS)
def test_a_related_field_never_shuts_a_door(level: int, facts: Facts) -> None:
    related = Facts(**{**facts.__dict__, "related": True})
    assert decide(level, related, RULES, ON).ok >= decide(level, facts, RULES, ON).ok


@given(FACTS)
def test_nobody_enters_level_two_or_one_without_the_certificate_below(facts: Facts) -> None:
    for level, below in ((2, 3), (1, 2)):
        if decide(level, facts, RULES, ON):
            assert facts.since(below) is not None
