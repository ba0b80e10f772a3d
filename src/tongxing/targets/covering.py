"""Who covers what on a day: postings, assignments and duty areas of coordinators that are active on it (design §4.7).

The sets are uncorrelated subqueries, so that a count over a million units is one grouped query; the `Exists` forms are for lists of units.
"""

from datetime import date
from typing import Any, cast

from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet

from tongxing.certificates.models import Certificate
from tongxing.registry.models import Assignment, DutyArea, Organisation, PastSize, Posting, StatusPeriod
from tongxing.registry.models.coordinators import CoordinatorStatus, holds_on

from .models import Target, Way
from .reach import Reach

HELD: dict[str, type[Posting | Assignment]] = {Way.POSTING: Posting, Way.ASSIGNMENT: Assignment}


def holding(model: type[Any], day: date, certified: bool = False) -> QuerySet[Any]:
    """Rows of `model` (posting, assignment, duty area) that hold on `day`, of coordinators active (and certified) on it."""
    active = StatusPeriod.objects.filter(holds_on(day), coordinator_id=OuterRef("coordinator_id"), status=CoordinatorStatus.ACTIVE)
    rows: Any = model.objects.filter(holds_on(day)).filter(Exists(active))
    if certified:
        rows = rows.filter(Exists(Certificate.objects.valid_on(day).filter(person_id=OuterRef("coordinator__person_id"))))
    return cast("QuerySet[Any]", rows.order_by())


def at_least(rows: QuerySet[Any], field: str, minimum: int) -> QuerySet[Any]:
    """The values of `field` that stand with at least `minimum` coordinators."""
    found: Any = rows.values(field)
    if minimum > 1:
        found = found.annotate(people=Count("coordinator_id", distinct=True)).filter(people__gte=minimum).values(field)
    return cast("QuerySet[Any]", found)


def units_of(target: Target, day: date, reach: Reach, today: date) -> QuerySet[Organisation]:
    """The organisations that `target` counts on `day`: of its kinds and sizes, operating on that day."""
    rows = Organisation.objects.operating_on(day).filter(reach.q("area_id"), kind__in=target.kind_list).order_by()
    if not target.size_list:
        return rows
    if day >= today:
        return rows.filter(size__in=target.size_list)
    held = PastSize.objects.filter(Q(since=None) | Q(since__lte=day), until__gte=day)
    now = Q(size__in=target.size_list) & ~Q(id__in=held.values("organisation_id"))
    return rows.filter(now | Q(id__in=held.filter(size__in=target.size_list).values("organisation_id")))


def covered_ids(target: Target, day: date, reach: Reach, minimum: int, certified: bool = False) -> QuerySet[Any] | None:
    """Ids of organisations covered by a posting or assignment; None when the target knows neither way."""
    sets = [
        at_least(holding(HELD[way], day, certified).filter(reach.q("organisation__area_id")), "organisation_id", minimum)
        for way in target.way_list
        if way in HELD
    ]
    if not sets:
        return None
    return sets[0].union(*sets[1:]) if len(sets) > 1 else sets[0]


def duty_codes(target: Target, day: date, reach: Reach, minimum: int, certified: bool = False) -> set[int]:
    """Areas that are somebody's duty area on the day, when the target counts that way."""
    if Way.DUTY_AREA not in target.way_list:
        return set()
    rows = at_least(holding(DutyArea, day, certified).filter(reach.q("area_id")), "area_id", minimum)
    return set(rows.values_list("area_id", flat=True))


def exists_q(target: Target, day: date, minimum: int, certified: bool = False) -> Q:
    """The same rule seen from one organisation: for lists, where the page asks for a few rows only."""
    query = Q(pk__in=[])
    for way in target.way_list:
        model: type[Model] = HELD.get(way, DutyArea)
        inner, outer = ("organisation_id", "pk") if way in HELD else ("area_id", "area_id")
        rows = at_least(holding(model, day, certified).filter(**{inner: OuterRef(outer)}), inner, minimum)
        query |= Q(Exists(rows))
    return query
