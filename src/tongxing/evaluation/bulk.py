"""Bulk acts that the room's sheets call: one transaction for a chunk; `sheets` writes the audit entry of the batch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from tongxing.audit.log import Actor
from tongxing.core.errors import Refused
from tongxing.registry.models import Person
from tongxing.sheets.sheet import Stale
from tongxing.sheets.writing import lock, remove_many

from . import applying
from .applying import Claimed
from .models import Application, AssessmentBatch, BatchState, ScoreEntry
from .models.applications import AppliedBy
from .moving import held, insist_state
from .rules import can_manage, insist


@dataclass
class Entry:
    """One application of a row."""

    batch_id: int
    person_id: int
    claimed: Claimed
    id: int | None = None


@transaction.atomic
def apply_many(entries: Sequence[Entry], *, by: Actor) -> None:
    """Enter applications; fills `id`. Raises Stale when a batch or a person moved on since the rows were judged."""
    batches = {pk: held(AssessmentBatch(pk=pk)) for pk in sorted({entry.batch_id for entry in entries})}
    people = Person.objects.in_bulk({entry.person_id for entry in entries})
    try:
        for batch in batches.values():
            insist(can_manage(by, batch))
            insist_state(batch, BatchState.ANNOUNCED, doing="报名")
        for entry in entries:
            batch, person = batches[entry.batch_id], people[entry.person_id]
            values = applying.judged(batch, person, entry.claimed)
            if Application.objects.filter(batch=batch, person=person).exists():
                raise Stale
            values |= {"applied_by": AppliedBy.OFFICER, "applied_name": by.display_name[:60]}
            entry.id = Application.objects.create(batch=batch, person=person, **values).pk
    except Refused as refused:
        if refused.status == 403:
            raise
        raise Stale from refused


def _moved_on(ids: Iterable[int]) -> "Any":
    """Applications that something was done with since: checked, corrected, evidence put to them."""
    rows = Application.objects.filter(pk__in=list(ids)).select_related("person")
    return [row for row in rows if row.version > 1 or row.state != "submitted" or row.evidence.exists()]


def what_stands_against_applications(ids: Iterable[int]) -> list[str]:
    return [f"“{row.person.name}”的报名后来已审核、修改或补充材料" for row in _moved_on(ids)]


@transaction.atomic
def take_back_applications(ids: Sequence[int]) -> None:
    """Remove applications that nothing was done with. Raises Stale when something was."""
    lock(Application, ids)
    if _moved_on(ids):
        raise Stale
    remove_many(Application, ids)


def what_stands_against_scores(ids: Iterable[int]) -> list[str]:
    """Entries whose batch is past scoring, or whose difference was settled."""
    rows = ScoreEntry.objects.filter(pk__in=list(ids)).select_related("candidate__batch")
    found = []
    for row in rows:
        if row.candidate.batch.state != BatchState.EXAMINED:
            found.append(f"批次 {row.candidate.batch.code} 的成绩已经确定")
        elif row.candidate.parts.filter(part=row.part).exists():
            found.append(f"准考证 {row.candidate.ticket} 的差异已经核定")
    return sorted(set(found))


@transaction.atomic
def take_back_scores(ids: Sequence[int]) -> None:
    """Remove entries that nothing rests on yet. Raises Stale when something does."""
    for batch in AssessmentBatch.objects.filter(candidates__entries__in=ids).distinct().order_by("pk"):
        held(batch)
    if what_stands_against_scores(ids):
        raise Stale
    remove_many(ScoreEntry, ids)
