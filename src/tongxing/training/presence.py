"""When people were at which session, for the look at who was in two places at one time. Bulk, one query."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time
from itertools import combinations
from typing import NamedTuple

from .models import Attendance
from .models.attendance import EARNING


class Presence(NamedTuple):
    """One session that a person attended."""

    person_id: int
    name: str
    class_id: int
    title: str
    on: date
    begins: time
    ends: time

    def __str__(self) -> str:
        return f"{self.title} {self.on} {self.begins:%H:%M}–{self.ends:%H:%M}"


FIELDS = ("enrolment__person_id", "enrolment__person__name", "session__training_class_id", "session__training_class__title")
TIMES = ("session__on", "session__begins", "session__ends")


def presences(people: Iterable[int], *, days: Iterable[date] | None = None) -> dict[int, list[Presence]]:
    """Person id → the sessions attended, in the order of time; on certain days where asked."""
    rows = Attendance.objects.filter(state__in=EARNING, enrolment__person_id__in=set(people))
    if days is not None:
        rows = rows.filter(session__on__in=set(days))
    found: dict[int, list[Presence]] = defaultdict(list)
    for values in rows.order_by("session__on", "session__begins", "pk").values_list(*FIELDS, *TIMES):
        found[values[0]].append(Presence(*values))
    return dict(found)


def doubled(attended: Sequence[Presence]) -> Iterator[tuple[Presence, Presence]]:
    """Pairs of sessions of two classes that one person attended at one time."""
    by_day: dict[date, list[Presence]] = defaultdict(list)
    for one in attended:
        by_day[one.on].append(one)
    for together in by_day.values():
        yield from (
            (first, second)
            for first, second in combinations(together, 2)
            if first.class_id != second.class_id and first.ends > second.begins and second.ends > first.begins
        )
