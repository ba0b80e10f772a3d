"""Suspending a body (暂停评价) and lifting it: the decision is made above, here it takes effect (notice:3.1.4, facts §2: 属地监管)."""

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.registry.models import Organisation

from .models import AssessmentBatch, Suspension
from .rules import can_suspend, insist

WAITING = ("planned", "announced", "closed", "fixed")


def suspended_on(organisation_id: int, level: int | None, day: date) -> list[Suspension]:
    """The suspensions of a body that hold on a day, for one level or (None) for any; one query."""
    rows = Suspension.objects.filter(Q(until=None) | Q(until__gte=day), organisation=organisation_id, since__lte=day)
    rows = rows.filter(Q(lifted_on=None) | Q(lifted_on__gt=day))
    if level is not None:
        rows = rows.filter(Q(level=None) | Q(level=level))
    return list(rows.select_related("organisation"))


def batches_within(organisation: Organisation, level: int | None, since: date, until: date | None) -> list[str]:
    """Codes of batches that wait for an examination on a day of the suspension: they cannot be held then."""
    rows = AssessmentBatch.objects.filter(filing__organisation=organisation, exam_on__gte=since, state__in=WAITING)
    rows = rows.filter(exam_on__lte=until) if until else rows
    rows = rows.filter(level=level) if level else rows
    return [str(code) for code in rows.order_by("exam_on").values_list("code", flat=True)]


@transaction.atomic
def suspend(
    organisation: Organisation, *, by: Actor, since: date, document: str, level: int | None = None, until: date | None = None
) -> Suspension:
    """From `since` on the body plans, announces and holds no batch, until the day named or until it is lifted."""
    insist(can_suspend(by, organisation.area_id))
    if until and until < since:
        raise Refused("截止日期早于开始日期，请核对。", code="bad_day")
    if not document.strip():
        raise Refused("请填写暂停评价的决定文书，机构会看到依据。", code="document_missing")
    row = Suspension.objects.create(
        organisation=organisation,
        level=level,
        since=since,
        until=until,
        document=document.strip()[:120],
        recorded_by=by.display_name[:60],
    )
    after = {"level": level, "since": since.isoformat(), "until": until and until.isoformat(), "document": row.document}
    record("evaluation.suspend", by=by, of=organisation, after=after | {"batches": batches_within(organisation, level, since, until)})
    return row


@transaction.atomic
def lift_suspension(suspension: Suspension, *, by: Actor, reason: str) -> Suspension:
    """From today on the body may evaluate again."""
    row: Suspension = Suspension.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=suspension.pk)
    insist(can_suspend(by, row.organisation.area_id))
    today = timezone.localdate()
    if row.lifted_on or (row.until and row.until < today):
        raise Refused("这次暂停已经解除或期满。请刷新页面。", code="already_ended")
    if not reason.strip():
        raise Refused("请写明解除的原因，例如整改已复查合格。", code="reason_missing")
    row.lifted_on, row.lifted_reason = max(today, row.since), reason.strip()[:200]
    row.save(update_fields=["lifted_on", "lifted_reason"])
    after = {"level": row.level, "lifted_on": row.lifted_on.isoformat()}
    record("evaluation.lift_suspension", by=by, of=row.organisation, after=after, reason=reason)
    return row
