"""Pre-audit (预审), before money moves: what the joins see is kept, each finding explained, and stands until it is gone or cleared by two people."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused

from .joins import everything
from .models import Claim, Finding
from .rules import can_handle, is_other, may_at


@transaction.atomic
def examine(claims: Sequence[Claim]) -> dict[int, list[Finding]]:
    """Compare the claims with everything there is, keep what was found, and give the findings that stand open, by claim."""
    seen = {found.key: found for found in everything(claims)}
    ids, now = [claim.pk for claim in claims], timezone.now()
    held = {(row.claim_id, row.kind, row.reference): row for row in Finding.objects.filter(claim_id__in=ids)}
    Finding.objects.bulk_create(
        [
            Finding(claim_id=found.claim_id, kind=found.kind, reference=found.reference, text=found.text[:400], final=found.final)
            for key, found in seen.items()
            if key not in held
        ],
        batch_size=500,
        ignore_conflicts=True,
    )
    for key, row in held.items():
        gone_at = None if key in seen else row.gone_at or now
        text = seen[key].text[:400] if key in seen else row.text
        if (gone_at, text) != (row.gone_at, row.text):
            # Cleared on other words than these: somebody has to look again.
            cleared_at = row.cleared_at if text == row.text else None
            Finding.objects.filter(pk=row.pk).update(gone_at=gone_at, text=text, cleared_at=cleared_at)
    return open_findings(ids)


def open_findings(claims: Iterable[int]) -> dict[int, list[Finding]]:
    """Findings neither gone nor cleared; one query."""
    found: dict[int, list[Finding]] = defaultdict(list)
    for row in Finding.objects.filter(claim_id__in=list(claims), gone_at=None, cleared_at=None):
        found[row.claim_id].append(row)
    return found


# --- clearing: a reason from one, agreement from another
@transaction.atomic
def propose_clearance(finding: Finding, *, by: Actor, reason: str) -> Finding:
    """Say why a finding is not what it seems; somebody else has to agree."""
    row = _open(finding)
    insist(can_handle(by, row.claim))
    if row.final:
        raise Refused("这项发现是事实不符，不能由人排除。请退回补正，或不予补贴。", code="final")
    if not reason.strip():
        raise Refused("请写明排除的理由和核实的依据。", code="reason_missing")
    row.reason, row.proposed_by_id, row.proposed_by = reason.strip()[:300], by.pk, by.display_name[:60]
    row.save(update_fields=["reason", "proposed_by_id", "proposed_by"])
    record("subsidies.propose_clearance", by=by, of=row.claim, after={"finding": row.text}, reason=reason)
    return row


@transaction.atomic
def confirm_clearance(finding: Finding, *, by: Actor) -> Finding:
    """Agree that a finding is explained. Not the one who proposed it."""
    row = _open(finding)
    insist(can_handle(by, row.claim) or may_at(by, "subsidies.approve", row.claim.area_id))
    if not row.reason:
        raise Refused("还没有人写明排除理由。请先由经办提出。", code="not_proposed")
    insist(is_other(by, row.proposed_by_id, step="提出排除又复核"))
    row.cleared_by, row.cleared_at = by.display_name[:60], timezone.now()
    row.save(update_fields=["cleared_by", "cleared_at"])
    record("subsidies.confirm_clearance", by=by, of=row.claim, after={"finding": row.text, "reason": row.reason})
    return row


def _open(finding: Finding) -> Finding:
    row = Finding.objects.select_for_update(of=("self",)).select_related("claim").get(pk=finding.pk)
    if not row.is_open:
        raise Refused("这项发现已经排除或不再存在。请刷新页面。", code="not_open")
    return row
