"""Who covers what on a day: postings, assignments and duty areas of coordinators that are active on it (design §4.7).

The sets are uncorrelated subqueries, so that a count over a million units is one grouped query; the `Exists` forms are for lists of units.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.db.models import Count, Exists, F, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from tongxing.certificates.models import Certificate
from tongxing.registry.models import Assignment, DutyArea, Organisation, PastSize, Posting, StatusPeriod
from tongxing.registry.models.coordinators import CoordinatorStatus, holds_on
from tongxing.registry.whereabouts import placed_on

from .models import Target, Way
from .reach import Reach

HELD: dict[str, type[Posting | Assignment]] = {Way.POSTING: Posting, Way.ASSIGNMENT: Assignment}


def holding(model: type[Any], day: date, certified: bool = False) -> QuerySet[Any]:
    """Rows of `model` (posting, assignment, duty area) that hold on `day`, of coordinators active (and certified) on it."""
    active = StatusPeriod.objects.filter(holds_on(day), coordinator_id=OuterRef("coordinator_id"), status=CoordinatorStatus.ACTIVE)
    rows: Any = model.objects.filter(holds_on(day)).filter(Exists(active))
    if certified:
        rows = rows.filter(Exists(certificate_of(day, "coordinator__person_id")))
    return cast("QuerySet[Any]", rows.order_by())


def certificate_of(day: date, person: str) -> QuerySet[Certificate]:
    """The valid certificates of the person whom the outer query names by `person`."""
    return Certificate.objects.valid_on(day).filter(person_id=OuterRef(person))


def size_on(day: date, prefix: str = "") -> Any:
    """The size class of an organisation on a day: the past one that held then, else today's."""
    if day >= timezone.localdate():
        return F(f"{prefix}size")
    held = PastSize.objects.filter(Q(since=None) | Q(since__lte=day), until__gte=day, organisation_id=OuterRef(f"{prefix}pk"))
    return Coalesce(Subquery(held.order_by("until").values("size")[:1]), F(f"{prefix}size"))


def at_least(rows: QuerySet[Any], field: str, minimum: int) -> QuerySet[Any]:
    """The values of `field` that stand with at least `minimum` coordinators."""
    found: Any = rows.values(field)
    if minimum > 1:
        found = found.annotate(people=Count("coordinator_id", distinct=True)).filter(people__gte=minimum).values(field)
    return cast("QuerySet[Any]", found)


def units_of(target: Target, day: date, reach: Reach) -> QuerySet[Any]:
    """The organisations that `target` counts on `day`: of its kinds and sizes, operating on that day, in reach on that day.

    Each carries `area_on`, the area it belonged to then.
    """
    rows: QuerySet[Any] = placed_on(Organisation.objects.operating_on(day).filter(kind__in=target.kind_list).order_by(), day, reach.q)
    return rows.alias(size_then=size_on(day)).filter(size_then__in=target.size_list) if target.size_list else rows


@dataclass(frozen=True)
class Cover:
    """Keys (organisations or areas) that have as many coordinators as asked, and those that have as many certified ones."""

    covered: frozenset[int] = frozenset()
    certified: frozenset[int] = frozenset()

    def __or__(self, other: "Cover") -> "Cover":
        return Cover(self.covered | other.covered, self.certified | other.certified)


Holders = Mapping[int, tuple[int, int]]


def holders(rows: QuerySet[Any], field: str, day: date) -> Holders:
    """How many coordinators of these holding rows stand with each value of `field`, and how many of them are certified."""
    certified = Count("coordinator_id", distinct=True, filter=Exists(certificate_of(day, "coordinator__person_id")))
    counted: Any = rows.values_list(field).annotate(people=Count("coordinator_id", distinct=True), certified=certified)
    return {key: (people, sure) for key, people, sure in counted}


def covered_by(found: Holders, minimum: int) -> Cover:
    """Who of the held has at least `minimum` coordinators."""
    return Cover(
        frozenset(key for key, (people, _) in found.items() if people >= minimum),
        frozenset(key for key, (_, certified) in found.items() if certified >= minimum),
    )


def duty_holders(day: date, reach: Reach) -> Holders:
    """How many coordinators have an area as their duty area on the day, and how many of them are certified."""
    return holders(holding(DutyArea, day).filter(reach.q("area_id")), "area_id", day)


def exists_q(target: Target, day: date, minimum: int, certified: bool = False) -> Q:
    """The same rule seen from one organisation of `units_of`: for lists, where the page asks for a few rows only."""
    query = Q(pk__in=[])
    for way in target.way_list:
        model: type[Model] = HELD.get(way, DutyArea)
        inner, outer = ("organisation_id", "pk") if way in HELD else ("area_id", "area_on")
        rows = at_least(holding(model, day, certified).filter(**{inner: OuterRef(outer)}), inner, minimum)
        query |= Q(Exists(rows))
    return query
