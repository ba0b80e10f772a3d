"""Reconciling: line by line what the bank says of a list, with partial success; money that comes back; money that is called back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused

from . import moving
from .models import Claim, ClaimState, LineState, PaymentLine, PaymentList, PaymentState
from .rules import is_other, may_at


@dataclass(frozen=True)
class Answer:
    """One line of the bank's answer. `serial` is the claim's, which stands in the bank's file as the reference."""

    row: int
    serial: str
    amount: Decimal
    paid: bool
    said: str = ""
    on: date | None = None


@dataclass
class Reconciled:
    """What became of each line: positions settled, and what was left alone with the reason why."""

    paid: int = 0
    returned: int = 0
    same: int = 0
    left: list[tuple[int, str]] = field(default_factory=list)


@transaction.atomic
def reconcile(row: PaymentList, answers: Sequence[Answer], *, by: Actor) -> Reconciled:
    """Settle the lines that the bank answered and that match; every other line is named with its reason and changes nothing.

    Answering the same file twice changes nothing the second time.
    """
    held = PaymentList.objects.select_for_update(of=("self",)).select_related("fund").get(pk=row.pk)
    insist(may_at(by, "subsidies.pay", held.area_code))
    if held.state not in {PaymentState.SENT, PaymentState.PARTLY, PaymentState.DONE}:
        raise Refused(f"拨付单 {held.number} 现在是“{held.get_state_display()}”，还没有送银行，不能对账。", code="wrong_state")
    lines = {line.claim.serial: line for line in held.lines.select_for_update(of=("self",)).select_related("claim")}
    settled, done = _matched(lines, answers)
    _settle(settled, by, done)
    held.state = _state_of(held)
    held.save(update_fields=["state"])
    after = {"paid": done.paid, "returned": done.returned, "left": len(done.left), "state": held.state}
    record("subsidies.reconcile", by=by, of=held, after=after)
    return done


def _matched(lines: Mapping[str, PaymentLine], answers: Sequence[Answer]) -> tuple[list[tuple[PaymentLine, Answer]], Reconciled]:
    """Lines that the answers settle, and what is left alone."""
    times = Counter(answer.serial for answer in answers)
    done, settled = Reconciled(), list[tuple[PaymentLine, Answer]]()
    for answer in answers:
        line = lines.get(answer.serial)
        if line is None:
            done.left.append((answer.row, f"拨付单里没有 {answer.serial or '空的受理号'}。请核对是否另一张拨付单的回单。"))
        elif why := _why_not(line, answer, times[answer.serial]):
            done.left.append((answer.row, why))
        elif line.state == LineState.WAITING:
            settled.append((line, answer))
        else:
            done.same += 1
    return settled, done


def _why_not(line: PaymentLine, answer: Answer, times: int) -> str:
    if times > 1:
        return f"{answer.serial} 在回单里出现了不止一次，没有处理。请核对回单。"
    if answer.amount != line.amount:
        return f"{answer.serial} 应为 {line.amount:,.2f} 元，回单为 {answer.amount:,.2f} 元，没有处理。请与银行核实。"
    if line.state != LineState.WAITING and (line.state == LineState.PAID) != answer.paid:
        return f"{answer.serial} 此前对账为“{line.get_state_display()}”，与本次回单相反。请与银行核实后单笔办理退回。"
    return ""


def _state_of(row: PaymentList) -> str:
    states = set(row.lines.values_list("state", flat=True))
    if states == {LineState.WAITING}:
        return PaymentState.SENT
    return PaymentState.DONE if states == {LineState.PAID} else PaymentState.PARTLY


def _settle(settled: Sequence[tuple[PaymentLine, Answer]], by: Actor, done: Reconciled) -> None:
    claims = {claim.pk: claim for claim in moving.locked(line.claim_id for line, _ in settled)}
    today = timezone.localdate()
    for line, answer in settled:
        line.state = LineState.PAID if answer.paid else LineState.RETURNED
        line.said, line.settled_on = answer.said[:200], answer.on or today
    PaymentLine.objects.bulk_update([line for line, _ in settled], ["state", "said", "settled_on"], batch_size=500)
    good = [claims[line.claim_id] for line, answer in settled if answer.paid]
    moving.move(good, "pay", by=by, note="银行回单：已到账")
    for line, answer in settled:
        if not answer.paid:
            moving.move([claims[line.claim_id]], "bounce", by=by, note=f"银行退回：{answer.said or '没有说明原因'}")
    done.paid, done.returned = len(good), len(settled) - len(good)


@transaction.atomic
def bounce(line: PaymentLine, *, by: Actor, said: str) -> PaymentLine:
    """Money that had arrived came back (account closed, name wrong): the claim waits for a corrected account and another list."""
    held = PaymentLine.objects.select_for_update(of=("self",)).select_related("claim", "list__fund").get(pk=line.pk)
    insist(may_at(by, "subsidies.pay", held.claim.area_id))
    if held.state != LineState.PAID:
        raise Refused("这一笔还没有到账，按银行回单对账即可。", code="wrong_state")
    if not said.strip():
        raise Refused("请照银行通知填写退回原因。", code="reason_missing")
    held.state, held.said, held.settled_on = LineState.RETURNED, said.strip()[:200], timezone.localdate()
    held.save(update_fields=["state", "said", "settled_on"])
    moving.move(moving.locked([held.claim_id]), "bounce", by=by, note=f"到账后退回：{held.said}")
    PaymentList.objects.filter(pk=held.list_id).update(state=PaymentState.PARTLY)
    record("subsidies.bounce", by=by, of=held.claim, before={"state": ClaimState.PAID}, after={"list": held.list.number}, reason=said)
    return held


@transaction.atomic
def recover(claim: Claim, *, by: Actor, reason: str) -> Claim:
    """Call paid money back: the ground fell away, or it was paid wrongly."""
    held = moving.one(claim)
    insist(may_at(by, "subsidies.approve", held.area_id))
    if not reason.strip():
        raise Refused("请写明追回的依据。", code="reason_missing")
    moving.move([held], "recover", by=by, note=reason.strip())
    record("subsidies.recover", by=by, of=held, before={"state": ClaimState.PAID}, after={"state": held.state}, reason=reason)
    return held


@transaction.atomic
def note_recovered(claim: Claim, *, by: Actor, on: date, voucher: str) -> Claim:
    """The money is back. Who called it back does not book it."""
    held = moving.one(claim)
    insist(may_at(by, "subsidies.pay", held.area_id))
    insist(is_other(by, held.approved_by_id, step="审批又登记追回"))
    if on > timezone.localdate():
        raise Refused("追回日期还没有到，请核对收款凭证。", code="future_day")
    if not voucher.strip():
        raise Refused("请填写收款凭证号。", code="voucher_missing")
    moving.move([held], "recovered", by=by, note=f"{on} 追回，凭证 {voucher.strip()}")
    record("subsidies.note_recovered", by=by, of=held, after={"on": on.isoformat(), "voucher": voucher.strip(), "amount": str(held.amount)})
    return held
