"""Acts on where a coordinator works: postings (任职) and duty areas (责任片区, notice:2.3). `since` and `until` both count."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tongxing.areas import ledger
from tongxing.areas.models import Area
from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused

from .ending import end_held
from .hosting import follow_host, leaves_of, lock, main_posting
from .models import Coordinator, DutyArea, Organisation, Posting
from .models.coordinators import CoordinatorStatus
from .periods import check_day
from .rules_people import can_edit_at
from .search import index_people


def check_host(organisation: Organisation, on: date) -> None:
    """An organisation that was merged or has ended takes no new posting."""
    if organisation.merged_into_id:
        raise Refused(f"“{organisation}”已并入另一条单位记录，请选保留的那一条。", code="organisation_merged")
    if organisation.ended_on and organisation.ended_on <= on:
        raise Refused(
            f"“{organisation}”已于 {organisation.ended_on:%Y-%m-%d} 终止，不能新增任职。请核对单位或日期。", code="organisation_ended"
        )


def _check_standing(coordinator: Coordinator, since: date, by: Actor, *areas: int) -> None:
    lock(coordinator)
    insist(can_edit_at(by, coordinator.area_id, *areas))
    check_day(since)
    if since < coordinator.enrolled_on:
        raise Refused(
            f"开始日期 {since:%Y-%m-%d} 早于登记日期 {coordinator.enrolled_on:%Y-%m-%d}。请改用登记之后的日期。", code="before_enrolment"
        )
    if coordinator.status == CoordinatorStatus.LEFT:
        raise Refused(f"“{coordinator}”已退出，不能再增加任职或片区。请先办理重新登记。", code="left")


def _refuse_overlap(held: Any, since: date, what: str) -> None:
    """`held` are the rows of the same coordinator and the same place."""
    row = held.filter(Q(until=None) | Q(until__gte=since)).order_by("since").first()
    if row:
        until = f"{row.until:%Y-%m-%d}" if row.until else "今"
        raise Refused(f"{what}已有 {row.since:%Y-%m-%d} 至{until}的记录，时间会重叠。请改用之后的日期，或先结束原记录。", code="overlap")


@transaction.atomic
def add_posting(
    coordinator: Coordinator,
    organisation: Organisation,
    *,
    by: Actor,
    since: date | None = None,
    post: str = "",
    is_primary: bool = False,
    reason: str = "",
) -> Posting:
    """One more organisation for a coordinator; as main posting it takes the place of the main one before."""
    since = since or timezone.localdate()
    _check_standing(coordinator, since, by, organisation.area_id)
    check_host(organisation, since)
    _refuse_overlap(coordinator.postings.filter(organisation=organisation), since, f"在“{organisation}”")
    posting = _post(
        coordinator, organisation, since=since, post=post, is_primary=is_primary or main_posting(coordinator) is None, reason=reason
    )
    record(
        "registry.add_posting",
        by=by,
        of=coordinator,
        after={"organisation": organisation.name, "post": post, "since": since.isoformat(), "is_primary": posting.is_primary},
        reason=reason,
    )
    _settle(coordinator, set())
    return posting


def _post(coordinator: Coordinator, organisation: Organisation, *, since: date, post: str, is_primary: bool, reason: str) -> Posting:
    if is_primary:
        coordinator.postings.filter(until=None, is_primary=True).update(is_primary=False)
    return Posting.objects.create(
        coordinator=coordinator, organisation=organisation, since=since, post=post, is_primary=is_primary, reason=reason
    )


def _settle(coordinator: Coordinator, touched: set[int]) -> None:
    """After any change of place: host kind, area, figures, search."""
    touched |= leaves_of(coordinator)
    follow_host(coordinator)
    ledger.touch(touched | leaves_of(coordinator))
    index_people([coordinator.person_id])


@transaction.atomic
def end_posting(posting: Posting, *, by: Actor, on: date | None = None, reason: str = "") -> Posting:
    """The last day of a posting; when it was the main one, the latest of the others becomes main."""
    place = {"organisation": posting.organisation.name}
    touched = end_held(posting, by=by, on=on, reason=reason, act="registry.end_posting", place=place)
    _settle(posting.coordinator, touched)
    return posting


@transaction.atomic
def transfer(
    coordinator: Coordinator,
    organisation: Organisation,
    *,
    by: Actor,
    on: date | None = None,
    post: str = "",
    reason: str = "",
    seen: int | None = None,
) -> Posting:
    """From the main posting to another organisation: the old one ends the day before `on`, the new one begins on it.

    `seen` is the main posting (its id, 0 for none) that stood on the page the officer decided by; another one by now is an edit conflict.
    """
    on = on or timezone.localdate()
    _check_standing(coordinator, on, by, organisation.area_id)
    check_host(organisation, on)
    old = main_posting(coordinator)
    if seen is not None and seen != (old.pk if old else 0):
        raise Refused(_moved_on(coordinator, old), code="edit_conflict")
    if old and old.organisation_id == organisation.pk:
        raise Refused(f"“{coordinator}”现在就在“{organisation}”任职，无需调动。请核对要调入的单位。", code="same_organisation")
    if old and on < old.since:
        raise Refused(f"调动日期 {on:%Y-%m-%d} 早于原任职开始日 {old.since:%Y-%m-%d}。请核对日期。", code="ends_before_start")
    touched = leaves_of(coordinator)
    _refuse_overlap(coordinator.postings.filter(organisation=organisation), on, f"在“{organisation}”")
    if old:
        old.until = max(on - timedelta(days=1), old.since)
        old.save(update_fields=["until"])
    posting = _post(coordinator, organisation, since=on, post=post, is_primary=True, reason=reason)
    record(
        "registry.transfer",
        by=by,
        of=coordinator,
        before={"organisation": old.organisation.name if old else None},
        after={"organisation": organisation.name, "post": post, "on": on.isoformat()},
        reason=reason,
    )
    _settle(coordinator, touched)
    return posting


def _moved_on(coordinator: Coordinator, now: Posting | None) -> str:
    present = f"现在的主要任职是“{now.organisation}”（自 {now.since:%Y-%m-%d}）" if now else "现在没有任职"
    return f"您打开表单之后，别人变动过“{coordinator}”的任职，所以没有办理调动。{present}。请回到人员页面核对，再办理一次。"


@transaction.atomic
def give_duty_area(coordinator: Coordinator, area: Area, *, by: Actor, since: date | None = None, reason: str = "") -> DutyArea:
    """Make a coordinator responsible for a street, town, township or park (notice:2.3)."""
    since = since or timezone.localdate()
    _check_standing(coordinator, since, by, area.code)
    if not area.is_leaf:
        raise Refused(f"责任片区只能是街道、乡镇或园区，“{area}”不是。请选到最末一级。", code="not_a_leaf", clause="notice:2.3")
    _refuse_overlap(coordinator.duty_areas.filter(area=area), since, f"对“{area}”")
    duty = DutyArea.objects.create(coordinator=coordinator, area=area, since=since, reason=reason)
    record("registry.give_duty_area", by=by, of=coordinator, after={"area": area.name, "since": since.isoformat()}, reason=reason)
    _settle(coordinator, set())
    return duty


@transaction.atomic
def end_duty_area(duty: DutyArea, *, by: Actor, on: date | None = None, reason: str = "") -> DutyArea:
    """The last day of a duty area."""
    touched = end_held(duty, by=by, on=on, reason=reason, act="registry.end_duty_area", place={"area": duty.area.name})
    _settle(duty.coordinator, touched)
    return duty
