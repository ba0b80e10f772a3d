"""How a question did: difficulty and discrimination index as classical test theory counts them, and how often each option was chosen.

Only first attempts count, so that nobody who sits five times weighs five times.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Avg, Count, F, FloatField
from django.db.models.functions import Cast

from tongxing.policy import provisions

from .models import AttemptItem, Question

SHARE = 0.27
"""The upper and the lower group (Kelley 1939)."""


class Answered(NamedTuple):
    """One answer: what was chosen, the share of the points it earned, and the share of the whole paper's."""

    letters: str
    score: float
    paper: float


class ItemFigures(NamedTuple):
    """`difficulty`: mean share of the points (1: all right). `discrimination`: upper less lower group; None with fewer than four answers."""

    answers: int
    difficulty: float | None
    discrimination: float | None
    options: dict[str, int]
    blank: int
    is_small: bool


def figures_from(answers: Iterable[Answered], least: int) -> ItemFigures:
    """The figures of one question from its answers."""
    rows = sorted(answers, key=lambda one: one.paper)
    if not rows:
        return ItemFigures(0, None, None, {}, 0, True)
    group = round(len(rows) * SHARE)
    discrimination = _mean(rows[-group:]) - _mean(rows[:group]) if len(rows) >= 4 and group else None
    chosen = Counter(letter for one in rows for letter in one.letters)
    blank = sum(not one.letters for one in rows)
    return ItemFigures(len(rows), _mean(rows), discrimination, dict(sorted(chosen.items())), blank, len(rows) < least)


def _mean(rows: list[Answered]) -> float:
    return sum(one.score for one in rows) / len(rows)


def figures_of(question: Question) -> ItemFigures:
    """One query."""
    rows = AttemptItem.objects.filter(question=question, attempt__number=1, attempt__submitted_at__isnull=False, attempt__total__gt=0)
    said = rows.values_list("answer", "earned", "points", "attempt__points", "attempt__total")
    answers = [Answered(letters, float(earned or 0) / points, float(got or 0) / total) for letters, earned, points, got, total in said]
    return figures_from(answers, int(provisions.value("learning.statistics_least")))


def difficulty_of(questions: Iterable[int]) -> dict[int, tuple[int, float]]:
    """Question id → (answers, difficulty index), for a list; one query."""
    rows = AttemptItem.objects.filter(question__in=list(questions), attempt__number=1, attempt__submitted_at__isnull=False)
    share = Cast(F("earned"), FloatField()) / Cast(F("points"), FloatField())
    grouped = rows.order_by().values("question_id").annotate(number=Count("pk"), mean=Avg(share))
    return {row["question_id"]: (row["number"], float(row["mean"] or 0)) for row in grouped}
