"""Two records of one person, or of one organisation, became one: entries, judges and interests go on under the record that is kept."""

from django.db.models import F

from tongxing.audit.log import Actor, record
from tongxing.registry.models import Organisation, Person

from .models import COMING, Conflict, Entrant, EntryState, Judge, Quota


def follow_person_merge(keep: Person, drop: Person, *, by: Actor) -> int:
    """What is asked by settings.PERSON_MERGES. Where both entered one competition, the dropped record's entry is withdrawn, or,
    once it has a code, stays with its marks under the dropped record: one person cannot stand in a ranking twice under one name.
    """
    held = Entrant.objects.filter(person=keep).exclude(state=EntryState.WITHDRAWN).values("competition_id")
    double = Entrant.objects.filter(person=drop, competition__in=held).exclude(state=EntryState.WITHDRAWN)
    double.filter(code="", state__in=COMING).update(
        state=EntryState.WITHDRAWN, remark="合并人员记录时与保留的记录重复报名", version=F("version") + 1
    )
    stays = list(double.exclude(code="").values_list("pk", flat=True))
    moved = Entrant.objects.filter(person=drop).exclude(pk__in=stays).update(person=keep)
    moved += Judge.objects.filter(person=drop).update(person=keep)
    if moved:
        before, after = {"person_id": drop.pk}, {"person_id": keep.pk, "rows": moved, "double": len(stays)}
        record("competitions.follow_person_merge", by=by, of=keep, before=before, after=after)
    return moved


def follow_merge(keep: Organisation, drop: Organisation, *, by: Actor) -> dict[str, int]:
    """What is asked by settings.ORGANISATION_MERGES; returns how many of each moved. Quotas of both for one competition add up."""
    declared = Conflict.objects.filter(organisation=keep).values("judge_id")
    Conflict.objects.filter(organisation=drop, judge__in=declared).delete()
    for quota in Quota.objects.select_for_update().filter(organisation=drop):
        if Quota.objects.filter(organisation=keep, competition=quota.competition_id).update(number=F("number") + quota.number):
            quota.delete()
    models = (Entrant, Judge, Conflict, Quota)
    moved = {model._meta.model_name or "": model._default_manager.filter(organisation=drop).update(organisation=keep) for model in models}
    if any(moved.values()):
        record(
            "competitions.follow_merge", by=by, of=keep, before={"organisation_id": drop.pk}, after={"organisation_id": keep.pk, **moved}
        )
    return moved
