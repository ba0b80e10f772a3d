"""How the trainees of a class stand with its lessons: for those who run the class, in a constant number of queries."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from tongxing.training.models import Enrolment, OnlineLesson, TrainingClass

from .models import Lesson, Progress

MINUTE_MS = 60_000


@dataclass
class Line:
    """One trainee: lessons done, minutes earned so far, when last at it."""

    enrolment: Enrolment
    done: int = 0
    begun: int = 0
    earned_ms: int = 0
    last: datetime | None = None
    titles: list[str] = field(default_factory=list)

    @property
    def minutes(self) -> int:
        return self.earned_ms // MINUTE_MS


def lines_of(held: TrainingClass, enrolments: "QuerySet[Enrolment]") -> list[Line]:
    """The trainees that are given, in the order of their numbers; three queries."""
    keys = list(OnlineLesson.objects.filter(training_class=held).values_list("key", flat=True))
    rows = {row.pk: Line(row) for row in enrolments.select_related("person").order_by("serial", "pk")}
    for done in Progress.objects.filter(enrolment__in=rows, lesson__uid__in=keys).select_related("lesson").order_by("lesson__title"):
        line = rows[done.enrolment_id]
        line.begun += 1
        line.done += done.done_at is not None
        line.earned_ms += done.earned_ms
        line.last = max(line.last or done.studied_at, done.studied_at)
        if done.done_at is None:
            line.titles.append(f"{done.lesson.title} {done.furthest_ms // (done.lesson.seconds * 10)}%")
    return list(rows.values())


def planned_with_lessons(held: TrainingClass) -> list[tuple[OnlineLesson, Lesson | None]]:
    planned = list(OnlineLesson.objects.filter(training_class=held).select_related("topic"))
    lessons = {row.uid: row for row in Lesson.objects.filter(uid__in=[row.key for row in planned])}
    return [(row, lessons.get(row.key)) for row in planned]


def users_of(lesson: Lesson) -> dict[str, int]:
    """How many classes plan a lesson, how many people began and finished it."""
    counts: dict[str, int] = defaultdict(int)
    counts["classes"] = OnlineLesson.objects.filter(key=lesson.uid).count()
    for done_at in lesson.progress.values_list("done_at", flat=True):
        counts["begun"] += 1
        counts["done"] += done_at is not None
    return dict(counts)
