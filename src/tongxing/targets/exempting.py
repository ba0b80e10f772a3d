"""Acts on exemptions (免设): ask, approve, refuse, take back. Who asked never decides; every exemption ends by itself."""

from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.areas.ledger import touch
from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.notices import inbox
from tongxing.registry.models import Organisation

from .definitions import number
from .models import Exemption, ExemptionState, Target
from .rules import can_chase, can_decide, can_revoke
from .units import Unit


@transaction.atomic
def request_exemption(target: Target, found: Unit, *, reason: str, until: date, by: Actor, since: date | None = None) -> Exemption:
    """Ask that a unit need not have a coordinator from a day (today) to a day."""
    insist(can_chase(by, found.area_code), clause=target.clause)
    today = timezone.localdate()
    since = since or today
    longest = int(number("targets.exemption.longest_days", today))
    if not reason.strip():
        raise Refused("请写明免设理由，审批人要据此判断。", code="no_reason", status=422)
    if until < max(since, today):
        raise Refused("截止日期已经过去，请改选以后的日期。", code="past_day", status=422)
    if (until - since).days > longest:
        raise Refused(f"一次免设最长 {longest} 天，请缩短；到期仍需要时可以再申请。", code="too_long", status=422)
    try:
        with transaction.atomic():
            row = Exemption.objects.create(
                target_key=target.key,
                unit_kind=found.kind,
                unit_id=found.id,
                unit_name=found.name,
                area_code=found.area_code,
                reason=reason.strip(),
                since=since,
                until=until,
                requested_by=by.display_name[:60],
                requested_by_id=by.pk,
            )
    except IntegrityError:
        raise Refused("这个对象已有一份待审批的免设申请，请等审批结果。", code="already_requested", clause=target.clause) from None
    record("targets.request_exemption", by=by, of=row, after={"until": str(until), "target": target.key}, reason=reason)
    return row


def _decide(exemption: Exemption, state: ExemptionState, note: str, by: Actor) -> Exemption:
    row = Exemption.objects.select_for_update().get(pk=exemption.pk)
    insist(can_decide(by, row))
    if row.state != ExemptionState.REQUESTED:
        raise Refused(f"这份申请{row.get_state_display()}，不用再审批。", code="already_decided")
    row.state, row.decided_by, row.decided_at, row.decision_note = state, by.display_name[:60], timezone.now(), note
    row.save(update_fields=["state", "decided_by", "decided_at", "decision_note"])
    asker = User.objects.filter(pk=row.requested_by_id or 0)
    inbox.tell(asker, title=f"免设申请{row.get_state_display()}：{row.unit_name}"[:120], body=note)
    return row


def _leaves(row: Exemption) -> set[int | None]:
    """Whose figures the exemption moves: the unit may have moved to another area since it was asked for."""
    if row.unit_kind != "organisation":
        return {row.area_code}
    return {row.area_code, Organisation.objects.filter(pk=row.unit_id).values_list("area_id", flat=True).first()}


@transaction.atomic
def approve_exemption(exemption: Exemption, *, by: Actor, note: str = "") -> Exemption:
    """Approve; the unit counts as exempt from its first day on, its gap closes by itself."""
    row = _decide(exemption, ExemptionState.APPROVED, note, by)
    if row.until < timezone.localdate():
        raise Refused("申请的截止日期已过，批准也不会生效。请退回后重新申请。", code="past_day")
    touch(_leaves(row))
    record("targets.approve_exemption", by=by, of=row, before={"state": "requested"}, after={"state": "approved"}, reason=note)
    return row


@transaction.atomic
def refuse_exemption(exemption: Exemption, *, by: Actor, note: str) -> Exemption:
    """Refuse, with a reason for the one who asked."""
    if not note.strip():
        raise Refused("请写明不批准的理由，申请人要知道怎么办。", code="no_reason", status=422)
    row = _decide(exemption, ExemptionState.REFUSED, note, by)
    record("targets.refuse_exemption", by=by, of=row, before={"state": "requested"}, after={"state": "refused"}, reason=note)
    return row


@transaction.atomic
def revoke_exemption(exemption: Exemption, *, reason: str, by: Actor) -> Exemption:
    """Take an approved exemption back from today on; the gap opens again by itself."""
    row = Exemption.objects.select_for_update().get(pk=exemption.pk)
    insist(can_revoke(by, row))
    today = timezone.localdate()
    if not row.holds_on(today) and not (row.state == ExemptionState.APPROVED and row.since > today and row.revoked_on is None):
        raise Refused("这份免设现在不生效，不需要收回。", code="not_in_force")
    row.revoked_on = max(today, row.since)
    row.save(update_fields=["revoked_on"])
    touch(_leaves(row))
    record("targets.revoke_exemption", by=by, of=row, after={"revoked_on": str(row.revoked_on)}, reason=reason)
    return row


def suggested_until(today: date) -> date:
    """The day a form offers: half a year on."""
    return today + timedelta(days=182)
