"""The rules: every condition of both annexes alone, the exception of 2022, and properties that hold whatever the facts."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.honours.conditions import (
    Answer,
    Award,
    Condition,
    Conduct,
    Member,
    OrganisationFacts,
    Paper,
    PersonFacts,
    Terms,
    Verdict,
    falls_below,
    judge_organisation,
    judge_person,
    years_before,
)

DAY = date(2026, 11, 1)
TERMS = Terms(without_certificate=False, certified_least=3, clean_years=3)
OF_2022 = replace(TERMS, without_certificate=True)
PAPER = Paper("S000041000001300000001", "职业技能等级证书", "三级", date(2024, 5, 1))
GOOD = PersonFacts(active=True, papers=(PAPER,))
MEMBERS = (Member("甲"), Member("乙"), Member("丙"))
SOCIETY = OrganisationFacts(
    "协会", social=True, operating=True, registered_as="53419001MJ0000001X", members=MEMBERS, services=("集体协商",)
)
PRIZE = Award("技能竞赛三等奖", prize=True, rank="县级", provincial=False, awarded_on=date(2025, 5, 1))
TITLE = Award("先进个人", prize=False, rank="省级", provincial=True, awarded_on=date(2025, 5, 1))
CITY_TITLE = replace(TITLE, rank="市级", provincial=False)


def of(verdict: Verdict, clause: str, place: int = 0) -> Condition:
    return [one for one in verdict.conditions if one.clause == clause][place]


def test_a_certificate_that_is_valid_on_the_day_is_named() -> None:
    found = of(judge_person(GOOD, TERMS, DAY), "notice:A1.1", 1)
    assert (found.answer, PAPER.number in found.reasons[0]) == (Answer.MET, True)


def test_without_certificate_only_2022_lets_in_and_says_why() -> None:
    nobody, worker = replace(GOOD, papers=()), replace(GOOD, papers=(), works_at=("济源总工会",))
    later = judge_person(worker, TERMS, DAY)
    assert (later.answer, later.against) == (Answer.NOT_MET, ("2026-11-01 没有有效证书。2026 年须持证；没有证书也能推荐只限 2022 年。",))
    then = of(judge_person(worker, OF_2022, date(2022, 11, 1)), "notice:A1.1", 1)
    assert (then.answer, "济源总工会" in then.reasons[0]) == (Answer.MET, True)
    student = of(judge_person(nobody, OF_2022, date(2022, 11, 1)), "notice:A1.1", 1)
    assert (student.answer, "学籍" in student.reasons[0]) == (Answer.TO_SHOW, True)


def test_who_is_not_active_has_to_be_looked_into_and_is_not_refused() -> None:
    found = of(judge_person(replace(GOOD, active=False), TERMS, DAY), "notice:A1.1")
    assert found.answer == Answer.TO_SHOW


@pytest.mark.parametrize(
    ("record", "answer"),
    [
        (Conduct("重大违法", date(2010, 1, 1), "法院"), Answer.NOT_MET),
        (Conduct("重大违法", date(2026, 11, 2), "法院"), Answer.MET),
        (Conduct("失信惩戒", date(2020, 1, 1), "法院", lifted_on=date(2021, 1, 1)), Answer.TO_SHOW),
        (Conduct("失信惩戒", date(2020, 1, 1), "法院", lifted_on=date(2026, 11, 2)), Answer.NOT_MET),
    ],
)
def test_for_people_every_standing_record_counts_whenever_it_was(record: Conduct, answer: Answer) -> None:
    assert of(judge_person(replace(GOOD, conduct=(record,)), TERMS, DAY), "notice:A1.2", 1).answer == answer


@pytest.mark.parametrize(("day", "answer"), [(date(2023, 11, 1), Answer.MET), (date(2023, 11, 2), Answer.NOT_MET)])
def test_for_organisations_the_last_three_years_count(day: date, answer: Answer) -> None:
    facts = replace(SOCIETY, conduct=(Conduct("重大违法", day, "法院"),))
    assert of(judge_organisation(facts, TERMS, DAY), "notice:A2.2", 1).answer == answer


@pytest.mark.parametrize(
    ("awards", "answer"),
    [
        ((PRIZE,), Answer.MET),
        ((TITLE,), Answer.MET),
        ((CITY_TITLE,), Answer.NOT_MET),
        ((), Answer.NOT_MET),
        ((CITY_TITLE, PRIZE), Answer.MET),
    ],
)
def test_a_prize_of_any_rank_or_a_title_of_the_province_is_the_sixth_deed(awards: tuple[Award, ...], answer: Answer) -> None:
    assert of(judge_person(replace(GOOD, awards=awards), TERMS, DAY), "notice:A1.3.6").answer == answer


def test_one_deed_of_six_is_enough_and_none_of_the_others_stands_against() -> None:
    verdict = judge_person(replace(GOOD, awards=(PRIZE,)), TERMS, DAY)
    assert (len(verdict.deeds), verdict.against) == (6, ())
    assert verdict.answer == Answer.TO_SHOW, "stance and ability are for people to judge"


def test_too_few_certified_coordinators_are_counted_and_named() -> None:
    verdict = judge_organisation(replace(SOCIETY, members=MEMBERS[:2]), TERMS, DAY)
    assert verdict.against == ("当日持证在岗 2 名（甲、乙），还差 1 名。",)


def test_the_day_from_which_there_will_be_too_few_is_said() -> None:
    leaving = (Member("甲", date(2026, 12, 31)), Member("乙"), Member("丙"))
    found = of(judge_organisation(replace(SOCIETY, members=leaving), TERMS, DAY), "notice:A2.1", 1)
    assert (found.answer, "2026-12-31 以后不足 3 名" in found.reasons[1]) == (Answer.MET, True)


def test_an_enterprise_or_one_that_ended_or_has_no_code_is_no_social_organisation() -> None:
    facts = replace(SOCIETY, kind="企业", social=False, operating=False, registered_as="")
    assert len(judge_organisation(facts, TERMS, DAY).against) == 3


days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
members = st.lists(st.builds(Member, st.just("某"), st.none() | days), max_size=8)


@given(members, st.integers(1, 4))
def test_property_up_to_that_day_there_are_enough_and_after_it_too_few(held: list[Member], least: int) -> None:
    def left(day: date) -> int:
        return sum(one.until is None or one.until >= day for one in held)

    last = falls_below(held, least) if len(held) >= least else None
    if last:
        assert left(last) >= least > left(last + timedelta(days=1))
    elif len(held) >= least:
        assert left(date(2040, 1, 1)) >= least


@given(
    st.builds(
        PersonFacts,
        st.booleans(),
        st.just(()) | st.just((PAPER,)),
        conduct=st.just(()),
        awards=st.sampled_from([(), (PRIZE,), (CITY_TITLE,)]),
    )
)
def test_property_more_proof_never_makes_the_answer_worse(facts: PersonFacts) -> None:
    order = [Answer.NOT_MET, Answer.TO_SHOW, Answer.MET]
    better = replace(facts, active=True, papers=(PAPER,), awards=(*facts.awards, TITLE))
    assert order.index(judge_person(better, TERMS, DAY).answer) >= order.index(judge_person(facts, TERMS, DAY).answer)
    assert all(one.reasons for one in judge_person(facts, TERMS, DAY).conditions)


@given(st.dates(date(1990, 1, 1), date(2050, 1, 1)), st.integers(1, 10))
def test_property_years_before_is_the_same_day_or_the_28th(day: date, years: int) -> None:
    found = years_before(day, years)
    assert (found.year, found.month) == (day.year - years, day.month)
    assert found.day == day.day or (day.month, day.day, found.day) == (2, 29, 28)
