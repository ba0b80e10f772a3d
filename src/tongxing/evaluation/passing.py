"""The pass rule (facts §1): every part of the level at or above the mark; a passed part is kept for a time. Pure functions."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from tongxing.certificates.models import Level
from tongxing.policy import provisions
from tongxing.policy.decision import Decision

from .models.scores import Part

CLAUSES = ("notice:3.1.4",)


def parts_of(level: int) -> tuple[Part, ...]:
    """The parts of a level; 2 and 1 have the review besides."""
    return (Part.THEORY, Part.PRACTICE, Part.REVIEW) if level in (Level.FIRST, Level.SECOND) else (Part.THEORY, Part.PRACTICE)


def mark_on(day: date) -> Decimal:
    return Decimal(str(provisions.value("evaluation.pass_mark", day)))


def decide(level: int, scores: Mapping[Part, Decimal | None], mark: Decimal) -> Decision:
    """Passed when every part of the level stands at the mark or above; a part that is missing or was not taken fails."""
    short, facts = [], {}
    for part in parts_of(level):
        value = scores.get(part)
        facts[part.label] = None if value is None else float(value)
        if value is None:
            short.append(f"{part.label}没有成绩")
        elif value < mark:
            short.append(f"{part.label} {value} 分，低于 {mark} 分")
    reasons = tuple(f"{text}。" for text in short) or (f"各科都达到 {mark} 分。",)
    return Decision(not short, reasons, {**facts, "合格分数": float(mark)}, CLAUSES)


def years_after(day: date, years: int) -> date:
    """The same day so many years later; the 28th for the 29th of February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def kept_until(exam_on: date) -> date:
    """The last day on which a part passed on `exam_on` still counts."""
    return years_after(exam_on, int(provisions.value("evaluation.part_kept_years", exam_on)))
