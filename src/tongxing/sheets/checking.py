"""The dry run: every row of the batch's file gets a fate; nothing of the register changes."""

from collections.abc import Callable
from time import perf_counter
from typing import Any

from django.db import transaction

from tongxing.core.errors import Refused
from tongxing.core.jobs import rest

from .catalogue import open_sheet
from .claims import Interrupted, claimed, renew
from .loader import loader_for
from .memory import chunks, fewer_looks
from .models import Batch, BatchStatus, Chunk, Line
from .recording import finish, totals, write_chunk
from .running import Pass
from .uploads import opened

CHUNK_ROWS = 5_000
Progress = Callable[[int], None]


def check(batch: Batch, *, by: Any, progress: Progress | None = None) -> Batch:
    """Judge every row and write down what would happen. A file that cannot be read at all refuses the batch, with the reason."""
    started = perf_counter()
    with claimed(batch, "check", done=0, total=0, seconds=0) as mine, fewer_looks():
        Line.objects.filter(batch=batch).delete()
        Chunk.objects.filter(batch=batch).delete()
        try:
            skipped = _run(batch, mine, by, progress)
        except Interrupted:
            return batch
        except Refused as refusal:
            refuse(batch, refusal)
            return batch
        counts = totals(batch)
        rows = sum(counts.values()) - counts["warnings"]
        finish(batch, BatchStatus.CHECKED, counts, seconds=perf_counter() - started, skipped=skipped, total=rows, done=rows)
    return batch


def _run(batch: Batch, mine: str, by: Any, progress: Progress | None) -> int:
    sheet = open_sheet(batch.sheet)
    run = Pass(sheet, loader_for(by, type(sheet)))
    done = 0
    with opened(batch, sheet) as reading:
        note_reading(batch, reading)
        for number, rows in enumerate(chunks(reading.rows, CHUNK_ROWS)):
            rest()
            verdicts = run.judge(rows)
            done += len(rows)
            with transaction.atomic():
                renew(batch, mine, BatchStatus.CHECKING, done)
                write_chunk(batch, number, sheet, verdicts, applied=False)
            if progress:
                progress(done)
        if not done:
            raise Refused("表里只有表头，没有数据行。请填写后重新导入。", code="no_rows")
        return reading.skipped.total


def note_reading(batch: Batch, reading: Any) -> None:
    """Which worksheet was read, and which columns were not understood."""
    batch.worksheet, batch.unknown_headings = reading.worksheet[:120], list(reading.unknown_headings)[:100]
    batch.save(update_fields=["worksheet", "unknown_headings"])


def refuse(batch: Batch, refusal: Refused) -> None:
    """The file as a whole cannot be taken."""
    changes = {"refused_code": refusal.code, "refused_message": refusal.message[:500]}
    finish(batch, BatchStatus.REFUSED, {}, seconds=0, **changes)
    batch.refresh_from_db()
