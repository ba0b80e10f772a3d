"""Suspending a body (暂停评价) and lifting it: the decision is made above, here it takes effect (notice:3.1.4, facts §2: 属地监管)."""

from datetime import date

from django.db import transaction

from tongxing.audit.log import Actor, record
from tongxing.registry.models import Organisation
from tongxing.registry.suspending import ended, entered, locked

from .models import AssessmentBatch, Suspension
from .rules import can_suspend, insist

WAITING = ("planned", "announced", "closed", "fixed")


def suspended_on(organisation_id: int, level: int | None, day: date) -> list[Suspension]:
    """The suspensions of a body that hold on a day, for one level or (None) for any; one query."""
    return list(Suspension.objects.holding(organisation_id, level, day).select_related("organisation"))


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
    row = entered(Suspension, organisation, by=by, since=since, until=until, document=document, what="暂停评价", level=level)
    after = {"level": level, "since": since.isoformat(), "until": until and until.isoformat(), "document": row.document}
    record("evaluation.suspend", by=by, of=organisation, after=after | {"batches": batches_within(organisation, level, since, until)})
    return row


@transaction.atomic
def lift_suspension(suspension: Suspension, *, by: Actor, reason: str) -> Suspension:
    """From today on the body may evaluate again."""
    row = locked(suspension)
    insist(can_suspend(by, row.organisation.area_id))
    row = ended(row, reason)
    after = {"level": row.level, "lifted_on": row.lifted_on and row.lifted_on.isoformat()}
    record("evaluation.lift_suspension", by=by, of=row.organisation, after=after, reason=reason)
    return row
