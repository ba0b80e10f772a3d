"""Feedback on a class that is over: one answer for each trainee, shown only when enough are there that nobody can be told from it.

Answers are counted in groups of that number (5, 10, 15 …): what a page says now less what it said before is never a single answer.
"""

from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Avg, Count

from tongxing.accounts.models import User
from tongxing.core.errors import Refused
from tongxing.core.values import clean_text
from tongxing.policy import provisions
from tongxing.training.holding import locked
from tongxing.training.models import Enrolment, TrainingClass

from .models import QUESTIONS, Feedback, FeedbackGiven
from .own import may_give_feedback

LONGEST = 1000


class Summary(NamedTuple):
    """`counted` of `answers` are in `rows`: question, mean, and how often each mark 1–5 was given; empty while there are too few answers.

    `missing`: how many more have to come before the next are counted.
    """

    answers: int
    counted: int
    asked: int
    least: int
    missing: int
    rows: list[tuple[str, float, list[int]]]
    words: list[str]


@transaction.atomic
def give_feedback(enrolment: Enrolment, marks: dict[str, int], words: str = "", *, by: User) -> None:
    """Give one's answers, once. Nothing says whose they are, and so no entry of the log is written: its actor and its moment would."""
    if by.person_id != enrolment.person_id or not may_give_feedback(enrolment):
        raise Refused("班级结业以后，每位学员可以评价一次。您已经评价过，或现在还不能评价。", code="no_feedback")
    if set(marks) != set(QUESTIONS) or not all(1 <= mark <= 5 for mark in marks.values()):
        raise Refused("请给每一项打 1 至 5 分。", code="bad_marks", status=422)
    # One after the other: two that came at once would each see the group full.
    held = locked(enrolment.training_class)
    try:
        with transaction.atomic():
            FeedbackGiven.objects.create(enrolment=enrolment)
    except IntegrityError:
        raise Refused("您已经评价过这个班，谢谢。", code="given") from None
    said = "\n".join(clean_text(line, longest=LONGEST) for line in words[:LONGEST].splitlines()).strip()
    Feedback.objects.create(training_class=held, words=said, **marks)
    waiting = Feedback.objects.filter(training_class=held, is_released=False)
    if waiting.count() >= least_shown():
        waiting.update(is_released=True)


def least_shown() -> int:
    """Provision `learning.feedback_least`: so many answers are counted together, so that nobody can be told from them."""
    return int(provisions.value("learning.feedback_least"))


def summary_of(held: TrainingClass) -> Summary:
    """What may be shown of a class's feedback."""
    least, every = least_shown(), Feedback.objects.filter(training_class=held)
    rows = every.filter(is_released=True)
    number, counted = every.count(), rows.count()
    asked = held.enrolments.filter(state__in=("completed", "incomplete")).count()
    missing = max(1, least - (number - counted))
    if counted < least:
        return Summary(number, 0, asked, least, missing, [], [])
    means = rows.aggregate(**{f"{name}_mean": Avg(name) for name in QUESTIONS})
    lines = []
    for name, label in QUESTIONS.items():
        counts = dict(rows.order_by().values_list(name).annotate(n=Count("pk")))
        lines.append((label, float(means[f"{name}_mean"]), [counts.get(mark, 0) for mark in range(1, 6)]))
    return Summary(number, counted, asked, least, missing, lines, list(rows.exclude(words="").values_list("words", flat=True)))
