"""The year's plan: steps laid backwards from the day the province must have the recommendation, in working days (notice:3.3.2). Pure.

A chain has no gaps: each step begins on the working day after the one before has ended. Laid forwards from today with what is already done,
the same chain says whether the day can still be met.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from tongxing.workdays.calendar import ONE_DAY, Calendar


class Span(NamedTuple):
    """A step from its first to its last working day, both included."""

    key: str
    begins: date
    ends: date


@dataclass(frozen=True)
class Standing:
    """How the chain stands on a day. `slack` counts working days between the end that can be reached and the day due; negative: it no longer fits."""

    planned: tuple[Span, ...]
    expected: tuple[Span, ...]
    late: tuple[str, ...]
    slack: int

    @property
    def fits(self) -> bool:
        return self.slack >= 0


def last_working_day(day: date, calendar: Calendar) -> date:
    """The day itself, or the last working day before it."""
    return day if calendar.is_working_day(day) else calendar.add_working_days(day, -1)


def backwards(days: Sequence[tuple[str, int]], due_on: date, calendar: Calendar) -> tuple[Span, ...]:
    """The latest days on which each step may begin and end. `days`: key and working days of each step, in their order, each at least 1."""
    spans, end = [], last_working_day(due_on, calendar)
    for key, number in reversed(days):
        begins = calendar.add_working_days(end, -(number - 1))
        spans.append(Span(key, begins, end))
        end = calendar.add_working_days(begins, -1)
    return tuple(reversed(spans))


def forwards(days: Iterable[tuple[str, int]], begins: date, calendar: Calendar) -> tuple[Span, ...]:
    """The same chain from a first day on, which is moved to the next working day where it is none."""
    spans, begin = [], calendar.add_working_days(begins - ONE_DAY, 1)
    for key, number in days:
        ends = calendar.add_working_days(begin, number - 1)
        spans.append(Span(key, begin, ends))
        begin = calendar.add_working_days(ends, 1)
    return tuple(spans)


def standing(
    days: Sequence[tuple[str, int]], due_on: date, today: date, done: Mapping[str, date], calendar: Calendar, *, begun: date | None = None
) -> Standing:
    """The plan against the clock: when the chain ends at the earliest if it goes on today, and which steps are late.

    `done` says on which day a step was completed, `begun` on which day the present one began: its days that are over are not counted again,
    though at least one day is left for it. A step is late when its planned last day is over and it is not done.
    """
    planned, last = backwards(days, due_on, calendar), last_working_day(due_on, calendar)
    late = tuple(span.key for span in planned if span.key not in done and span.ends < today)
    left = [(key, number) for key, number in days if key not in done]
    if not left:
        return Standing(planned, (), late, calendar.working_days_between(max(done.values()), last))
    if begun and begun < today:
        used = calendar.working_days_between(begun - ONE_DAY, today - ONE_DAY)
        left[0] = (left[0][0], max(1, left[0][1] - used))
    expected = forwards(left, today, calendar)
    return Standing(planned, expected, late, calendar.working_days_between(expected[-1].ends, last))
