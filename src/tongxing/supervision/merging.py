"""Two records of one organisation, or of one person, became one: what supervision knows goes on under the record that is kept."""

from tongxing.audit.log import Actor, record
from tongxing.registry.models import Organisation, Person

from .models import Anomaly, Candidate, Finding, Inspector, Interest, Sanction, Visit


def follow_merge(keep: Organisation, drop: Organisation, *, by: Actor) -> dict[str, int]:
    """What is asked by settings.ORGANISATION_MERGES; returns how many of each moved. A published list of candidates stays as it was."""
    known = Interest.objects.filter(organisation=keep).values("inspector_id")
    Interest.objects.filter(organisation=drop, inspector__in=known).delete()
    models = (Visit, Finding, Sanction, Anomaly, Candidate, Interest, Inspector)
    moved = {model._meta.model_name or "": model._default_manager.filter(organisation=drop).update(organisation=keep) for model in models}
    if any(moved.values()):
        after = {"organisation_id": keep.pk, **moved}
        record("supervision.follow_merge", by=by, of=keep, before={"organisation_id": drop.pk}, after=after)
    return moved


def follow_person_merge(keep: Person, drop: Person, *, by: Actor) -> int:
    """An inspector stays the person in whose name interests are looked for (settings.PERSON_MERGES). Returns how many."""
    moved = Inspector.objects.filter(person=drop).update(person=keep)
    if moved:
        record("supervision.follow_person_merge", by=by, of=keep, before={"person_id": drop.pk}, after={"person_id": keep.pk})
    return moved
