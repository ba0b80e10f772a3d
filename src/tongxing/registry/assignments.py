"""Acts on assignments (包联): small and micro enterprises in a coordinator's care, and how many each carries (notice:2.4)."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from tongxing.areas import ledger
from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.policy import provisions

from .ending import end_held
from .hosting import lock
from .models import Assignment, Coordinator, Organisation
from .models.coordinators import CoordinatorStatus, holds_on
from .models.organisations import OrganisationKind, Size
from .periods import check_day
from .rules_people import can_edit_at
from .search import index_people

LOAD_LIMIT = "registry.assignment_load_limit"


class Assigned(NamedTuple):
    """What a bulk assignment did: how many now, and why the others not (name, reason)."""

    done: int
    left_out: list[tuple[str, str]]


def why_not(enterprise: Organisation, since: date) -> str:
    """Why this organisation takes no assignment from `since`; empty when it does."""
    if enterprise.kind != OrganisationKind.ENTERPRISE:
        return "不是企业，包联只针对小微企业"
    if enterprise.size not in {Size.SMALL, Size.MICRO}:
        return f"规模为“{enterprise.get_size_display()}”，包联只针对小型、微型企业"
    if enterprise.merged_into_id:
        return "已并入另一条单位记录"
    if enterprise.ended_on and enterprise.ended_on <= since:
        return f"已于 {enterprise.ended_on:%Y-%m-%d} 终止"
    return ""


def _check_carrier(coordinator: Coordinator, since: date) -> None:
    check_day(since)
    if coordinator.status != CoordinatorStatus.ACTIVE:
        raise Refused(
            f"“{coordinator}”现在是“{coordinator.get_status_display()}”，不能包联企业。请先转为在册。",
            code="not_active",
            clause="notice:2.4",
        )


@transaction.atomic
def assign(coordinator: Coordinator, organisation: Organisation, *, by: Actor, since: date | None = None, reason: str = "") -> Assignment:
    """Give one small or micro enterprise into a coordinator's care."""
    since = since or timezone.localdate()
    lock(coordinator)
    insist(can_edit_at(by, coordinator.area_id, organisation.area_id))
    _check_carrier(coordinator, since)
    if reason_against := why_not(organisation, since):
        raise Refused(f"“{organisation}”{reason_against}。请核对企业。", code="not_small", clause="notice:2.4")
    if _carried(coordinator, [organisation.pk], since):
        raise Refused(f"“{coordinator}”已包联“{organisation}”，不必重复。", code="already_assigned")
    assignment = Assignment.objects.create(coordinator=coordinator, organisation=organisation, since=since, reason=reason)
    record(
        "registry.assign",
        by=by,
        of=coordinator,
        after={"organisation": organisation.name, "organisation_id": organisation.pk, "since": since.isoformat()},
        reason=reason,
    )
    _settle(coordinator, [organisation.area_id])
    return assignment


@transaction.atomic
def assign_many(coordinator: Coordinator, organisations: Iterable[Organisation], *, by: Actor, since: date | None = None) -> Assigned:
    """Give many enterprises into care at once: those that cannot be are left out with the reason; one audit entry for all."""
    since = since or timezone.localdate()
    enterprises = list(organisations)
    lock(coordinator)
    insist(can_edit_at(by, coordinator.area_id, *{enterprise.area_id for enterprise in enterprises}))
    _check_carrier(coordinator, since)
    carried = _carried(coordinator, [enterprise.pk for enterprise in enterprises], since)
    taken, left_out = [], []
    for enterprise in enterprises:
        reason = "已由此人包联" if enterprise.pk in carried else why_not(enterprise, since)
        if reason:
            left_out.append((enterprise.name, reason))
        else:
            taken.append(enterprise)
    Assignment.objects.bulk_create(
        [Assignment(coordinator=coordinator, organisation=enterprise, since=since) for enterprise in taken], batch_size=1000
    )
    if taken:
        record(
            "registry.assign_many",
            by=by,
            of=coordinator,
            after={"organisation_ids": [enterprise.pk for enterprise in taken], "since": since.isoformat(), "count": len(taken)},
        )
        _settle(coordinator, {enterprise.area_id for enterprise in taken})
    return Assigned(len(taken), left_out)


def _carried(coordinator: Coordinator, organisations: list[int], since: date) -> set[int]:
    # Compared here and not in SQL: an IN list of a whole township would pass SQLite's limit of variables.
    rows = coordinator.assignments.values_list("organisation_id", "until")
    wanted = set(organisations)
    return {organisation for organisation, until in rows if organisation in wanted and (until is None or until >= since)}


@transaction.atomic
def end_assignment(assignment: Assignment, *, by: Actor, on: date | None = None, reason: str = "") -> Assignment:
    """The last day of an assignment."""
    place = {"organisation": assignment.organisation.name}
    end_held(assignment, by=by, on=on, reason=reason, act="registry.end_assignment", place=place)
    _settle(assignment.coordinator, [assignment.organisation.area_id])
    return assignment


def _settle(coordinator: Coordinator, areas: Iterable[int]) -> None:
    ledger.touch({coordinator.area_id, *areas})
    index_people([coordinator.person_id])


def load_of(coordinators: Iterable[int], on: date | None = None) -> dict[int, int]:
    """Enterprises in the care of each of these coordinators (ids) on a day, in one query; those without any stand with 0."""
    ids = list(coordinators)
    rows = Assignment.objects.filter(holds_on(on or timezone.localdate()), coordinator_id__in=ids)
    counts = dict(rows.order_by().values_list("coordinator_id").annotate(count=Count("organisation_id", distinct=True)))
    return {identifier: counts.get(identifier, 0) for identifier in ids}


def load_limit(on: date | None = None) -> int:
    return int(provisions.value(LOAD_LIMIT, on))


def overload(load: int, limit: int | None = None) -> str:
    """A warning when a load passes the limit of the provision; never a refusal, the limit is a local matter."""
    limit = load_limit() if limit is None else limit
    return f"已包联 {load} 家，超过每人 {limit} 家的上限，请考虑分给其他协调员。" if load > limit else ""
