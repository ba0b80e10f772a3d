"""Reading what is sealed: accounts with a reason, evidence with an entry in the log."""

from django.db import transaction

from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.files.models import StoredFile
from tongxing.registry.models.fields import VaultColumn

from .models import Claim, Objection
from .rules import can_claim_for, can_handle, can_reveal


@transaction.atomic
def reveal_account(claim: Claim, *, by: Actor, reason: str) -> str:
    """The account number in clear; leaves a read entry with the reason."""
    insist(can_reveal(by, claim))
    if not reason.strip():
        raise Refused("请写明为什么要看完整账号，记入日志备查。", code="reason_missing")
    record("subsidies.reveal_account", by=by, of=claim, reason=reason)
    return claim.account


@transaction.atomic
def open_evidence(claim: Claim, file_id: int, *, by: Actor) -> StoredFile:
    """One of the papers of a claim, for who handles it or brought it; leaves a read entry."""
    may = can_reveal(by, claim) or can_claim_for(by, claim.area_id, claim.payee_organisation_id, claim.payee_person_id)
    insist(may)
    file = StoredFile.objects.filter(pk=file_id).first() if file_id in claim.evidence else None
    if file is None:
        raise Refused("这份申请没有这个附件。请刷新页面。", code="no_document", status=404)
    record("subsidies.open_evidence", by=by, of=claim, after={"sha256": file.sha256})
    return file


@transaction.atomic
def reveal_contact(objection: Objection, *, by: Actor, reason: str) -> str:
    """How to reach whoever objected, for the answer; leaves a read entry with the reason."""
    insist(can_handle(by, objection.claim))
    if not reason.strip():
        raise Refused("请写明为什么要看联系方式，记入日志备查。", code="reason_missing")
    record("subsidies.reveal_contact", by=by, of=objection, area_code=objection.claim.area_id, reason=reason.strip())
    return VaultColumn.open(objection, "contact_sealed")
