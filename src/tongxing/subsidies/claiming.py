"""Acts of those who ask for a subsidy: open, amend, withdraw (notice:3.1.2)."""

import uuid
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.core.series import count_up
from tongxing.registry.models import Organisation, Person
from tongxing.registry.models.fields import VaultColumn

from . import moving
from .bank_accounts import BankAccount
from .eligibility import Entitlement
from .judging import Ask, judge, judge_claim, trained
from .models import Claim, ClaimKind, SerialSeries
from .reaching import reachable
from .rules import can_claim_for
from .schemes import Scheme

PREFIX = "BT"


@transaction.atomic
def open_claims(asks: Sequence[Ask], *, by: Actor, on: date | None = None) -> list[Claim]:
    """Open claims, all or none; one entry in the log for all of them.

    Every claim keeps the decision with facts and provisions. What is not due is refused here, by name and with what is missing.
    """
    if not asks:
        raise Refused("没有选择任何证书，请先勾选要申请补贴的证书。", code="nothing")
    day = on or timezone.localdate()
    for ask in asks:
        insist(can_claim_for(by, ask.certificate.person.area_id, _organisation_id(ask.payee), _person_id(ask.payee)))
    _insist_reach(asks, by)
    for ask in asks:
        if refusal := payee_refusal(ask):
            raise refusal
    asks = trained(asks)
    judged = judge(asks, on=day)
    _insist_due(asks, judged)
    serials = _serials(day.year, len(asks))
    claims = [_claim(ask, found, scheme, serial, by, day) for ask, (found, scheme), serial in zip(asks, judged, serials, strict=True)]
    try:
        with transaction.atomic():
            Claim.objects.bulk_create(claims, batch_size=200)
    except IntegrityError:
        raise Refused("其中有人刚刚由他人提交了同一等级的申请。请刷新列表后再提交。", code="already_claimed") from None
    moving.note_step(claims, by=by, note="提交申请")
    first = claims[0]
    record(
        "subsidies.open",
        by=by,
        of=first,
        after={
            "serials": [claim.serial for claim in claims[:200]],
            "count": len(claims),
            "total": str(sum(claim.amount for claim in claims)),
        },
    )
    return claims


def _insist_reach(asks: Sequence[Ask], by: Actor) -> None:
    """An organisation asks for those it trained or evaluated, a person for the own certificate: nobody for somebody else's."""
    assert isinstance(by, User)  # can_claim_for
    for kind in {ask.kind for ask in asks}:
        wanted = {ask.certificate.pk: ask.certificate for ask in asks if ask.kind == kind}
        known = set(reachable(by, kind).filter(pk__in=wanted).values_list("pk", flat=True))
        if beyond := [paper for pk, paper in wanted.items() if pk not in known]:
            raise Refused(
                f"证书 {beyond[0].number} 不是您或您单位可以申请的。请核对，或请所属区划的补贴经办办理。", code="not_allowed", status=403
            )


def _insist_due(asks: Sequence[Ask], judged: Sequence[tuple[Entitlement, Scheme | None]]) -> None:
    against = [
        f"{ask.certificate.person.name}：{''.join(found.decision.reasons)}"
        for ask, (found, _) in zip(asks, judged, strict=True)
        if not found.decision
    ]
    if against:
        raise ValidationError(against)


def payee_refusal(ask: Ask) -> Refused | None:
    """Why the money of this claim may not go to its payee; None when it may."""
    person, body = ask.certificate.person, ask.certificate.body_id
    if isinstance(ask.payee, Person) and ask.payee.pk != person.pk:
        return Refused(f"{person.name} 的补贴只能拨给本人或培训、评价机构。", code="payee")
    if ask.kind == ClaimKind.EVALUATION and isinstance(ask.payee, Person):
        return Refused("评价补贴拨付给免费评价的评价机构，不拨给个人。请选择评价机构。", code="payee", clause="notice:3.1.2")
    if ask.kind == ClaimKind.EVALUATION and body and body != ask.payee.pk:
        return Refused(f"证书 {ask.certificate.number} 由另一家机构评价，评价补贴只能拨给发证的机构。", code="payee")
    return None


def _serials(year: int, number: int) -> list[str]:
    last = count_up(SerialSeries, number, year=year)
    return [f"{PREFIX}{year}{place:06d}" for place in range(last - number + 1, last + 1)]


def _person_id(payee: Person | Organisation) -> int | None:
    return payee.pk if isinstance(payee, Person) else None


def _organisation_id(payee: Person | Organisation) -> int | None:
    return payee.pk if isinstance(payee, Organisation) else None


def _claim(ask: Ask, found: Entitlement, scheme: Scheme | None, serial: str, by: Actor, day: date) -> Claim:
    uid, paper = uuid.uuid4(), ask.certificate
    return Claim(
        uid=uid,
        serial=serial,
        kind=ask.kind,
        person=paper.person,
        certificate=paper,
        occupation=paper.occupation,
        level=paper.level,
        category=ask.category,
        direct=ask.direct,
        on_payroll=ask.on_payroll,
        draws_pension=ask.draws_pension,
        completed_on=ask.completed_on,
        hours=ask.hours,
        market=ask.market,
        area_id=paper.person.area_id,
        payee_person_id=_person_id(ask.payee),
        payee_organisation_id=_organisation_id(ask.payee),
        amount=found.amount,
        decision=found.kept(scheme),
        decided_on=day,
        evidence=list(ask.evidence),
        opened_by_id=by.pk,
        opened_by=by.display_name[:60],
        claimed_on=day,
        **_account(uid, ask.account),
    )


def _account(uid: object, account: BankAccount) -> dict[str, Any]:
    return {
        "bank": account.bank,
        "account_name": account.name,
        "account_sealed": VaultColumn.sealed_for(Claim, "account_sealed", uid, account.number),
        "account_index": account.digest,
    }


@transaction.atomic
def amend_claim(claim: Claim, *, by: Actor, account: BankAccount | None = None, evidence: Sequence[int] = (), **facts: Any) -> Claim:
    """Put right what was returned: account, category, declarations, further evidence. The decision is made anew."""
    claim = moving.one(claim)
    insist(can_claim_for(by, claim.area_id, claim.payee_organisation_id, claim.payee_person_id))
    before = {name: _said(getattr(claim, name)) for name in facts}
    for name, value in facts.items():
        setattr(claim, name, value)
    claim.evidence = [*claim.evidence, *evidence]
    found, scheme = judge_claim(claim)
    if not found.decision:
        raise ValidationError(list(found.decision.reasons))
    changed = {**facts, **(_account(claim.uid, account) if account else {})}
    changed |= {"evidence": claim.evidence, "amount": found.amount, "decision": found.kept(scheme)}
    moving.move([claim], "amend", by=by, note="补正后重新提交", **changed)
    after = {name: _said(getattr(claim, name)) for name in facts} | ({"account": claim.account_masked} if account else {})
    record("subsidies.amend", by=by, of=claim, before=before, after=after)
    return claim


def _said(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, Decimal) else value


@transaction.atomic
def withdraw_claim(claim: Claim, *, by: Actor, reason: str) -> Claim:
    """Take a claim back before it is approved."""
    claim = moving.one(claim)
    insist(can_claim_for(by, claim.area_id, claim.payee_organisation_id, claim.payee_person_id))
    if not reason.strip():
        raise Refused("请写明撤回的原因。", code="reason_missing")
    before = {"state": claim.state}
    moving.move([claim], "withdraw", by=by, note=reason.strip())
    record("subsidies.withdraw", by=by, of=claim, before=before, after={"state": claim.state}, reason=reason)
    return claim
