"""Counting working days."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.errors import Refused
from tongxing.workdays import base_data
from tongxing.workdays.calendar import Calendar, add_working_days, missing_years, working_days_between
from tongxing.workdays.loading import clear_day, load_year, set_day
from tongxing.workdays.models import SpecialDay


@pytest.fixture
def calendar(db: None) -> Calendar:
    base_data.load(COMMAND_LINE)
    return Calendar()


def test_national_day_2025_is_counted_with_its_make_up_days(calendar: Calendar) -> None:
    # 2025: 1-8 October off, 28 September and 11 October worked.
    assert calendar.is_working_day(date(2025, 9, 28))
    assert not calendar.is_working_day(date(2025, 10, 8))
    assert calendar.is_working_day(date(2025, 10, 11))
    assert add_working_days(date(2025, 9, 30), 1) == date(2025, 10, 9)
    assert working_days_between(date(2025, 9, 30), date(2025, 10, 11)) == 3


def test_five_working_days_of_the_notice_of_march_2024(calendar: Calendar) -> None:
    assert add_working_days(date(2024, 3, 5), 5) == date(2024, 3, 12)


DAYS = st.dates(date(2016, 1, 1), date(2026, 6, 30))


@pytest.mark.django_db
def test_between_counts_what_stepping_counts() -> None:
    base_data.load(COMMAND_LINE)
    calendar = Calendar()

    @settings(max_examples=120, deadline=None)
    @given(DAYS, st.integers(0, 400))
    def holds(start: date, span: int) -> None:
        end = start + timedelta(days=span)
        stepped = sum(calendar.is_working_day(start + timedelta(days=i)) for i in range(1, span + 1))
        assert calendar.working_days_between(start, end) == stepped
        assert calendar.working_days_between(end, start) == -stepped

    holds()


@pytest.mark.django_db
def test_adding_lands_on_the_last_counted_day() -> None:
    base_data.load(COMMAND_LINE)
    calendar = Calendar()

    @settings(max_examples=120, deadline=None)
    @given(DAYS, st.integers(1, 120))
    def holds(start: date, days: int) -> None:
        end = calendar.add_working_days(start, days)
        assert calendar.is_working_day(end)
        assert calendar.working_days_between(start, end) == days

    holds()


def test_base_data_is_loaded_once_and_never_over_an_edit(calendar: Calendar) -> None:
    set_day(date(2026, 1, 4), "off", name="临时放假", by=COMMAND_LINE)
    assert base_data.load(COMMAND_LINE) == 0
    assert SpecialDay.objects.get(date=date(2026, 1, 4)).name == "临时放假"
    clear_day(date(2026, 1, 4), by=COMMAND_LINE)
    assert not SpecialDay.objects.filter(date=date(2026, 1, 4)).exists()


def test_missing_years_are_named(calendar: Calendar) -> None:
    assert missing_years(date(2026, 11, 22)) == []
    assert missing_years(date(2026, 12, 1)) == [2027]
    assert missing_years(date(2031, 1, 1)) == [2031]


@pytest.mark.parametrize(
    "text", ["", "[]", '{"year": 2026}', '{"year": 2026, "days": [{"date": "2026-13-01", "isOffDay": true, "name": "x"}]}']
)
def test_other_formats_are_refused_and_change_nothing(calendar: Calendar, text: str) -> None:
    before = SpecialDay.objects.count()
    with pytest.raises(Refused):
        load_year(text, by=COMMAND_LINE)
    assert SpecialDay.objects.count() == before


@pytest.mark.shared
def test_every_published_year_loads(db: None, shared: Path) -> None:
    loaded = [load_year(file.read_text(), by=COMMAND_LINE) for file in sorted((shared / "data/holidays").glob("20*.json"))]
    assert [entry.year for entry in loaded if entry.days == 0] == [2027]
    assert len(loaded) == 21
