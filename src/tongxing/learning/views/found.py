"""What the addresses of the room name, as far as the user may see it; else 404."""

from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from tongxing.accounts.requests import user_of
from tongxing.learning.models import Attempt, Exam, Lesson, Progress, Question
from tongxing.learning.own import enrolments_of, person_of
from tongxing.registry.models import Person
from tongxing.training.models import Enrolment, OnlineLesson, TrainingClass


def own_person(request: HttpRequest) -> Person:
    """The person that the account belongs to; without one there is nothing of one's own."""
    person = person_of(user_of(request))
    if person is None:
        raise Http404
    return person


def own_enrolment(request: HttpRequest, uid: UUID) -> Enrolment:
    return get_object_or_404(enrolments_of(own_person(request)), uid=uid)


def own_planned(request: HttpRequest, uid: UUID, lesson: UUID) -> tuple[Enrolment, Lesson]:
    """The user's enrolment and a lesson that its class plans."""
    row = own_enrolment(request, uid)
    planned = OnlineLesson.objects.filter(training_class_id=row.training_class_id).values("key")
    return row, get_object_or_404(Lesson.objects.select_related("file"), uid=lesson, uid__in=planned)


def own_progress(request: HttpRequest, pk: int) -> Progress:
    rows = Progress.objects.filter(enrolment__person=own_person(request)).select_related("enrolment", "lesson")
    return get_object_or_404(rows, pk=pk)


def own_attempt(request: HttpRequest, uid: UUID) -> Attempt:
    rows = Attempt.objects.filter(person=own_person(request)).select_related("exam", "person")
    return get_object_or_404(rows, uid=uid)


def seen_attempt(request: HttpRequest, uid: UUID) -> Attempt:
    """The own one, or one of an examination that the user may see."""
    user = user_of(request)
    rows = Attempt.objects.filter(exam__in=Exam.objects.visible_to(user)) | Attempt.objects.filter(person_id=user.person_id or 0)
    return get_object_or_404(rows.select_related("exam", "person"), uid=uid)


def seen_lesson(request: HttpRequest, uid: UUID) -> Lesson:
    rows = Lesson.objects.visible_to(user_of(request)).select_related("topic__course", "provider__organisation", "file", "area")
    return get_object_or_404(rows, uid=uid)


def shown_lesson(request: HttpRequest, uid: UUID) -> Lesson:
    """Whose content the user may open: who keeps it, and the trainees of classes that plan it."""
    user = user_of(request)
    rows = Lesson.objects.visible_to(user)
    if person := person_of(user):
        held = enrolments_of(person).order_by().values("training_class_id")
        planned = OnlineLesson.objects.filter(training_class_id__in=held).values("key")
        rows = rows | Lesson.objects.filter(uid__in=planned)
    return get_object_or_404(rows.select_related("file"), uid=uid)


def seen_question(request: HttpRequest, uid: UUID) -> Question:
    rows = Question.objects.visible_to(user_of(request)).select_related("case").prefetch_related("options")
    return get_object_or_404(rows, uid=uid)


def seen_exam(request: HttpRequest, uid: UUID) -> Exam:
    rows = Exam.objects.visible_to(user_of(request)).select_related("area", "training_class__provider")
    return get_object_or_404(rows, uid=uid)


def seen_class(request: HttpRequest, uid: UUID) -> TrainingClass:
    rows = TrainingClass.objects.visible_to(user_of(request)).select_related("course", "provider__organisation", "area")
    return get_object_or_404(rows, uid=uid)
