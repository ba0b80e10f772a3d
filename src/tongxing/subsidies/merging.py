"""What happens to claims when two records of one person, or of one organisation, become one."""

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.registry.models import Organisation, Person

from .models import Claim


def follow_merge(keep: Organisation, drop: Organisation, *, by: Actor) -> dict[str, int]:
    """Claims that are paid to the organisation follow it. Returns how many."""
    moved = Claim.objects.filter(payee_organisation=drop).update(payee_organisation=keep)
    if moved:
        record(
            "subsidies.follow_merge",
            by=by,
            of=keep,
            before={"organisation_id": drop.pk},
            after={"organisation_id": keep.pk, "claims": moved},
        )
    return {"claims": moved}


def follow_person_merge(keep: Person, drop: Person, *, by: Actor) -> int:
    """Claims follow the person. Refuses when both records claimed the same: then one of the claims has no ground, and somebody has to say which."""
    held = {(claim.kind, claim.occupation, claim.level): claim.serial for claim in Claim.objects.standing().filter(person=keep)}
    for claim in Claim.objects.standing().filter(person=drop):
        if other := held.get((claim.kind, claim.occupation, claim.level)):
            raise Refused(
                f"两条记录都申请了同一等级的补贴（{other}、{claim.serial}）。请先撤回或不予补贴其中一笔，再合并。", code="claimed_twice"
            )
    moved = Claim.objects.filter(person=drop).update(person=keep)
    moved = max(moved, Claim.objects.filter(payee_person=drop).update(payee_person=keep))
    if moved:
        record(
            "subsidies.follow_person_merge", by=by, of=keep, before={"person_id": drop.pk}, after={"person_id": keep.pk, "claims": moved}
        )
    return moved
