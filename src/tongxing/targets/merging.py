"""Two records of one organisation became one: its gaps and exemptions go on under the record that is kept (settings.ORGANISATION_MERGES).

Frozen reports are never changed; `freezing.later` finds the kept record behind a frozen reference.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.registry.models import Organisation

from .models import Contact, Exemption, ExemptionState, Gap, GapState

UNIT = "organisation"
MERGED = "单位记录已合并"


@transaction.atomic
def follow_merge(keep: Organisation, drop: Organisation, *, by: Actor) -> dict[str, list[int]]:
    """Move gaps and exemptions of `drop` to `keep`; returns the ids that moved.

    Where both have an open gap of one target, that of `keep` goes on with the contacts of both. Where both wait for a decision on an
    exemption, the one of `drop` is sent back. Figures and gaps then follow by themselves, since the merge touches both areas.
    """
    moved = {"gaps": _move_gaps(keep, drop), "exemptions": _move_exemptions(keep, drop)}
    if any(moved.values()):
        counts: dict[str, Any] = {what: len(ids) for what, ids in moved.items()}
        record("targets.follow_merge", by=by, of=keep, before={"organisation_id": drop.pk}, after={"organisation_id": keep.pk, **counts})
    return moved


def _move_gaps(keep: Organisation, drop: Organisation) -> list[int]:
    ours = {gap.target_key: gap for gap in Gap.objects.select_for_update().standing().filter(unit_kind=UNIT, unit_id=keep.pk)}
    theirs = list(Gap.objects.select_for_update().filter(unit_kind=UNIT, unit_id=drop.pk).order_by("pk"))
    for gap in theirs:
        twin = ours.get(gap.target_key) if gap.is_open else None
        if twin:
            Contact.objects.filter(gap=gap).update(gap=twin)
            _take_over(twin, gap)
            gap.closed_on, gap.state, gap.closed_reason = timezone.localdate(), GapState.CLOSED, MERGED
        gap.unit_id, gap.version = keep.pk, gap.version + 1
        if gap.is_open:
            gap.unit_name, gap.area_code = keep.name, keep.area_id
        gap.save(update_fields=["unit_id", "unit_name", "area_code", "closed_on", "state", "closed_reason", "version"])
    return [gap.pk for gap in theirs]


def _take_over(twin: Gap, gap: Gap) -> None:
    """What was agreed on the other record is not lost: owner and next step where ours has none, the later contact, the earlier date."""
    if twin.owner_id is None and gap.owner_id:
        twin.owner_id, twin.state = gap.owner_id, GapState.CHASED
    if not twin.next_step:
        twin.next_step, twin.next_step_on = gap.next_step, gap.next_step_on
    twin.note = twin.note or gap.note
    twin.last_contact_on = max((day for day in (twin.last_contact_on, gap.last_contact_on) if day), default=None)
    twin.due_on = min((day for day in (twin.due_on, gap.due_on) if day), default=None)
    twin.version += 1
    twin.save(update_fields=["owner", "state", "next_step", "next_step_on", "note", "last_contact_on", "due_on", "version"])


def _move_exemptions(keep: Organisation, drop: Organisation) -> list[int]:
    mine = Exemption.objects.filter(unit_kind=UNIT, unit_id=keep.pk, state=ExemptionState.REQUESTED)
    waiting = set(mine.values_list("target_key", flat=True))
    theirs = list(Exemption.objects.select_for_update().filter(unit_kind=UNIT, unit_id=drop.pk).order_by("pk"))
    for row in theirs:
        if row.state == ExemptionState.REQUESTED and row.target_key in waiting:
            row.state, row.decided_at = ExemptionState.REFUSED, timezone.now()
            row.decision_note = f"{MERGED}，另一条记录的申请继续审批。"
        row.unit_id, row.unit_name, row.area_code = keep.pk, keep.name, keep.area_id
        row.save(update_fields=["unit_id", "unit_name", "area_code", "state", "decided_at", "decision_note"])
    return [row.pk for row in theirs]
