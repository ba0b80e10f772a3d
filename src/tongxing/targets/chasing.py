"""Acts on the gap work list (notice:4.1: tasks with owners, deadlines and follow-up). Bulk acts write one audit entry."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.notices import inbox, outbox

from .models import Contact, Gap, GapState
from .rules import can_chase

NOTHING = "没有选中还开着的缺口，什么都没有改。请先在列表中勾选。"


class Reminded(NamedTuple):
    """What one press on 催办 did."""

    gaps: int
    owners: int
    without_owner: int


def _locked(gaps: Iterable[int], by: Actor) -> list[Gap]:
    """The open gaps among these ids, locked; refuses when none is left or one lies outside the actor's scope."""
    rows = list(Gap.objects.select_for_update(of=("self",)).standing().filter(pk__in=list(gaps)).order_by("id"))
    if not rows:
        raise Refused(NOTHING, code="nothing_selected", status=422)
    insist(can_chase(by, *{gap.area_code for gap in rows}), clause="notice:4.1")
    return rows


def _record(act: str, gaps: list[Gap], field: str, before: dict[int, Any], after: Any, *, by: Actor, reason: str = "") -> None:
    one = gaps[0] if len(gaps) == 1 else None
    record(
        act,
        by=by,
        of=one,
        object_type="targets.gap",
        object_id=one.pk if one else f"{len(gaps)} 条",
        label=one.unit_name if one else f"{len(gaps)} 个缺口",
        area_code=gaps[0].area_code if one else None,
        before={field: {str(gap.pk): before[gap.pk] for gap in gaps}},
        after={field: after},
        reason=reason,
    )


def _check_day(day: date, what: str) -> None:
    if day < timezone.localdate():
        raise Refused(f"{what}不能早于今天，请改选今天或以后的日期。", code="past_day", status=422)


@transaction.atomic
def assign_owner(gaps: Iterable[int], owner: User, *, by: Actor, due_on: date | None = None) -> int:
    """Give gaps to one owner (who must be allowed to chase there), with a due day if given; the owner is told once. Returns how many."""
    rows = _locked(gaps, by)
    if not all(owner.may_at("targets.chase", code) for code in {gap.area_code for gap in rows}):
        raise Refused(f"{owner.name} 不负责其中一些区划的缺口，没有分派。请换一位，或先给其授权。", code="owner_out_of_scope")
    if due_on:
        _check_day(due_on, "期限")
    before = {gap.pk: gap.owner_id for gap in rows}
    for gap in rows:
        gap.owner, gap.state, gap.version = owner, GapState.CHASED, gap.version + 1
        gap.due_on = due_on or gap.due_on
    Gap.objects.bulk_update(rows, ["owner", "state", "due_on", "version"], batch_size=500)
    _record("targets.assign_owner", rows, "owner", before, owner.pk, by=by)
    title = f"分派给您 {len(rows)} 个缺口" if len(rows) > 1 else f"分派给您的缺口：{rows[0].unit_name}"
    nearest = min((gap.due_on for gap in rows if gap.due_on), default=None)
    inbox.tell([owner], title=title, body=_names(rows), url=_address(rows), due_on=nearest)
    return len(rows)


def _names(gaps: list[Gap], most: int = 10) -> str:
    names = "、".join(gap.unit_name for gap in gaps[:most])
    return names if len(gaps) <= most else f"{names} 等 {len(gaps)} 个"


def _address(gaps: list[Gap]) -> str:
    return reverse("targets:gap", args=[gaps[0].pk]) if len(gaps) == 1 else f"{reverse('targets:gaps')}?mine=1"


@transaction.atomic
def set_due(gaps: Iterable[int], due_on: date, *, by: Actor, reason: str = "") -> int:
    """Set another due day; an escalation that was reached starts anew. Returns how many."""
    rows = _locked(gaps, by)
    _check_day(due_on, "期限")
    before = {gap.pk: str(gap.due_on) if gap.due_on else None for gap in rows}
    for gap in rows:
        gap.due_on, gap.escalated_level, gap.version = due_on, 0, gap.version + 1
    Gap.objects.bulk_update(rows, ["due_on", "escalated_level", "version"], batch_size=500)
    _record("targets.set_due", rows, "due_on", before, str(due_on), by=by, reason=reason)
    return len(rows)


@transaction.atomic
def record_contact(
    gap: Gap,
    *,
    means: str,
    result: str,
    by: Actor,
    with_whom: str = "",
    happened_on: date | None = None,
    next_step: str = "",
    next_step_on: date | None = None,
) -> Contact:
    """Write down a contact with the unit, and what comes next."""
    held = _locked([gap.pk], by)[0]
    day = happened_on or timezone.localdate()
    if day > timezone.localdate():
        raise Refused("联系日期不能晚于今天，请核对。", code="future_day", status=422)
    contact = Contact.objects.create(gap=held, happened_on=day, means=means, with_whom=with_whom, result=result, by=by.display_name[:60])
    held.last_contact_on = max(held.last_contact_on or day, day)
    held.state, held.version = GapState.CHASED, held.version + 1
    if next_step:
        held.next_step, held.next_step_on = next_step, next_step_on
    held.save(update_fields=["last_contact_on", "state", "next_step", "next_step_on", "version"])
    record("targets.record_contact", by=by, of=held, after={"means": means, "on": str(day), "result": result, "next_step": next_step})
    return contact


@transaction.atomic
def plan_next_step(gap: Gap, *, next_step: str, next_step_on: date | None, note: str, version: int, by: Actor) -> Gap:
    """Set the next step and the note; refuses when somebody else changed the gap since `version` was read."""
    held = _locked([gap.pk], by)[0]
    if held.version != version:
        raise Refused(
            f"这个缺口刚被别人改过（现在的下一步是“{held.next_step or '未填'}”，您填的是“{next_step}”）。请刷新后再改。", code="moved_on"
        )
    before = {"next_step": held.next_step, "note": held.note}
    held.next_step, held.next_step_on, held.note, held.version = next_step, next_step_on, note, held.version + 1
    held.save(update_fields=["next_step", "next_step_on", "note", "version"])
    record("targets.plan_next_step", by=by, of=held, before=before, after={"next_step": next_step, "note": note})
    return held


@transaction.atomic
def remind(gaps: Iterable[int], *, by: Actor) -> Reminded:
    """Send each owner one notice (and one letter where an address is known) about the chosen gaps."""
    rows = _locked(gaps, by)
    by_owner: dict[int, list[Gap]] = defaultdict(list)
    for gap in rows:
        if gap.owner_id is not None:
            by_owner[gap.owner_id].append(gap)
    owners = User.objects.in_bulk(list(by_owner))
    for pk, theirs in by_owner.items():
        title = f"催办：{len(theirs)} 个缺口等您处理" if len(theirs) > 1 else f"催办：{theirs[0].unit_name}"
        inbox.tell([owners[pk]], title=title, body=_names(theirs), url=_address(theirs), kind="warning")
        if owners[pk].email:
            outbox.queue(owners[pk].email, title, _names(theirs), by=by)
    reminded = [gap for theirs in by_owner.values() for gap in theirs]
    Gap.objects.filter(pk__in=[gap.pk for gap in reminded]).update(reminded_at=timezone.now())
    result = Reminded(len(reminded), len(by_owner), len(rows) - len(reminded))
    if reminded:
        _record("targets.remind", reminded, "reminded", dict.fromkeys(gap.pk for gap in reminded), len(by_owner), by=by)
    return result
