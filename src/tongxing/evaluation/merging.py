"""What happens to assessors when two records of one person become one: interests and double duties are looked for by person."""

from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.registry.models import Person

from .models import Assessor


def follow_person_merge(keep: Person, drop: Person, *, by: Actor) -> int:
    """Assessors follow the person; where both stand at one body in one capacity, the dropped record's engagement ends today. Returns how many."""
    today = timezone.localdate()
    rows = list(Assessor.objects.select_for_update().filter(person=drop).order_by("pk"))
    held = set(Assessor.objects.filter(person=keep, until=None).values_list("organisation_id", "kind"))
    for row in rows:
        row.person = keep
        if row.until is None and (row.organisation_id, row.kind) in held:
            row.until = max(today, row.since)
    Assessor.objects.bulk_update(rows, ["person", "until"])
    if rows:
        before, after = {"person_id": drop.pk}, {"person_id": keep.pk, "assessors": len(rows)}
        record("evaluation.follow_person_merge", by=by, of=keep, before=before, after=after)
    return len(rows)
