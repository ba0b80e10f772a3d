"""Chinese working days. All statutory clocks of the house use these functions; counting starts the day after (民法典 art. 201).

A year is known when the State Council's arrangement for it is loaded; for an unknown year only weekends count, and `missing_years`
makes the pages say so.
"""

from bisect import bisect_right
from datetime import date, timedelta

from django.utils import timezone

from .models import DayKind, SpecialDay

ONE_DAY = timedelta(days=1)
LONGEST_LEAP = 4_000


class Calendar:
    """The special days at one moment, for counting many spans without asking the database again."""

    def __init__(self) -> None:
        self.kinds: dict[date, str] = dict(SpecialDay.objects.values_list("date", "kind"))
        self.known_years: frozenset[int] = frozenset(day.year for day in self.kinds)

    def is_working_day(self, day: date) -> bool:
        kind = self.kinds.get(day)
        return kind == DayKind.WORK if kind else day.weekday() < 5

    def add_working_days(self, start: date, days: int) -> date:
        """The day on which the n-th working day after `start` falls; negative n counts back; 0 gives `start` itself."""
        if abs(days) > LONGEST_LEAP:
            raise ValueError(f"more than {LONGEST_LEAP} working days")
        step = ONE_DAY if days > 0 else -ONE_DAY
        day, left = start, abs(days)
        while left:
            day += step
            left -= self.is_working_day(day)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative when `end` lies before `start`."""
        if end < start:
            return -self.working_days_between(end, start)
        total = (end - start).days
        weeks, rest = divmod(total, 7)
        count = weeks * 5 + sum((start + timedelta(days=weeks * 7 + i)).weekday() < 5 for i in range(1, rest + 1))
        special = sorted(day for day in self.kinds if start < day <= end)
        return count + sum(self.is_working_day(day) - (day.weekday() < 5) for day in special)


def is_working_day(day: date) -> bool:
    return Calendar().is_working_day(day)


def add_working_days(start: date, days: int) -> date:
    """See `Calendar.add_working_days`; reads the special days once."""
    return Calendar().add_working_days(start, days)


def working_days_between(start: date, end: date) -> int:
    """See `Calendar.working_days_between`; reads the special days once."""
    return Calendar().working_days_between(start, end)


def missing_years(today: date | None = None) -> list[int]:
    """Years whose arrangement is needed and missing: this year, and from December on the next one."""
    day = today or timezone.localdate()
    known = sorted(Calendar().known_years)
    wanted = [day.year, day.year + 1] if day.month == 12 else [day.year]
    return [year for year in wanted if not known or known[bisect_right(known, year) - 1] != year]
