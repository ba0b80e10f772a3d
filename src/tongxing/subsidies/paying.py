"""Payment lists: made by the cashier, approved by another, handed to the bank. What leaves the house is what was approved, to the cent."""

import hashlib
import json
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.core.series import count_up
from tongxing.registry.models.fields import VaultColumn

from . import moving
from .bank_accounts import BankAccount
from .models import Claim, ClaimState, Fund, LineState, PaymentLine, PaymentList, PaymentSeries, PaymentState
from .prechecking import examine
from .rules import is_other, may_at

PREFIX = "BF"
PAID_BEFORE = "该申请已有到账的拨付记录，不能再列入拨付单。"


@transaction.atomic
def make_list(claims: Sequence[Claim], *, by: Actor, fund: Fund, note: str = "") -> PaymentList:
    """Put cleared claims, or such that the bank returned, on a list. The cashier had no hand in handling or approving them."""
    held = moving.locked(claim.pk for claim in claims)
    if not held:
        raise Refused("没有选择任何申请，请先勾选要拨付的申请。", code="nothing")
    for claim in held:
        insist(may_at(by, "subsidies.pay", claim.area_id))
        insist(is_other(by, claim.opened_by_id, claim.handled_by_id, claim.approved_by_id, step="受理、审批又拨付"))
        if claim.fund_id != fund.pk:
            raise Refused(f"{claim.serial} 列支的是另一项资金，不能列入这张拨付单。", code="other_fund")
    moving.insist_on_move(held, "list")
    for pk, found in examine(held).items():
        serial = next(claim.serial for claim in held if claim.pk == pk)
        raise Refused(f"{serial} 有新的预审发现：{found[0].text}请先核实。", code="findings_open")
    if paid := PaymentLine.objects.filter(claim__in=held, state=LineState.PAID).select_related("claim").first():
        raise Refused(f"{paid.claim.serial}：{PAID_BEFORE}", code="paid_before")
    held.sort(key=lambda claim: claim.serial)
    now = timezone.now()
    year = timezone.localtime(now).year
    row = PaymentList.objects.create(
        fund=fund,
        number=f"{PREFIX}{year}{count_up(PaymentSeries, year=year):04d}",
        lines_count=len(held),
        total=sum((claim.amount for claim in held), Decimal(0)),
        digest="",
        made_by_id=by.pk,
        made_by=by.display_name[:60],
        made_at=now,
        note=note[:200],
    )
    lines = [
        PaymentLine(list=row, position=place, claim=claim, amount=claim.amount, account_index=claim.account_index)
        for place, claim in enumerate(held, start=1)
    ]
    PaymentLine.objects.bulk_create(lines, batch_size=500)
    row.digest = digest_of(row)
    row.save(update_fields=["digest"])
    moving.move(held, "list", by=by, note=f"列入拨付单 {row.number}")
    record("subsidies.make_list", by=by, of=row, after=_totals(row))
    return row


def digest_of(row: PaymentList) -> str:
    """SHA-256 over number and every line: position, serial, amount, account (its keyed digest). Changes with any of them."""
    lines = row.lines.order_by("position").values_list("position", "claim__serial", "amount", "account_index")
    text = json.dumps([row.number, [[place, serial, str(amount), account] for place, serial, amount, account in lines]])
    return hashlib.sha256(text.encode()).hexdigest()


def _totals(row: PaymentList) -> dict[str, object]:
    return {"number": row.number, "count": row.lines_count, "total": str(row.total), "digest": row.digest, "fund": str(row.fund)}


def _insist_unaltered(row: PaymentList) -> None:
    """The lines, and the claims behind them, are those that the list was made of."""
    lines = list(row.lines.select_related("claim"))
    same = all((line.amount, line.account_index) == (line.claim.amount, line.claim.account_index) for line in lines)
    if not same or row.digest != digest_of(row) or row.total != sum(line.amount for line in lines):
        raise Refused("拨付单与制单时不一致（金额、账号或笔数变了），请作废后重新制单。", code="altered")


@transaction.atomic
def approve_list(row: PaymentList, *, by: Actor) -> PaymentList:
    """Agree to a list as it stands: count, sum and digest. Not who made it."""
    held = _locked(row)
    insist(may_at(by, "subsidies.approve", held.area_code))
    insist(is_other(by, held.made_by_id, step="制单又审核"))
    _insist_state(held, PaymentState.DRAFT)
    _insist_unaltered(held)
    for pk, found in examine(
        [
            line.claim
            for line in held.lines.select_related("claim__person", "claim__certificate", "claim__payee_person", "claim__payee_organisation")
        ]
    ).items():
        serial = Claim.objects.values_list("serial", flat=True).get(pk=pk)
        raise Refused(f"{serial} 有新的预审发现：{found[0].text}请作废这张拨付单，核实后重新制单。", code="findings_open")
    held.state, held.approved_by_id, held.approved_by, held.approved_at = PaymentState.APPROVED, by.pk, by.display_name[:60], timezone.now()
    held.save(update_fields=["state", "approved_by_id", "approved_by", "approved_at"])
    record("subsidies.approve_list", by=by, of=held, before={"state": PaymentState.DRAFT}, after=_totals(held))
    return held


@transaction.atomic
def send_list(row: PaymentList, *, by: Actor) -> PaymentList:
    """Note that an approved list went to the bank; from here on only the bank's answer moves its lines."""
    held = _locked(row)
    insist(may_at(by, "subsidies.pay", held.area_code))
    _insist_state(held, PaymentState.APPROVED)
    _insist_unaltered(held)
    held.state, held.sent_by, held.sent_at = PaymentState.SENT, by.display_name[:60], timezone.now()
    held.save(update_fields=["state", "sent_by", "sent_at"])
    record("subsidies.send_list", by=by, of=held, before={"state": PaymentState.APPROVED}, after=_totals(held))
    return held


@transaction.atomic
def cancel_list(row: PaymentList, *, by: Actor, reason: str) -> PaymentList:
    """Give a list up before it went to the bank; its claims wait for another."""
    held = _locked(row)
    insist(may_at(by, "subsidies.pay", held.area_code) or may_at(by, "subsidies.approve", held.area_code))
    if held.state not in {PaymentState.DRAFT, PaymentState.APPROVED}:
        raise Refused(f"拨付单{held.get_state_display()}，已经送银行的不能作废，只能按银行回单对账。", code="wrong_state")
    if not reason.strip():
        raise Refused("请写明作废拨付单的原因。", code="reason_missing")
    before = {"state": held.state}
    claims = moving.locked(held.lines.values_list("claim_id", flat=True))
    held.lines.update(state=LineState.RETURNED, said="拨付单作废，没有送银行")
    moving.move(claims, "unlist", by=by, note=f"拨付单 {held.number} 作废：{reason.strip()}")
    held.state, held.note = PaymentState.CANCELLED, reason.strip()[:200]
    held.save(update_fields=["state", "note"])
    record("subsidies.cancel_list", by=by, of=held, before=before, after={"state": held.state}, reason=reason)
    return held


@transaction.atomic
def correct_account(claim: Claim, *, by: Actor, account: BankAccount, reason: str) -> Claim:
    """A new account for a payment that the bank returned; the name that is paid stays the one that was shown in public."""
    held = moving.one(claim)
    insist(may_at(by, "subsidies.handle", held.area_id))
    if held.state != ClaimState.BOUNCED:
        raise Refused("只有银行退回的拨付才更正账号。公示前的更正请退回补正。", code="wrong_state")
    if not reason.strip():
        raise Refused("请写明更正账号的依据。", code="reason_missing")
    before = {"account": held.account_masked, "bank": held.bank, "account_name": held.account_name}
    held.bank, held.account_name, held.account_index = account.bank, account.name, account.digest
    held.account_sealed = VaultColumn.sealed_for(Claim, "account_sealed", held.uid, account.number)
    held.version += 1
    # Whoever put the account right does not hand out the money to it.
    held.handled_by_id, held.handled_by = by.pk, by.display_name[:60]
    held.save(update_fields=["bank", "account_name", "account_index", "account_sealed", "version", "handled_by_id", "handled_by"])
    after = {"account": held.account_masked, "bank": held.bank, "account_name": held.account_name}
    record("subsidies.correct_account", by=by, of=held, before=before, after=after, reason=reason)
    return held


def _insist_state(row: PaymentList, state: str) -> None:
    if row.state != state:
        raise Refused(f"拨付单 {row.number} 现在是“{row.get_state_display()}”，不能这样办理。请刷新页面。", code="wrong_state")


def _locked(row: PaymentList) -> PaymentList:
    return PaymentList.objects.select_for_update(of=("self",)).select_related("fund").get(pk=row.pk)
