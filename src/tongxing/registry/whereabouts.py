"""Where organisations belonged on a day (design §4.7: exact on any day): the present area, or a PastArea that holds on it."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from .models import PastArea

ONE_DAY = timedelta(days=1)
ALWAYS = date.min
"""As the day of a move: the record was wrong, the organisation has always been at the new place."""


def held_on(day: date) -> QuerySet[PastArea]:
    """Past places that hold on a day; none from today on."""
    if day >= timezone.localdate():
        return PastArea.objects.none()
    return PastArea.objects.filter(Q(since=None) | Q(since__lte=day), until__gte=day).order_by()


def placed_on(rows: Any, day: date, inside: Any, prefix: str = "") -> Any:
    """`rows` with `area_on`, the area code that their organisation had on `day`, narrowed to areas for which `inside(field)` gives the condition.

    `prefix` leads from the rows to the organisation ("organisation__"). While nobody has moved since, it is the plain column with its index.
    """
    area, key = f"{prefix}area_id", f"{prefix}pk"
    held = held_on(day)
    if not held.exists():
        return rows.filter(inside(area)).annotate(area_on=F(area))
    here = inside(area) & ~Q(**{f"{key}__in": held.values("organisation_id")})
    there = Q(**{f"{key}__in": held.filter(inside("area_id")).values("organisation_id")})
    then = Subquery(held.filter(organisation=OuterRef(key)).values("area_id")[:1])
    return rows.filter(here | there).annotate(area_on=Coalesce(then, F(area), output_field=BigIntegerField()))


def note_moves(moves: Iterable[tuple[int, int]], *, since: date) -> dict[int, date]:
    """Keep the former area of each (organisation, former area) up to the day before `since`; ALWAYS forgets what was noted before.

    Returns the last day of each row written. A second move on one day leaves the first place out: it never held a whole day.
    """
    former = dict(moves)
    if since == ALWAYS:
        PastArea.objects.filter(organisation_id__in=former).delete()
        return {}
    ends = _ends(former)
    until = since - ONE_DAY
    rows = [
        PastArea(organisation_id=pk, area_id=area, since=ends[pk] + ONE_DAY if pk in ends else None, until=until)
        for pk, area in former.items()
        if pk not in ends or ends[pk] < until
    ]
    PastArea.objects.bulk_create(rows, batch_size=500)
    _cut(former, since)
    return {row.organisation_id: until for row in rows}


def _ends(former: dict[int, int]) -> dict[int, date]:
    """The last day noted for each of these organisations."""
    found: dict[int, date] = {}
    for chunk in _chunks(sorted(former)):
        rows = PastArea.objects.filter(organisation_id__in=chunk).order_by("until")
        found |= dict(rows.values_list("organisation_id", "until"))
    return found


def _cut(former: dict[int, int], since: date) -> None:
    """A move dated back before an earlier one takes the days from then on."""
    for chunk in _chunks(sorted(former)):
        rows = PastArea.objects.filter(organisation_id__in=chunk)
        rows.filter(since__gte=since).delete()
        rows.filter(until__gte=since).update(until=since - ONE_DAY)


def forget_move(organisation_id: int, until: date | str) -> None:
    """Take back what `note_moves` wrote."""
    PastArea.objects.filter(organisation_id=organisation_id, until=until).delete()


def _chunks(items: Sequence[int], size: int = 1_000) -> Iterable[Sequence[int]]:
    return (items[start : start + size] for start in range(0, len(items), size))
