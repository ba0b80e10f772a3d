"""Marking an answer: right letters earn the points; of a multiple choice some of them, none wrong, earn a part (a provision)."""

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from tongxing.policy import provisions

from .models import Kind, Question

TENTH = Decimal("0.1")


def letters_of(raw: Iterable[str]) -> str:
    """Chosen letters in order, each once; anything that is no letter of an option is dropped."""
    return "".join(sorted({sign for part in raw for sign in part.upper() if "A" <= sign <= "H"}))


def is_right(question: Question, answer: Iterable[str]) -> bool:
    return letters_of(answer) == question.right


def partial_percent(on: date | None = None) -> int:
    return int(provisions.value("learning.partial_percent", on))


def earned(kind: str, right: str, answer: str, points: int, partial: int) -> Decimal:
    """The points an answer earns. `partial`: percent of the points for a multiple choice answered in part and without a wrong letter."""
    if answer == right and right:
        return Decimal(points)
    if kind == Kind.MULTIPLE and answer and set(answer) < set(right):
        return (Decimal(points) * partial / 100).quantize(TENTH, ROUND_HALF_UP)
    return Decimal(0)
