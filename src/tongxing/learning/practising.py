"""The book of wrong answers: a question stays until it was answered rightly so many times in a row (provision `learning.rights_in_a_row`)."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tongxing.policy import provisions
from tongxing.registry.models import Person

from .marking import is_right
from .models import QuestionState, WrongAnswer


def open_wrong(person: Person) -> "QuerySet[WrongAnswer]":
    """What is still to be practised, the one that waits longest first; questions that were retired are left out."""
    rows = WrongAnswer.objects.filter(person=person, mastered_at=None, question__state=QuestionState.IN_USE)
    return rows.select_related("question__case").prefetch_related("question__options").order_by("last_at", "pk")


def rights_needed() -> int:
    return int(provisions.value("learning.rights_in_a_row"))


@transaction.atomic
def practise(row: WrongAnswer, letters: list[str]) -> bool:
    """Answer it once more; returns whether it was right. One's own practice: no entry in the log."""
    held = WrongAnswer.objects.select_for_update(of=("self",)).select_related("question").get(pk=row.pk)
    right = is_right(held.question, letters)
    held.last_at = timezone.now()
    held.right_in_a_row = held.right_in_a_row + 1 if right else 0
    held.wrong += not right
    if held.right_in_a_row >= rights_needed() and held.mastered_at is None:
        held.mastered_at = held.last_at
    held.save(update_fields=["last_at", "right_in_a_row", "wrong", "mastered_at"])
    return right
