"""Objections (异议): a case that stops the clock of one name, and of no other."""

import uuid

from django.db import transaction
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.core.values import clean_text
from tongxing.core.vault import masked_within
from tongxing.notices import inbox
from tongxing.registry.models.fields import VaultColumn
from tongxing.workdays import clock

from . import moving
from .models import Claim, ClaimState, Objection, Outcome
from .rules import can_handle

LONGEST = 2000


@transaction.atomic
def raise_objection(claim: Claim, *, by: Actor, text: str, name: str = "", contact: str = "") -> Objection:
    """Enter an objection against a name on show. The first one stops its clock; the days that were left are kept."""
    held = moving.one(claim)
    if held.state not in {ClaimState.NOTICED, ClaimState.OBJECTED} or held.round_id is None:
        raise Refused("该申请不在公示期内。公示期外的问题请向人社部门反映。", code="not_on_show")
    if not text.strip():
        raise Refused("请写明异议的内容和线索，便于核查。", code="text_missing")
    today = timezone.localdate()
    uid = uuid.uuid4()
    row = Objection.objects.create(
        uid=uid,
        number=_number(held),
        claim=held,
        round_id=held.round_id,
        text=masked_within(text.strip())[:LONGEST],
        by_name=clean_text(name, longest=60),
        contact_sealed=VaultColumn.sealed_for(Objection, "contact_sealed", uid, clean_text(contact, longest=100)),
    )
    if held.state == ClaimState.NOTICED:
        days = clock.left(today, held.notice_until) if held.notice_until else 0
        moving.move([held], "object", by=by, note="收到异议，公示期暂停计算", notice_left=days)
    record("subsidies.raise_objection", by=by, of=row, area_code=held.area_id, after={"claim": held.serial})
    handler = User.objects.filter(pk=held.handled_by_id or 0, is_active=True)
    inbox.tell(handler, title=f"公示异议：{held.serial}", body=row.text[:200], url=f"/subsidies/{held.uid}/")
    return row


def _number(claim: Claim) -> str:
    """The claim's serial and a running letter: 异议 BT2026000123-2. The claim is locked, so none is given twice."""
    last: int = Objection.objects.filter(claim=claim).count()
    return f"{claim.serial}-{last + 1}"


@transaction.atomic
def settle_objection(objection: Objection, *, by: Actor, upheld: bool, finding: str) -> Objection:
    """Say what was found. Upheld: the claim is refused. Otherwise the clock of the name goes on with the days that were left."""
    held = moving.one(objection.claim)
    row = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
    insist(can_handle(by, held))
    if row.outcome != Outcome.OPEN:
        raise Refused("这件异议已经办结。请刷新页面。", code="settled")
    if not finding.strip():
        raise Refused("请写明核查的过程和结论，要答复提出人。", code="finding_missing")
    row.outcome = Outcome.UPHELD if upheld else Outcome.DISMISSED
    row.finding, row.settled_on, row.settled_by = finding.strip()[:500], timezone.localdate(), by.display_name[:60]
    row.save(update_fields=["outcome", "finding", "settled_on", "settled_by"])
    if upheld:
        moving.move([held], "refuse", by=by, note=f"异议成立：{row.finding}", fund=None, round=None, notice_until=None)
        others = Objection.objects.filter(claim=held, outcome=Outcome.OPEN)
        others.update(outcome=Outcome.UPHELD, finding="随同一申请的另一件异议办结", settled_on=row.settled_on, settled_by=row.settled_by)
    elif not Objection.objects.filter(claim=held, outcome=Outcome.OPEN).exists():
        until = clock.resumed(row.settled_on, held.notice_until or row.settled_on, held.notice_left)
        moving.move([held], "dismiss", by=by, note="异议不成立，公示期继续计算", notice_until=until)
    record("subsidies.settle_objection", by=by, of=row, area_code=held.area_id, after={"outcome": row.outcome}, reason=row.finding)
    return row
