"""Acts of whoever checks applications: accept, send back, reject. The decision was kept with the application; the checker answers for the facts."""

from django.db import transaction
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.notices import inbox

from . import entry
from .applying import Claimed, as_kept, judge
from .models import Application, ApplicationState
from .models.batches import APPLYING
from .moving import held, insist_state
from .rules import can_manage, insist


def _decide(application: Application, state: ApplicationState, note: str, by: Actor) -> Application:
    batch = held(application.batch)
    insist(can_manage(by, batch))
    insist_state(batch, *APPLYING, doing="审核报名")
    row = Application.objects.select_for_update(of=("self",)).select_related("person").get(pk=application.pk)
    row.batch = batch
    if isinstance(by, User) and by.person_id == row.person_id:
        raise Refused("不能审核本人的报名，请交同事办理。", code="own_application", status=403)
    if row.state != ApplicationState.SUBMITTED:
        raise Refused(f"这份报名现在是“{row.get_state_display()}”，不用再审核。请刷新页面。", code="wrong_state")
    row.state, row.note, row.checked_by, row.checked_at = state, note.strip()[:300], by.display_name[:60], timezone.now()
    row.version, row.updated_at = row.version + 1, timezone.now()
    return row


def _save(row: Application, act: str, by: Actor, *more: str) -> Application:
    row.save(update_fields=["state", "note", "checked_by", "checked_at", "version", "updated_at", *more])
    after = {"state": row.state, "eligible": row.eligible, "rule_version": row.rule_version}
    record(act, by=by, of=row, area_code=row.batch.area_id, before={"state": "submitted"}, after=after, reason=row.note)
    _tell(row)
    return row


def _tell(row: Application) -> None:
    """The applicant, where the applicant has an account."""
    readers = User.objects.filter(person_id=row.person_id, is_active=True)
    inbox.tell(readers, title=f"评价报名{row.get_state_display()}：{row.batch.title}"[:120], body=row.note)


def _judge_again(row: Application) -> None:
    """What the rule says now: a certificate may have been voided since the application."""
    claimed: Claimed = {
        "years": row.years,
        "school": row.school,
        "schooling": row.schooling,
        "related_field": row.related_field,
        "reserve_technician": row.reserve_technician,
    }
    answer, row.resting_on = judge(row.batch, row.person, claimed)
    row.eligible, row.rule_version = answer.ok, str(answer.facts["规则版本"])
    row.decision = as_kept(answer)


@transaction.atomic
def accept(application: Application, *, by: Actor, note: str = "") -> Application:
    """Accept. Where no condition holds it is refused; for a level whose conditions are not confirmed a written reason lets it pass."""
    row = _decide(application, ApplicationState.ACCEPTED, note, by)
    _judge_again(row)
    if not row.eligible:
        confirmed = row.batch.level in entry.rules_on(row.batch.apply_until).confirmed
        if confirmed:
            raise Refused(
                "按申报条件不符合，不能通过。填报的事实有误请退回补正，确实不符合请审核不通过。",
                code="not_eligible",
                clause="notice:3.1.4",
            )
        if not row.note:
            raise Refused("这个等级的申报条件还没有确认原文。要通过，请在审核意见里写明对照标准的理由。", code="reason_missing")
    return _save(row, "evaluation.accept", by, "eligible", "rule_version", "decision", "resting_on")


@transaction.atomic
def send_back(application: Application, *, by: Actor, note: str) -> Application:
    """Send back to be completed, saying what."""
    if not note.strip():
        raise Refused("请写明要补正什么，报名人要照着办。", code="reason_missing")
    return _save(_decide(application, ApplicationState.RETURNED, note, by), "evaluation.send_back", by)


@transaction.atomic
def reject(application: Application, *, by: Actor, note: str) -> Application:
    """Reject, saying why."""
    if not note.strip():
        raise Refused("请写明不通过的理由，报名人要知道差什么。", code="reason_missing")
    return _save(_decide(application, ApplicationState.REJECTED, note, by), "evaluation.reject", by)
