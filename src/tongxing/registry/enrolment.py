"""Acts on a coordinator's enrolment (劳动关系协调员, notice:1.1, 3.4.1): into the register, through its states, and out.

The moves stand in `models.coordinators.MOVES`. A day given as `on` is the first day of the new state.
Postings and duty areas: `postings.py`.
"""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from tongxing.areas import ledger
from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused

from .hosting import follow_host, leaves_of, lock
from .identity import turns_sixteen
from .models import Coordinator, Organisation, Person, Posting
from .models.coordinators import MOVES, CoordinatorStatus, Move
from .pasts import ALWAYS, ENGAGEMENT, day_of_change
from .periods import begin, check_day
from .postings import add_posting, check_host, end_duty_area, end_posting, give_duty_area, transfer
from .rules_people import can_edit_at
from .search import index_people

__all__ = [
    "activate",
    "add_posting",
    "end_duty_area",
    "end_posting",
    "enrol",
    "give_duty_area",
    "leave",
    "rejoin",
    "resume",
    "suspend",
    "transfer",
    "update_coordinator",
]


@transaction.atomic
def enrol(
    person: Person,
    organisation: Organisation,
    *,
    by: Actor,
    on: date | None = None,
    post: str = "",
    full_time: bool = False,
    status: str = CoordinatorStatus.ACTIVE,
    remark: str = "",
) -> Coordinator:
    """Enter a person as coordinator at an organisation from `on`: as candidate, or at once in the register."""
    on = on or timezone.localdate()
    insist(can_edit_at(by, person.area_id, organisation.area_id))
    _check_person(person, on)
    check_host(organisation, on)
    if status not in {CoordinatorStatus.CANDIDATE, CoordinatorStatus.ACTIVE}:
        raise Refused("新登记只能是“候选”或“在册”。", code="bad_status")
    coordinator = Coordinator.objects.create(
        person=person,
        status=status,
        full_time=full_time,
        host_kind=organisation.kind,
        area_id=organisation.area_id,
        enrolled_on=on,
        remark=remark,
    )
    begin(coordinator, status, on=on, reason="登记")
    Posting.objects.create(coordinator=coordinator, organisation=organisation, post=post, since=on, is_primary=True)
    follow_host(coordinator)
    record(
        "registry.enrol",
        by=by,
        of=coordinator,
        after={"status": status, "organisation": organisation.name, "post": post, "on": on.isoformat(), "full_time": full_time},
    )
    ledger.touch(leaves_of(coordinator))
    index_people([person.pk])
    return coordinator


def _check_person(person: Person, on: date) -> None:
    check_day(on)
    # Two officers who enrol one person at once: the second waits here and is told so below.
    Person.objects.select_for_update().filter(pk=person.pk).first()
    if person.merged_into_id:
        raise Refused("该记录已并入另一条人员记录，请在保留的那一条上登记。", code="merged")
    if Coordinator.objects.filter(person=person).exists():
        raise Refused(
            f"“{person.name}”已登记为劳动关系协调员，一人只登记一次。需要换单位请办理变动；已退出的请重新登记。", code="already_enrolled"
        )
    if person.born_on and on < turns_sixteen(person.born_on):
        raise Refused(f"“{person.name}”在 {on:%Y-%m-%d} 未满 16 周岁，不能登记（劳动法第十五条）。请核对出生日期。", code="too_young")


def activate(coordinator: Coordinator, *, by: Actor, on: date | None = None, reason: str = "") -> Coordinator:
    """Candidate → in the register."""
    return _move("activate", coordinator, by=by, on=on, reason=reason)


def suspend(coordinator: Coordinator, *, by: Actor, reason: str, on: date | None = None) -> Coordinator:
    """In the register → suspended; counts for no coverage meanwhile, keeps its postings."""
    return _move("suspend", coordinator, by=by, on=on, reason=_given(reason))


def resume(coordinator: Coordinator, *, by: Actor, on: date | None = None, reason: str = "") -> Coordinator:
    """Suspended → in the register."""
    return _move("resume", coordinator, by=by, on=on, reason=reason)


@transaction.atomic
def leave(coordinator: Coordinator, *, by: Actor, reason: str, on: date | None = None) -> Coordinator:
    """Out of the register from `on`; postings, duty areas and assignments end on that day, so the gaps open again (notice:2.1–2.4)."""
    on = on or timezone.localdate()
    reason = _given(reason)
    lock(coordinator)
    touched = leaves_of(coordinator)
    for held in (coordinator.postings, coordinator.duty_areas, coordinator.assignments):
        later = held.filter(until=None, since__gt=on).order_by("-since").first()
        if later:
            raise Refused(
                f"退出日期 {on:%Y-%m-%d} 早于一项 {later.since:%Y-%m-%d} 开始的任职、片区或包联。请改用该日或之后的日期。",
                code="before_posting",
            )
        held.filter(until=None).update(until=on, reason=reason)
    moved = _move("leave", coordinator, by=by, on=on, reason=reason)
    ledger.touch(touched)
    return moved


@transaction.atomic
def rejoin(
    coordinator: Coordinator, organisation: Organisation, *, by: Actor, on: date | None = None, post: str = "", reason: str = ""
) -> Coordinator:
    """Back into the register with a new posting from `on`."""
    on = on or timezone.localdate()
    moved = _move("rejoin", coordinator, by=by, on=on, reason=reason)
    add_posting(moved, organisation, by=by, since=on, post=post, is_primary=True)
    return moved


@transaction.atomic
def update_coordinator(
    coordinator: Coordinator, *, by: Actor, version: int, full_time: bool, remark: str, since: date | None = None
) -> Coordinator:
    """Change full-time or part-time, as of a day (today; ALWAYS: it was registered wrongly), and the remark."""
    coordinator = _locked(coordinator)
    insist(can_edit_at(by, coordinator.area_id))
    if coordinator.version != version:
        now = f"现为{'专职' if coordinator.full_time else '兼职'}、备注“{coordinator.remark}”"
        wanted = f"您填写{'专职' if full_time else '兼职'}、备注“{remark}”"
        raise Refused(
            f"您打开表单之后，别人修改过这条记录，所以没有保存。{now}；{wanted}。请刷新后核对，再保存一次。", code="edit_conflict"
        )
    before = {"full_time": coordinator.full_time, "remark": coordinator.remark}
    after: dict[str, Any] = {"full_time": full_time, "remark": remark}
    if before != after:
        if full_time != coordinator.full_time:
            since = day_of_change(since)
            ENGAGEMENT.note([(coordinator.pk, coordinator.full_time)], since=since)
            after["since"] = None if since == ALWAYS else since.isoformat()
        coordinator.full_time, coordinator.remark = full_time, remark
        _save(coordinator, "full_time", "remark")
        record("registry.update_coordinator", by=by, of=coordinator, before=before, after=after)
        ledger.touch(leaves_of(coordinator))
    return coordinator


def _given(reason: str) -> str:
    if not reason.strip():
        raise Refused("请写明原因，便于以后核查。", code="reason_missing")
    return reason.strip()


def move_named(act: str) -> Move:
    return next(move for move in MOVES if move.act == act)


def _locked(coordinator: Coordinator) -> Coordinator:
    return Coordinator.objects.select_for_update(of=("self",)).select_related("person").get(pk=coordinator.pk)


def _save(coordinator: Coordinator, *fields: str) -> None:
    coordinator.version += 1
    coordinator.updated_at = timezone.now()
    coordinator.save(update_fields=[*fields, "version", "updated_at"])


@transaction.atomic
def _move(act: str, coordinator: Coordinator, *, by: Actor, on: date | None, reason: str) -> Coordinator:
    move, on = move_named(act), on or timezone.localdate()
    coordinator = _locked(coordinator)
    insist(can_edit_at(by, coordinator.area_id))
    check_day(on)
    if coordinator.status not in move.sources:
        raise Refused(
            f"“{coordinator}”现在是“{coordinator.get_status_display()}”，不能办理“{move.label}”。请刷新页面查看可办的事项。",
            code="bad_move",
            clause="notice:3.4.2",
        )
    before = coordinator.status
    begin(coordinator, move.target, on=on, reason=reason)
    coordinator.status = move.target
    _save(coordinator, "status")
    follow_host(coordinator)
    record(
        f"registry.{act}",
        by=by,
        of=coordinator,
        before={"status": before},
        after={"status": move.target, "on": on.isoformat()},
        reason=reason,
    )
    ledger.touch(leaves_of(coordinator))
    index_people([coordinator.person_id])
    return coordinator
