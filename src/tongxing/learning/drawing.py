"""Drawing a paper: from a seed and a version of the bank anybody draws the same one, with nothing but SHA-256.

For each line of the blueprint, in order: of the questions that fit and are not drawn yet, those with the smallest SHA-256 of
`seed:line:code` as hexadecimal text are taken. Questions of a case come together.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .models import BlueprintLine, Exam, Question


class Card(NamedTuple):
    """A question of the bank as the drawing sees it; `parts` are the sub-questions of a case."""

    pk: int
    code: str
    kind: str
    function: str
    difficulty: int
    parts: tuple[int, ...] = ()


class Drawn(NamedTuple):
    """One question on the paper."""

    question_id: int
    points: int


class Short(NamedTuple):
    """A line for which the bank holds too few."""

    line: int
    asked: int
    there: int


RULE = "按蓝图的次序逐行抽题：对符合这一行、还没有抽到的题，计算“种子:行号:题号”的 SHA-256，取十六进制值最小的若干道。"


def cards_at(level: int, version: int) -> list[Card]:
    """What the bank held for a level when it had this version; two queries."""
    rows = Question.objects.in_bank(version).filter(levels__contains=str(level))
    parts: dict[int, list[int]] = defaultdict(list)
    held = Question.objects.in_bank(version).filter(case__isnull=False).order_by("position", "number")
    for case, pk in held.values_list("case_id", "pk"):
        parts[case].append(pk)
    return [
        Card(row.pk, row.code, row.kind, row.function, row.difficulty, tuple(parts[row.pk]))
        for row in rows.filter(case=None).only("number", "version", "kind", "function", "difficulty")
    ]


def draw(lines: Sequence[BlueprintLine], cards: Iterable[Card], seed: str) -> tuple[list[Drawn], list[Short]]:
    """The paper, and the lines that could not be filled. The order of `cards` does not matter."""
    left = {card.code: card for card in cards}
    paper: list[Drawn] = []
    short: list[Short] = []
    for number, line in enumerate(lines, start=1):
        fitting = sorted((code for code, card in left.items() if _fits(card, line)), key=lambda code: (_rank(seed, number, code), code))
        taken = [left.pop(code) for code in fitting[: line.count]]
        if len(taken) < line.count:
            short.append(Short(number, line.count, len(taken)))
        for card in taken:
            paper += [Drawn(pk, line.points) for pk in card.parts or (card.pk,)]
    return paper, short


def _fits(card: Card, line: BlueprintLine) -> bool:
    right_kind = card.kind == line.kind and (not line.function or card.function == line.function)
    return right_kind and (line.difficulty is None or card.difficulty == line.difficulty)


def _rank(seed: str, line: int, code: str) -> str:
    return hashlib.sha256(f"{seed}:{line}:{code}".encode()).hexdigest()


def paper_of(exam: Exam, seed: str, version: int) -> tuple[list[Drawn], list[Short]]:
    """The paper of an examination for a seed and a version of the bank."""
    return draw(list(exam.blueprint.all()), cards_at(exam.level, version), seed)
