"""Writing down what became of a chunk's rows, in the transaction that did it."""

import json
from collections.abc import Iterable
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q
from django.utils import timezone

from .models import Batch, Chunk, Fate, Line, seal_undo
from .running import tally
from .sheet import Sheet, Verdict
from .writing import insert_many

LINE_FIELDS = ("batch_id", "chunk", "row", "fate", "label", "problems", "warned", "diff", "refs", "about", "undo_sealed", "applied")
COUNTS = (*Fate.values, "warnings")


def write_chunk(batch: Batch, number: int, sheet: Sheet, verdicts: list[Verdict], *, applied: bool) -> dict[str, int]:
    """Replace what an earlier pass wrote of these rows. New rows go into the chunk's references, rows with a story become lines."""
    first, last = verdicts[0].row, verdicts[-1].row
    Line.objects.filter(batch=batch, row__range=(first, last)).delete()
    counts = tally(verdicts)
    insert_many(Line, LINE_FIELDS, (_line(batch, number, sheet, verdict, applied) for verdict in verdicts if _has_story(verdict)))
    refs = [[verdict.row, verdict.refs] for verdict in verdicts if verdict.fate == Fate.NEW] if applied else []
    Chunk.objects.filter(batch=batch, number=number).delete()
    Chunk.objects.create(batch=batch, number=number, first_row=first, last_row=last, counts=counts, refs=refs, applied=applied)
    return counts


def _has_story(verdict: Verdict) -> bool:
    return bool(verdict.problems) or verdict.fate in {Fate.CHANGED, Fate.INVALID, Fate.DUPLICATE}


def _line(batch: Batch, number: int, sheet: Sheet, verdict: Verdict, applied: bool) -> tuple[Any, ...]:
    written = applied and verdict.fate in {Fate.NEW, Fate.CHANGED}
    old = verdict.undo if written and verdict.fate == Fate.CHANGED else {}
    undo = seal_undo(batch.pk, verdict.row, json.dumps(old, cls=DjangoJSONEncoder)) if old else ""
    return (
        batch.pk,
        number,
        verdict.row,
        verdict.fate,
        verdict.label,
        [problem.as_dict() for problem in verdict.problems],
        verdict.warned and not verdict.bad,
        sheet.shown(verdict) if verdict.fate == Fate.CHANGED else [],
        verdict.refs if verdict.fate == Fate.CHANGED else {},
        verdict.about if written and verdict.fate == Fate.CHANGED else None,
        undo,
        written,
    )


def totals(batch: Batch, *, applied: bool | None = None) -> dict[str, int]:
    """Counts of the batch's chunks summed."""
    chosen = Q(batch=batch) if applied is None else Q(batch=batch, applied=applied)
    sums = dict.fromkeys(COUNTS, 0)
    for counts in Chunk.objects.filter(chosen).values_list("counts", flat=True):
        for key in COUNTS:
            sums[key] += counts.get(key, 0)
    return sums


def finish(batch: Batch, status: str, counts: dict[str, int], *, seconds: float, **changes: Any) -> None:
    """Set the batch's end state and figures."""
    fields = {"status": status, "seconds": round(batch.seconds + seconds, 3), "finished_at": timezone.now(), **counts, **changes}
    Batch.objects.filter(pk=batch.pk).update(**fields)


def problems_of(batch: Batch) -> Iterable[dict[str, Any]]:
    """Every problem of the batch in the order of its rows, as the machine contract prints it."""
    rows = Line.objects.filter(batch=batch).exclude(problems=[]).order_by("row").values_list("row", "problems")
    for row, problems in rows.iterator(chunk_size=2000):
        for problem in problems:
            yield {"row": row, **problem}
