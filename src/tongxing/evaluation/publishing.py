"""Public notice of results (结果公示): put up for working days; a result may be taken back before its certificate is issued (facts §2)."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.policy import provisions
from tongxing.workdays.calendar import add_working_days

from .models import AssessmentBatch, BatchState, Candidate
from .moving import held, insist_move, move
from .rules import can_issue, insist


def notice_days(on: date) -> int:
    return int(provisions.value("evaluation.notice_days", on))


@transaction.atomic
def publish_results(batch: AssessmentBatch, *, by: Actor) -> AssessmentBatch:
    """Put the results up for the working days that the provision names; day one is the day after."""
    row = held(batch)
    insist(can_issue(by, row))
    insist_move(row, "publish")
    today = timezone.localdate()
    until = add_working_days(today, notice_days(today))
    move(row, "publish", notice_from=today, notice_until=until)
    count = Candidate.objects.filter(batch=row).update(notice_until=until)
    record("evaluation.publish", by=by, of=row, after={"state": row.state, "until": until.isoformat(), "candidates": count})
    return row


@transaction.atomic
def cancel_result(candidate: Candidate, *, by: Actor, reason: str) -> Candidate:
    """Take a passed result back before a certificate is issued for it (fraud found out, the earlier certificate void)."""
    batch = held(candidate.batch)
    insist(can_issue(by, batch))
    one = Candidate.objects.select_for_update(of=("self",)).get(pk=candidate.pk)
    if batch.state != BatchState.PUBLISHED or not one.passed or one.certificate_id:
        raise Refused("只能取消公示中、还没有发证的合格结果。已发证的请在证书页面作废。", code="wrong_state")
    if not reason.strip():
        raise Refused("请写明取消结果的原因和依据。", code="reason_missing")
    one.passed, one.held_reason = False, ""
    one.outcome = {**one.outcome, "ok": False, "reasons": [f"结果已取消：{reason.strip()}"]}
    one.save(update_fields=["passed", "outcome", "held_reason"])
    record(
        "evaluation.cancel_result", by=by, of=batch, before={"passed": True}, after={"ticket": one.ticket, "passed": False}, reason=reason
    )
    return one
