"""Bulk acts of the question sheet: one transaction for a chunk; `sheets` writes the audit entry of the batch. Imported questions are drafts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from tongxing.audit.log import Actor
from tongxing.core.locks import one_at_a_time
from tongxing.sheets.sheet import Stale

from .banking import LETTERS, LOCK, Facts, digest_of, next_number
from .models import Kind, Option, Question, QuestionState
from .rules import can_write_bank, insist


@dataclass
class Entry:
    """One question of a row; `material` is the text of its case, empty when it has none."""

    facts: Facts
    material: str = ""
    id: int | None = None
    case_id: int | None = None


def case_facts(entry: Entry) -> Facts:
    """The case that a row's material makes, of the function, levels and difficulty of its first question."""
    said = entry.facts
    return Facts(Kind.CASE, said.function, said.levels, said.difficulty, entry.material)


@transaction.atomic
def write_many(entries: Sequence[Entry], *, by: Actor) -> None:
    """Write questions as drafts; fills `id` and `case_id`. Raises Stale when the bank took one of them in since the rows were judged."""
    insist(can_write_bank(by))
    with one_at_a_time(LOCK):
        number = next_number()
        cases = _cases(entries, number, by)
        number += len({case.number for case in cases.values() if case.number >= number})
        standing = Question.objects.newest().exclude(state=QuestionState.RETIRED)
        known = set(standing.filter(digest__in=[_digest(entry) for entry in entries]).values_list("case_id", "digest"))
        last = dict(standing.filter(case__in=cases.values()).order_by().values_list("case_id").annotate(most=Max("position")))
        rows = []
        for place, entry in enumerate(entries):
            case = cases.get(digest_of(entry.material, ())) if entry.material else None
            entry.case_id = case.pk if case else None
            if (entry.case_id, _digest(entry)) in known:
                raise Stale
            position = 0
            if case:
                position = last[case.pk] = last.get(case.pk, 0) + 1
            rows.append(_row(entry.facts, number + place, by, case, position))
        # The keys are needed: both databases give them back.
        for entry, row in zip(entries, Question.objects.bulk_create(rows), strict=True):
            entry.id = row.pk
        Option.objects.bulk_create(option for entry, row in zip(entries, rows, strict=True) for option in _options(row, entry.facts))


def _digest(entry: Entry) -> str:
    return digest_of(entry.facts.stem, entry.facts.options)


def _cases(entries: Sequence[Entry], number: int, by: Actor) -> dict[str, Question]:
    """Digest of the material → its case; those that the bank does not hold as a draft are made."""
    wanted = {digest_of(entry.material, ()): entry for entry in reversed(entries) if entry.material}
    held = Question.objects.newest().filter(kind=Kind.CASE, state=QuestionState.DRAFT, digest__in=wanted)
    found = {case.digest: case for case in held}
    fresh = [digest for digest in wanted if digest not in found]
    rows = [_row(case_facts(wanted[digest]), number + place, by, None, 0) for place, digest in enumerate(fresh)]
    return found | dict(zip(fresh, Question.objects.bulk_create(rows), strict=True))


def _row(facts: Facts, number: int, by: Actor, case: Question | None, position: int) -> Question:
    kept = {name: getattr(facts, name) for name in ("kind", "function", "levels", "difficulty", "stem", "citation", "explanation")}
    digest = digest_of(facts.stem, facts.options)
    return Question(**kept, digest=digest, number=number, case=case, position=position, made_by=by.display_name[:60])


def _options(question: Question, facts: Facts) -> list[Option]:
    pairs = zip(LETTERS, facts.options, strict=False)
    return [Option(question=question, letter=letter, text=text, is_right=letter in facts.right) for letter, text in pairs]


def what_stands_against(ids: Iterable[int]) -> list[str]:
    """Questions that were put in use or altered since."""
    rows = Question.objects.filter(pk__in=list(ids))
    return [f"{row.code} 后来已启用或修改" for row in rows if row.state != QuestionState.DRAFT or row.edits or not row.is_latest]


@transaction.atomic
def take_back(ids: Sequence[int], cases: Iterable[int]) -> None:
    """Remove drafts that nothing was done with, and the cases that are left without a question. Raises Stale when something was."""
    with one_at_a_time(LOCK):
        if what_stands_against(ids):
            raise Stale
        Question.objects.filter(pk__in=list(ids)).delete()
        Question.objects.filter(pk__in=list(cases), kind=Kind.CASE, state=QuestionState.DRAFT, edits=0, parts=None).delete()
