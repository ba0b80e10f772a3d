"""Two records of one person or one organisation became one. A person's attempts and the book of wrong answers go to the one that is kept (settings.PERSON_MERGES).

Lessons go with the provider, before training joins the two (settings.ORGANISATION_MERGES). Progress hangs on the enrolment, which training moves; study days and seat follow it.
"""

from django.db import transaction
from django.db.models import Max

from tongxing.audit.log import Actor, record
from tongxing.registry.models import Organisation, Person
from tongxing.training.models import Provider

from .models import Attempt, Lesson, Seat, StudyDay, WrongAnswer


@transaction.atomic
def follow_merge(keep: Organisation, drop: Organisation, *, by: Actor) -> dict[str, int]:
    """Lessons of the provider that `drop` is go to the one that `keep` is; returns how many. Where only one is a provider, training moves it."""
    ours, theirs = (Provider.objects.filter(organisation=held).first() for held in (keep, drop))
    moved = Lesson.objects.filter(provider=theirs).update(provider=ours) if ours and theirs else 0
    if moved:
        record(
            "learning.follow_merge",
            by=by,
            of=keep,
            before={"organisation_id": drop.pk},
            after={"organisation_id": keep.pk, "lessons": moved},
        )
    return {"lessons": moved}


@transaction.atomic
def follow_person_merge(keep: Person, drop: Person, *, by: Actor) -> int:
    """Returns how many attempts moved; where both sat one examination, those of `drop` are numbered after the others."""
    attempts = list(Attempt.objects.select_for_update(of=("self",)).filter(person=drop).order_by("number"))
    for attempt in attempts:
        most = Attempt.objects.filter(exam_id=attempt.exam_id, person=keep).aggregate(n=Max("number"))["n"] or 0
        twin_runs = (
            attempt.submitted_at is None and Attempt.objects.filter(exam_id=attempt.exam_id, person=keep, submitted_at=None).exists()
        )
        if twin_runs:
            attempt.submitted_at = attempt.due_at
        attempt.person, attempt.number = keep, most + 1
        attempt.save(update_fields=["person", "number", "submitted_at"])
    known = WrongAnswer.objects.filter(person=keep).values("question_id")
    WrongAnswer.objects.filter(person=drop, question__in=known).delete()
    WrongAnswer.objects.filter(person=drop).update(person=keep)
    StudyDay.objects.filter(person=drop).update(person=keep)
    Seat.objects.filter(person=drop).delete()
    if attempts:
        record(
            "learning.follow_person_merge",
            by=by,
            of=keep,
            before={"person_id": drop.pk},
            after={"person_id": keep.pk, "attempts": len(attempts)},
        )
    return len(attempts)
