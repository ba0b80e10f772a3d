"""Acts of handler and approver: accept, return, approve with a fund, refuse. Never the same person for two steps (design §1)."""

from collections.abc import Sequence

from django.db import transaction

from tongxing.accounts.models import User
from tongxing.audit.log import Actor, record
from tongxing.certificates.models import Certificate
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.notices import inbox

from . import moving
from .funding import reserve
from .models import Claim, Fund
from .prechecking import examine
from .rules import can_approve, can_handle


@transaction.atomic
def accept_claims(claims: Sequence[Claim], *, by: Actor) -> list[Claim]:
    """Take claims in hand after the pre-audit; what it found stays to be cleared before approval."""
    held = moving.locked(claim.pk for claim in claims)
    for claim in held:
        insist(can_handle(by, claim))
    examine(held)
    moving.move(held, "accept", by=by, note="受理", handled_by_id=by.pk, handled_by=by.display_name[:60])
    _record("subsidies.accept", held, by)
    return held


@transaction.atomic
def return_claim(claim: Claim, *, by: Actor, reason: str) -> Claim:
    """Send a claim back to be put right; the claimant is told what is missing."""
    held = moving.one(claim)
    insist(can_handle(by, held))
    if not reason.strip():
        raise Refused("请写明要补正什么，申请人照此修改。", code="reason_missing")
    before = {"state": held.state}
    moving.move([held], "return", by=by, note=reason.strip())
    record("subsidies.return", by=by, of=held, before=before, after={"state": held.state}, reason=reason)
    _tell(held, f"补贴申请 {held.serial} 退回补正", reason)
    return held


@transaction.atomic
def approve_claims(claims: Sequence[Claim], *, by: Actor, fund: Fund) -> list[Claim]:
    """Approve and reserve the money, all or none. Refuses while a finding stands open, and never more than the budget holds."""
    held = moving.locked(claim.pk for claim in claims)
    for claim in held:
        insist(can_approve(by, claim))
    # Whoever voids a certificate waits for this transaction or is seen by it.
    list(Certificate.objects.select_for_update().filter(pk__in=[claim.certificate_id for claim in held]).order_by("pk"))
    held = moving.locked(claim.pk for claim in held)
    open_ones = examine(held)
    for claim in held:
        if found := open_ones.get(claim.pk):
            raise Refused(f"{claim.serial} 还有 {len(found)} 项预审发现没有排除：{found[0].text}请先核实。", code="findings_open")
    moving.insist_on_move(held, "approve")
    fund = reserve(fund, held)
    fields = {"fund": fund, "approved_by_id": by.pk, "approved_by": by.display_name[:60]}
    moving.move(held, "approve", by=by, note=f"同意，列支{fund}", **fields)
    _record("subsidies.approve", held, by, fund=str(fund))
    return held


@transaction.atomic
def refuse_claim(claim: Claim, *, by: Actor, reason: str) -> Claim:
    """Say no with the ground; reserved money is free again."""
    held = moving.one(claim)
    insist(can_approve(by, held) if held.handled_by_id else can_handle(by, held))
    if not reason.strip():
        raise Refused("请写明不予补贴的理由和依据，申请人有权知道。", code="reason_missing")
    before = {"state": held.state}
    moving.move([held], "refuse", by=by, note=reason.strip(), fund=None, round=None, notice_until=None)
    record("subsidies.refuse", by=by, of=held, before=before, after={"state": held.state}, reason=reason)
    _tell(held, f"补贴申请 {held.serial} 不予补贴", reason)
    return held


@transaction.atomic
def reopen_claim(claim: Claim, *, by: Actor, reason: str) -> Claim:
    """Back to approval: after it was shown in public nothing of a claim changes without a new approval and a new notice."""
    held = moving.one(claim)
    insist(can_approve(by, held))
    if not reason.strip():
        raise Refused("请写明退回重审的原因。", code="reason_missing")
    before = {"state": held.state}
    fields = {"fund": None, "round": None, "notice_until": None, "approved_by": "", "approved_by_id": None}
    moving.move([held], "reopen", by=by, note=reason.strip(), **fields)
    record("subsidies.reopen", by=by, of=held, before=before, after={"state": held.state}, reason=reason)
    return held


def _record(act: str, claims: Sequence[Claim], by: Actor, **more: str) -> None:
    """One entry for the batch; each claim's own story has its step."""
    total = sum(claim.amount for claim in claims)
    after = {"serials": [claim.serial for claim in claims[:200]], "count": len(claims), "total": str(total), **more}
    record(act, by=by, of=claims[0], after=after)


def _tell(claim: Claim, title: str, body: str) -> None:
    readers = User.objects.filter(pk=claim.opened_by_id, is_active=True) if claim.opened_by_id else User.objects.none()
    inbox.tell(readers, title=title, body=body, url=f"/subsidies/{claim.uid}/")
