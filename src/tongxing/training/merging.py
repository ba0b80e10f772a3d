"""Two records of one organisation or one person became one: what training knows of the dropped record goes to the one that is kept."""

from django.db import transaction
from django.db.models import F

from tongxing.audit.log import Actor, record
from tongxing.registry.models import Organisation, Person

from .models import Enrolment, Invitation, OnlineCredit, Provider, Room, Session, Suspension, TrainingClass
from .models.attendance import Attendance


@transaction.atomic
def follow_merge(keep: Organisation, drop: Organisation, *, by: Actor) -> dict[str, int]:
    """Provider, its suspensions, enrolments and invitations of `drop` go to `keep` (settings.ORGANISATION_MERGES); returns how many moved."""
    asked = Invitation.objects.filter(organisation=keep).values("training_class_id")
    # Both were asked: the one question that is left belongs to the record that is kept.
    Invitation.objects.filter(organisation=drop, training_class_id__in=asked).delete()
    moved = {
        "enrolments": Enrolment.objects.filter(organisation=drop).update(organisation=keep),
        "invitations": Invitation.objects.filter(organisation=drop).update(organisation=keep),
        "providers": _move_provider(keep, drop),
        "suspensions": Suspension.objects.filter(organisation=drop).update(organisation=keep),
    }
    if any(moved.values()):
        record("training.follow_merge", by=by, of=keep, before={"organisation_id": drop.pk}, after={"organisation_id": keep.pk, **moved})
    return moved


def _move_provider(keep: Organisation, drop: Organisation) -> int:
    theirs = Provider.objects.filter(organisation=drop).first()
    if theirs is None:
        return 0
    ours = Provider.objects.filter(organisation=keep).first()
    if ours is None:
        theirs.organisation = keep
        theirs.save(update_fields=["organisation"])
        return 1
    held = set(ours.eligibilities.values_list("year", "level"))
    for row in theirs.eligibilities.all():
        if (row.year, row.level) in held:
            row.delete()
        else:
            row.provider = ours
            row.save(update_fields=["provider"])
    theirs.trainers.update(provider=ours)
    names = {room.name: room for room in ours.rooms.all()}
    for room in theirs.rooms.all():
        if twin := names.get(room.name):
            Session.objects.filter(room=room).update(room=twin)
            room.delete()
        else:
            Room.objects.filter(pk=room.pk).update(provider=ours)
    TrainingClass.objects.filter(provider=theirs).update(provider=ours)
    theirs.delete()
    return 1


@transaction.atomic
def follow_person_merge(keep: Person, drop: Person, *, by: Actor) -> int:
    """Enrolments of `drop` go to `keep`; returns how many. Where both were in one class, the record that got further is kept."""
    mine = {row.training_class_id: row for row in Enrolment.objects.filter(person=keep)}
    theirs = list(Enrolment.objects.select_for_update().filter(person=drop).order_by("pk"))
    for row in theirs:
        twin = mine.get(row.training_class_id)
        if twin is not None:
            _drop_weaker(row, twin)
        Enrolment.objects.filter(pk=row.pk).update(person=keep, version=F("version") + 1)
    if theirs:
        after = {"person_id": keep.pk, "classes": [row.training_class_id for row in theirs]}
        record("training.follow_person_merge", by=by, of=keep, before={"person_id": drop.pk}, after=after)
    return len(theirs)


def _drop_weaker(row: Enrolment, twin: Enrolment) -> None:
    """Of two records in one class the one that got further stays, with the attendance and the online hours of both."""
    kept, dropped = (row, twin) if _rank(row) > _rank(twin) else (twin, row)
    marked = kept.attendance.values("session_id")
    Attendance.objects.filter(enrolment=dropped).exclude(session_id__in=marked).update(enrolment=kept)
    Attendance.objects.filter(enrolment=dropped).delete()
    studied = kept.online_credits.values("lesson_id")
    OnlineCredit.objects.filter(enrolment=dropped).exclude(lesson_id__in=studied).update(enrolment=kept)
    OnlineCredit.objects.filter(enrolment=dropped).delete()
    dropped.delete()


RANKS = ("completed", "incomplete", "admitted", "waiting", "applied", "invited")


def _rank(row: Enrolment) -> int:
    """How far somebody got in a class: the higher, the further."""
    return len(RANKS) - RANKS.index(row.state) if row.state in RANKS else 0
