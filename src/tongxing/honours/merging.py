"""Two records of one person became one: prizes and titles go on under the record that is kept."""

from django.db.models import Exists, OuterRef
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.registry.models import Person

from .models import Award


def follow_person_merge(keep: Person, drop: Person, *, by: Actor) -> int:
    """What is asked by settings.PERSON_MERGES; one that both records hold is struck out on the one that goes. Returns how many moved."""
    held = Award.objects.standing().filter(person=keep, kind=OuterRef("kind"), name=OuterRef("name"), awarded_on=OuterRef("awarded_on"))
    double = Award.objects.standing().filter(Exists(held), person=drop)
    Award.objects.filter(pk__in=list(double.values_list("pk", flat=True))).update(
        struck_on=timezone.localdate(), struck_reason="合并人员记录时与保留的记录重复"
    )
    moved = Award.objects.filter(person=drop).update(person=keep)
    if moved:
        record("honours.follow_person_merge", by=by, of=keep, before={"person_id": drop.pk}, after={"person_id": keep.pk, "awards": moved})
    return moved
