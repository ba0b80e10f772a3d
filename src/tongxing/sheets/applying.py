"""Applying a batch: chunk by chunk, each in one transaction that also marks it done.

A kill at any moment loses nothing and doubles nothing. Every chunk is looked up and judged again under its transaction, so that what others wrote since the check is seen and never overwritten
unseen.
"""

from collections.abc import Iterable
from contextlib import nullcontext, suppress
from time import perf_counter
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from tongxing.audit.log import record
from tongxing.core.errors import Refused
from tongxing.core.jobs import rest
from tongxing.core.upkeep import analyze

from .catalogue import open_sheet
from .checking import CHUNK_ROWS, Progress, note_reading, refuse
from .claims import Interrupted, claimed, is_stalled, renew
from .loader import loader_for
from .memory import chunks, fewer_looks, journals_on_disk
from .models import Batch, BatchStatus, Chunk, Fate, Line, Mode
from .reading import SourceRow
from .recording import finish, totals, write_chunk
from .running import Pass
from .sheet import Stale, Verdict
from .uploads import opened

ATTEMPTS = 5
LARGE_ROWS = 10_000
"""A batch that wrote so many rows leaves the database's picture of its tables behind."""


class _NotAllGood(Exception):
    """All-or-nothing, and a row turned out bad: takes the whole transaction back."""


def apply(batch: Batch, *, by: Any, mode: str = Mode.GOOD, progress: Progress | None = None) -> Batch:
    """Write the good rows (or, all or nothing, all rows). Picks up where an earlier run was broken off. One audit entry per batch."""
    if mode == Mode.ALL and batch.status == BatchStatus.CHECKED and batch.invalid + batch.duplicate:
        raise not_all_good(batch.invalid + batch.duplicate)
    changes: dict[str, Any] = {"mode": mode, "confirmed": batch.confirmed or batch.status == BatchStatus.CHECKED}
    confirmed = changes["confirmed"]
    if batch.status in {BatchStatus.UPLOADED, BatchStatus.CHECKED}:
        # What stands there is how far the check was.
        changes["done"] = 0
    started = perf_counter()
    with claimed(batch, "apply", **changes) as mine, fewer_looks(), journals_on_disk():
        try:
            with transaction.atomic() if mode == Mode.ALL else nullcontext():
                skipped = _run(batch, mine, by, progress)
                _finish(batch, by, skipped, perf_counter() - started)
            _look_anew(batch)
        except Interrupted:
            pass
        except _NotAllGood:
            refusal = not_all_good(None)
            finish(
                batch,
                BatchStatus.CHECKED if confirmed else BatchStatus.REFUSED,
                {},
                seconds=0,
                refused_code=refusal.code,
                refused_message=refusal.message,
            )
        except Refused as refusal:
            if Chunk.objects.filter(batch=batch, applied=True).exists() or refusal.code == "busy":
                finish(batch, BatchStatus.PAUSED, {}, seconds=0, refused_code=refusal.code, refused_message=refusal.message[:500])
            else:
                refuse(batch, refusal)
    return batch


def not_all_good(bad: int | None) -> Refused:
    """All or nothing was asked for, and not every row is good."""
    found = f"有 {bad} 行有误或重复" if bad else "入库时发现有行已被他人改动或有误"
    return Refused(f"{found}，按“全部或不入”没有写入任何一行。请改正后重新导入，或选择“只入合格行”。", code="not_all_good")


def _run(batch: Batch, mine: str, by: Any, progress: Progress | None) -> int:
    sheet = open_sheet(batch.sheet)
    run = Pass(sheet, loader_for(by, type(sheet)))
    applied = Chunk.objects.filter(batch=batch, applied=True)
    last_row, number = max(applied.values_list("last_row", flat=True), default=0), applied.count()
    Chunk.objects.filter(batch=batch, applied=False).delete()
    refused = set(
        Line.objects.filter(batch=batch, row__lte=last_row, fate__in=[Fate.INVALID, Fate.DUPLICATE]).values_list("row", flat=True)
    )
    done = 0
    with opened(batch, sheet) as reading:
        note_reading(batch, reading)
        for rows in chunks(reading.rows, CHUNK_ROWS):
            rest()
            fresh = [row for row in rows if row.number > last_row]
            if len(fresh) < len(rows):
                run.remember((row for row in rows if row.number <= last_row), refused)
            done += len(rows)
            if fresh:
                _apply_rows(batch, run, fresh, number=number, mine=mine, by=by, done=done)
                number += 1
            if progress:
                progress(done)
        if not done:
            raise Refused("表里只有表头，没有数据行。请填写后重新导入。", code="no_rows")
        return reading.skipped.total


def _apply_rows(batch: Batch, run: Pass, rows: list[SourceRow], *, number: int, mine: str, by: Any, done: int) -> None:
    """One chunk, looked up afresh when somebody else wrote at the same moment."""
    for _ in range(ATTEMPTS):
        parsed = run.parse(rows)
        try:
            with transaction.atomic():
                renew(batch, mine, BatchStatus.APPLYING, done)
                verdicts = run.judged(parsed)
                if batch.confirmed:
                    _guard(batch, run, verdicts)
                if batch.mode == Mode.ALL and any(verdict.bad for verdict in verdicts):
                    raise _NotAllGood
                good = [verdict for verdict in verdicts if verdict.fate in {Fate.NEW, Fate.CHANGED}]
                if good:
                    run.sheet.apply_chunk(good, by=by, today=run.loader.today)
                write_chunk(batch, number, run.sheet, verdicts, applied=True)
        except (IntegrityError, Stale):
            continue
        return
    raise Refused("同一批记录正被他人修改，暂时无法写入。已入库的行不受影响，请稍后点“继续”。", code="busy")


def _guard(batch: Batch, run: Pass, verdicts: Iterable[Verdict]) -> None:
    """Somebody confirmed what the check showed: a change that looks different now would overwrite another's work unseen."""
    changed = [verdict for verdict in verdicts if verdict.fate == Fate.CHANGED]
    rows = [verdict.row for verdict in changed]
    shown = dict(Line.objects.filter(batch=batch, row__in=rows, fate=Fate.CHANGED).values_list("row", "diff"))
    for verdict in changed:
        if shown.get(verdict.row) != run.sheet.shown(verdict):
            verdict.problems.clear()
            verdict.refuse("", "moved_on", "检查之后，这条记录被他人改动，为免覆盖没有写入。请重新检查后再确认。")


def _finish(batch: Batch, by: Any, skipped: int, seconds: float) -> None:
    with transaction.atomic():
        counts = totals(batch, applied=True)
        rows = sum(counts.values()) - counts["warnings"]
        record(
            "sheets.apply",
            by=by,
            of=batch,
            after={"sheet": batch.sheet, "sha256": batch.sha256, "rows": rows, "skipped": skipped, **counts},
        )
        finish(batch, BatchStatus.APPLIED, counts, seconds=seconds, skipped=skipped, total=rows, done=rows)


def _look_anew(batch: Batch) -> None:
    """Statistics for the planner after a large batch. It is written by now: a database too busy to be looked at takes nothing from that."""
    batch.refresh_from_db()
    if batch.new + batch.changed >= LARGE_ROWS:
        with suppress(OperationalError):
            analyze()


@transaction.atomic
def pause(batch: Batch, *, by: Any) -> None:
    """Stop after the present chunk; what is applied stays and stands to be continued or undone."""
    if batch.mode == Mode.ALL:
        raise Refused("按“全部或不入”入库是一步完成的，中途不能暂停。完成后可以整批撤销。", code="all_at_once")
    if not Batch.objects.filter(pk=batch.pk, status=BatchStatus.APPLYING).update(status=BatchStatus.PAUSED):
        raise Refused("批次没有在入库，无须暂停。请刷新页面查看。", code="wrong_status")
    record("sheets.pause", by=by, of=batch, after={"done": batch.done})


@transaction.atomic
def cancel(batch: Batch, *, by: Any) -> None:
    """Give the batch up before anything was written."""
    held = Batch.objects.select_for_update().get(pk=batch.pk)
    if held.status not in {BatchStatus.UPLOADED, BatchStatus.CHECKING, BatchStatus.CHECKED, BatchStatus.REFUSED}:
        raise Refused("批次已经开始入库，不能取消；可以暂停，或在入库后撤销。", code="wrong_status")
    Batch.objects.filter(pk=batch.pk).update(status=BatchStatus.CANCELLED, finished_at=timezone.now())
    record("sheets.cancel", by=by, of=batch)


def stalled() -> list[Batch]:
    """Batches that a dead worker left in the middle; whoever runs the queue hands them to `tasks.go_on`."""
    running = Batch.objects.filter(status__in=[BatchStatus.CHECKING, BatchStatus.APPLYING, BatchStatus.UNDOING])
    return [batch for batch in running if is_stalled(batch)]
