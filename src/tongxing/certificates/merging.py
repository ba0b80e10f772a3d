"""Merging two records of one person, with their certificates: the whole act, since certificates stand above the register."""

from django.db import transaction

from tongxing.audit.log import Actor, record
from tongxing.registry.merging import merge_people
from tongxing.registry.models import Person

from .models import Certificate


@transaction.atomic
def merge_with_certificates(keep: Person, drop: Person, *, by: Actor, reason: str = "") -> Person:
    """Merge the register's rows, then move the certificates; both or nothing."""
    kept = merge_people(keep, drop, by=by, reason=reason)
    move_certificates(drop, kept, by=by)
    return kept


@transaction.atomic
def move_certificates(drop: Person, keep: Person, *, by: Actor) -> int:
    """Give every certificate of `drop` to `keep`; returns how many."""
    numbers = list(Certificate.objects.filter(person=drop).values_list("number", flat=True))
    Certificate.objects.filter(person=drop).update(person=keep)
    if numbers:
        record("certificates.move", by=by, of=keep, before={"person_id": drop.pk}, after={"person_id": keep.pk, "numbers": numbers})
    return len(numbers)
