"""The plan laid backwards from 30 November in working days, and against the clock."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.honours import schedule
from tongxing.workdays.calendar import ONE_DAY, Calendar

DUE = date(2026, 11, 30)
DAYS = [("call", 3), ("nomination", 15), ("notice", 5), ("dispatch", 1)]
pytestmark = pytest.mark.django_db


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


def test_the_last_step_ends_on_the_day_due_and_each_before_the_next(calendar: Calendar) -> None:
    spans = schedule.backwards(DAYS, DUE, calendar)
    assert [(one.key, one.begins, one.ends) for one in spans] == [
        ("call", date(2026, 10, 28), date(2026, 10, 30)),
        ("nomination", date(2026, 11, 2), date(2026, 11, 20)),
        ("notice", date(2026, 11, 23), date(2026, 11, 27)),
        ("dispatch", date(2026, 11, 30), date(2026, 11, 30)),
    ]


def test_holidays_and_make_up_days_are_counted_as_announced(calendar: Calendar) -> None:
    (span,) = schedule.backwards([("call", 3)], date(2026, 10, 9), calendar)
    assert span.begins < date(2026, 10, 1) or calendar.is_working_day(span.begins)
    assert calendar.working_days_between(span.begins - ONE_DAY, span.ends) == 3


def test_a_day_due_that_is_no_working_day_moves_to_the_one_before(calendar: Calendar) -> None:
    saturday = date(2026, 11, 28)
    assert schedule.backwards(DAYS, saturday, calendar)[-1].ends == date(2026, 11, 27)


def test_what_is_over_and_not_done_is_late_and_the_chain_says_by_how_much(calendar: Calendar) -> None:
    in_time = schedule.standing(DAYS, DUE, date(2026, 10, 28), {}, calendar)
    assert (in_time.slack, in_time.late, in_time.fits) == (0, (), True)
    late = schedule.standing(DAYS, DUE, date(2026, 11, 2), {}, calendar)
    assert (late.slack, late.late, late.fits) == (-3, ("call",), False)
    caught_up = schedule.standing(DAYS, DUE, date(2026, 11, 2), {"call": date(2026, 10, 30)}, calendar)
    assert (caught_up.slack, caught_up.late) == (0, ())


def test_days_of_the_present_step_that_are_over_are_not_counted_again(calendar: Calendar) -> None:
    done = {"call": date(2026, 10, 30)}
    going = schedule.standing(DAYS, DUE, date(2026, 11, 9), done, calendar, begun=date(2026, 11, 2))
    assert going.slack == 0
    overrun = schedule.standing(DAYS, DUE, date(2026, 11, 23), done, calendar, begun=date(2026, 11, 2))
    assert (overrun.slack, overrun.late) == (-1, ("nomination",)), "one day is left for it at least"


def test_a_chain_that_is_done_says_how_early_it_was(calendar: Calendar) -> None:
    done = {key: date(2026, 11, 26) for key, _ in DAYS}
    assert schedule.standing(DAYS, DUE, date(2026, 12, 10), done, calendar).slack == 2


@given(st.lists(st.integers(1, 30), min_size=1, max_size=9), st.dates(date(2022, 1, 1), date(2027, 12, 31)))
def test_property_the_chain_has_no_gap_and_every_step_its_days(numbers: list[int], due: date) -> None:
    calendar = Calendar()
    days = [(str(place), number) for place, number in enumerate(numbers)]
    spans = schedule.backwards(days, due, calendar)
    for span, (_, number) in zip(spans, days, strict=True):
        assert calendar.is_working_day(span.begins)
        assert calendar.is_working_day(span.ends)
        assert calendar.working_days_between(span.begins - ONE_DAY, span.ends) == number
    for one, following in pairwise(spans):
        assert calendar.working_days_between(one.ends, following.begins) == 1
    assert schedule.forwards(days, spans[0].begins, calendar) == spans
    begins_at_the_latest = schedule.standing(days, due, spans[0].begins, {}, calendar)
    assert (begins_at_the_latest.slack, begins_at_the_latest.late) == (0, ())
