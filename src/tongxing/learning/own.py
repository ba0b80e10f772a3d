"""What a person sees of the own learning: lessons of the classes one is in, examinations one may sit, feedback one may give."""

from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.registry.models import Person
from tongxing.training.models import ClassState, Enrolment, EnrolmentState, OnlineLesson
from tongxing.training.models.enrolments import PLACE_HELD

from .models import Attempt, Exam, ExamState, Feedback, FeedbackGiven, Lesson, Progress

STUDIED = ("running", "finished", "archived")


class OwnLesson(NamedTuple):
    """A lesson of a class as its trainee sees it."""

    planned: OnlineLesson
    lesson: Lesson
    progress: Progress | None

    @property
    def percent(self) -> int:
        if self.progress is None:
            return 0
        return 100 if self.progress.done_at else min(99, self.progress.furthest_ms // (self.lesson.seconds * 10))


def person_of(user: User) -> Person | None:
    return Person.objects.filter(pk=user.person_id).first() if user.person_id else None


def enrolments_of(person: Person) -> "QuerySet[Enrolment]":
    """The classes the person has a place in and that have begun, the newest first."""
    rows = Enrolment.objects.filter(person=person, state__in=PLACE_HELD, training_class__state__in=STUDIED)
    return rows.select_related("training_class__provider__organisation", "training_class__course").order_by("-training_class__starts_on")


def lessons_of(enrolment: Enrolment) -> list[OwnLesson]:
    """The lessons that the class plans, with the trainee's progress; three queries."""
    planned = list(OnlineLesson.objects.filter(training_class_id=enrolment.training_class_id).select_related("topic"))
    lessons = {row.uid: row for row in Lesson.objects.filter(uid__in=[row.key for row in planned])}
    done = {row.lesson_id: row for row in Progress.objects.filter(enrolment=enrolment)}
    return [OwnLesson(row, lessons[row.key], done.get(lessons[row.key].pk)) for row in planned if row.key in lessons]


def exams_of(person: Person) -> "QuerySet[Exam]":
    """Examinations of the person's classes, and those for everybody of an area that the person's lies in or below."""
    code = person.area_id
    above = {code - code % width for width in (10**10, 10**8, 10**6, 10**3, 1)}
    mine = Enrolment.objects.filter(person=person, state__in=PLACE_HELD).values("training_class_id")
    return Exam.objects.filter(Q(training_class__in=mine) | Q(training_class=None, area_id__in=above)).exclude(state=ExamState.DRAFT)


def open_exams_of(person: Person) -> "QuerySet[Exam]":
    today = timezone.localdate()
    return exams_of(person).filter(Q(closes_on=None) | Q(closes_on__gte=today), state=ExamState.OPEN)


def unfinished_lessons(person: Person) -> int:
    """Lessons that the person's running classes plan and that are not done yet."""
    rows = OnlineLesson.objects.filter(
        training_class__state=ClassState.RUNNING,
        training_class__enrolments__person=person,
        training_class__enrolments__state=EnrolmentState.ADMITTED,
        key__in=Lesson.objects.values("uid"),
    )
    done = Progress.objects.filter(
        enrolment__person=person, enrolment__training_class=OuterRef("training_class"), lesson__uid=OuterRef("key"), done_at__isnull=False
    )
    return rows.filter(~Exists(done)).count()


def exams_to_sit(person: Person) -> int:
    """Open examinations that the person has not handed in once."""
    sat = Attempt.objects.filter(exam=OuterRef("pk"), person=person, submitted_at__isnull=False)
    return open_exams_of(person).filter(~Exists(sat)).count()


def may_give_feedback(enrolment: Enrolment) -> bool:
    """Who took part in a class that is over, once."""
    over = enrolment.training_class.state in {"finished", "archived"}
    return over and enrolment.state in {"completed", "incomplete"} and not FeedbackGiven.objects.filter(enrolment=enrolment).exists()


def feedback_number(training_class_id: int) -> int:
    return Feedback.objects.filter(training_class_id=training_class_id).count()
