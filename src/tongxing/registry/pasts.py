"""What a record said before it changed: rows of a value with its first and last day, so that past days stay right (design §4.7).

No row: it has always been as it is. Written where a value changes, read as one look-up in the query of the day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from tongxing.core.errors import Refused

from .models import PastArea, PastEducation, PastEngagement

ONE_DAY = timedelta(days=1)
ALWAYS = date.min
"""As the day of a change: the record was wrong, it has always been as it is now."""


@dataclass(frozen=True)
class Pasts:
    """The past values of one column. `owner` and `value` name the columns of `model` that hold whose and what."""

    model: type[Any]
    owner: str
    value: str

    def held_on(self, day: date) -> QuerySet[Any]:
        """Past values that hold on a day; none from today on."""
        rows: QuerySet[Any] = self.model._default_manager.all()
        if day >= timezone.localdate():
            return rows.none()
        return rows.filter(Q(since=None) | Q(since__lte=day), until__gte=day).order_by()

    def on(self, day: date, present: str, key: str) -> Any:
        """The value on a day as an expression: `present` is the column of today, `key` leads to the owner. Nobody changed since: the column."""
        held = self.held_on(day)
        if not held.exists():
            return F(present)
        return Coalesce(Subquery(held.filter(**{self.owner: OuterRef(key)}).values(self.value)[:1]), F(present))

    def note(self, changes: Iterable[tuple[int, Any]], *, since: date) -> dict[int, date]:
        """Keep the former value of each (owner, former value) up to the day before `since`; ALWAYS forgets what was noted before.

        Returns the last day of each row written. A second change on one day leaves the first out: it never held a whole day.
        """
        former = dict(changes)
        if since == ALWAYS:
            for chunk in _chunks(sorted(former)):
                self._of(chunk).delete()
            return {}
        ends = self._ends(former)
        until = since - ONE_DAY
        rows = [
            self.model(**{self.owner: pk, self.value: value}, since=ends[pk] + ONE_DAY if pk in ends else None, until=until)
            for pk, value in former.items()
            if pk not in ends or ends[pk] < until
        ]
        self.model._default_manager.bulk_create(rows, batch_size=500)
        for chunk in _chunks(sorted(former)):
            # A change dated back before an earlier one takes the days from then on.
            self._of(chunk).filter(since__gte=since).delete()
            self._of(chunk).filter(until__gte=since).update(until=until)
        return {getattr(row, self.owner): until for row in rows}

    def forget(self, owner: int, until: date | str) -> None:
        """Take back what `note` wrote."""
        self._of([owner]).filter(until=until).delete()

    def _ends(self, former: dict[int, Any]) -> dict[int, date]:
        """The last day noted for each of these owners."""
        found: dict[int, date] = {}
        for chunk in _chunks(sorted(former)):
            found |= dict(self._of(chunk).order_by("until").values_list(self.owner, "until"))
        return found

    def _of(self, owners: Sequence[int]) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._default_manager.filter(**{f"{self.owner}__in": owners})
        return rows


AREAS = Pasts(PastArea, "organisation_id", "area_id")
EDUCATION = Pasts(PastEducation, "person_id", "education")
ENGAGEMENT = Pasts(PastEngagement, "coordinator_id", "full_time")


def day_of_change(since: date | None) -> date:
    """The day from which a change counts: today unless another was given; not one to come, for the register says how things are."""
    today = timezone.localdate()
    if since and since > today:
        raise Refused(f"{since:%Y-%m-%d} 还没有到，不能先登记那一天的变动。请到那一天再改。", code="day_to_come", status=422)
    return since or today


def make_up_noted_since() -> date | None:
    """From which day on this installation has noted changes of education and of full-time work; before it, the earliest that is known."""
    applied = MigrationRecorder(connections["default"]).migration_qs.filter(app="registry", name="0015_past_make_up")
    moment = applied.values_list("applied", flat=True).first()
    return timezone.localdate(moment) if moment else None


def _chunks(items: Sequence[int], size: int = 1_000) -> Iterable[Sequence[int]]:
    return (items[start : start + size] for start in range(0, len(items), size))
