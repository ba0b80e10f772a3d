"""Acts on conduct records (违法失信记录): the ground on which the yearly selection refuses (notice:A1.2, A2.2)."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused

from .models import ConductRecord, Organisation, Person
from .rules_people import can_edit_at, insist


@transaction.atomic
def add_conduct(
    subject: Person | Organisation,
    *,
    by: Actor,
    kind: str,
    happened_on: date,
    source: str,
    summary: str,
    document: str = "",
    file_id: int | None = None,
) -> ConductRecord:
    """Enter a conduct record of a person or an organisation, with the source that says so."""
    insist(can_edit_at(by, subject.area_id))
    if happened_on > timezone.localdate():
        raise Refused("记录的日期还没有到，请核对文书上的日期。", code="future_day")
    if not source.strip() or not summary.strip():
        raise Refused("违法失信记录必须写明来源和事由，否则不能作为选树的依据。", code="source_missing", clause="notice:A1.2")
    person, organisation = (subject, None) if isinstance(subject, Person) else (None, subject)
    entry = ConductRecord.objects.create(
        person=person,
        organisation=organisation,
        kind=kind,
        happened_on=happened_on,
        source=source.strip(),
        document=document.strip(),
        summary=summary.strip(),
        file_id=file_id,
        recorded_by=by.display_name[:60],
    )
    after = {"kind": entry.get_kind_display(), "happened_on": happened_on.isoformat(), "source": entry.source, "document": entry.document}
    record("registry.add_conduct", by=by, of=subject, after=after)
    return entry


@transaction.atomic
def lift_conduct(entry: ConductRecord, *, by: Actor, on: date | None = None, reason: str) -> ConductRecord:
    """Note that a record was revoked or repaired on a day; it stays readable, the selection looks at the day."""
    on, subject = on or timezone.localdate(), entry.person or entry.organisation
    if subject is not None:
        insist(can_edit_at(by, subject.area_id))
    if entry.lifted_on:
        raise Refused(f"这条记录已于 {entry.lifted_on:%Y-%m-%d} 撤销或修复。请刷新页面。", code="already_lifted")
    if not entry.happened_on <= on <= timezone.localdate():
        raise Refused("撤销或修复日期应在记录日期之后、今天之前。请核对日期。", code="bad_day")
    if not reason.strip():
        raise Refused("请写明撤销或修复的依据（文书号或说明）。", code="reason_missing")
    entry.lifted_on = on
    entry.save(update_fields=["lifted_on"])
    record(
        "registry.lift_conduct",
        by=by,
        of=subject,
        before={"conduct": entry.pk, "lifted_on": None},
        after={"conduct": entry.pk, "lifted_on": on.isoformat()},
        reason=reason,
    )
    return entry
