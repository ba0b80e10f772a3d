"""What the command line calls: check, load and undo, each answering the machine contract (issue 2 §4)."""

import time
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from tongxing.core.errors import Refused

from .applying import apply, not_all_good
from .catalogue import open_sheet
from .checking import CHUNK_ROWS
from .checking import check as check_batch
from .claims import is_stalled
from .loader import loader_for
from .memory import chunks, fewer_looks
from .models import Batch, BatchStatus, Mode
from .problems import Problems
from .recording import COUNTS, problems_of
from .running import Pass, tally
from .undoing import undo as undo_batch
from .uploads import digest_of, open_path, upload

Progress = Callable[[int], None]
LOOK_SECONDS = 0.3


def check(sheet: str, path: Path | str, *, by: Any, progress: Progress | None = None) -> dict[str, Any]:
    """Judge a file without leaving anything behind: no batch, no copy of the file."""
    path, started = Path(path), perf_counter()
    report = _blank(sheet, path.name)
    try:
        with fewer_looks():
            _dry_run(report, sheet, _existing(path), by, progress)
        report["status"] = "checked"
    except Refused as refusal:
        # Broken in the middle: what was counted until then says nothing.
        report = _blank(sheet, path.name)
        _refuse(report, refusal)
    report["seconds"] = round(perf_counter() - started, 3)
    return report


def _dry_run(report: dict[str, Any], name: str, path: Path, by: Any, progress: Progress | None) -> None:
    sheet = open_sheet(name)
    run = Pass(sheet, loader_for(by, type(sheet)))
    reading = open_path(sheet, path, path.name)
    report["worksheet"], problems = reading.worksheet or None, Problems()
    for rows in chunks(reading.rows, CHUNK_ROWS):
        verdicts = run.judge(rows)
        for key, number in tally(verdicts).items():
            report[key] += number
        report["rows"] += len(rows)
        problems.extend({"row": v.row, **problem.as_dict()} for v in verdicts for problem in v.problems)
        if progress:
            progress(report["rows"])
    if not report["rows"]:
        raise Refused("表里只有表头，没有数据行。请填写后重新导入。", code="no_rows")
    report["skipped"], report["problems"] = reading.skipped.total, problems.settled()


def load(sheet: str, path: Path | str, *, atomic: bool = False, by: Any, progress: Progress | None = None) -> dict[str, Any]:
    """Take a file into the register. A file whose loading was broken off is taken up where it stopped."""
    path, started = Path(path), perf_counter()
    try:
        batch = _interrupted(sheet, _existing(path), by) or _upload(sheet, path, by)
        if batch.is_running and not is_stalled(batch):
            _follow(batch, progress)
        else:
            _work(batch, by, atomic=atomic, progress=progress)
    except Refused as refusal:
        report = _blank(sheet, path.name)
        _refuse(report, refusal)
    else:
        report = report_of(batch)
    report["seconds"] = round(perf_counter() - started, 3)
    return report


def _work(batch: Batch, by: Any, *, atomic: bool, progress: Progress | None) -> None:
    if atomic:
        _check_all(batch, by, progress)
    if batch.status != BatchStatus.REFUSED:
        try:
            apply(batch, by=by, mode=Mode.ALL if atomic else Mode.GOOD, progress=progress)
        except Refused as refusal:
            if refusal.code != "in_progress":
                raise
            _follow(batch, progress)


def _follow(batch: Batch, progress: Progress | None) -> None:
    """A worker has taken up what was broken off: wait until it is done and report that, for the file is one and the same."""
    batch.refresh_from_db()
    while batch.is_running and not is_stalled(batch):
        if progress:
            progress(batch.done)
        time.sleep(LOOK_SECONDS)
        batch.refresh_from_db()


def _check_all(batch: Batch, by: Any, progress: Progress | None) -> None:
    """All or nothing: look at every row before the first is written."""
    if batch.status not in {BatchStatus.UPLOADED, BatchStatus.CHECKED}:
        return
    check_batch(batch, by=by, progress=progress)
    if batch.status == BatchStatus.CHECKED and batch.invalid + batch.duplicate:
        refusal = not_all_good(batch.invalid + batch.duplicate)
        batch.status, batch.refused_code, batch.refused_message = BatchStatus.REFUSED, refusal.code, refusal.message
        batch.save(update_fields=["status", "refused_code", "refused_message"])


def undo(batch: str, *, by: Any) -> dict[str, Any]:
    """Take a batch back: `undone` with what was taken back, or `refused` with what depends on it."""
    try:
        found = _batch(batch)
        undo_batch(found, by=by, reason="命令行撤销")
    except Refused as refusal:
        return {"batch": str(batch), "status": "refused", "refused": {"code": refusal.code, "message": refusal.message}}
    return {"batch": str(found.uid), "sheet": found.sheet, "status": "undone", "refused": None, "new": found.new, "changed": found.changed}


def _batch(text: str) -> Batch:
    wanted = str(text).strip()
    found = Batch.objects.filter(uid=wanted).first() if len(wanted.replace("-", "")) == 32 else None
    if found is None:
        raise Refused(f"没有编号为“{wanted}”的批次，请核对编号。", code="unknown_batch", status=404)
    return found


def report_of(batch: Batch) -> dict[str, Any]:
    """The machine contract for a batch as it stands."""
    report = _blank(batch.sheet, batch.file_name)
    report |= {key: getattr(batch, key) for key in (*COUNTS, "skipped", "rows", "seconds")}
    report["worksheet"] = batch.worksheet or None
    report["batch"] = str(batch.uid)
    report["status"] = batch.status
    report["problems"] = Problems(problems_of(batch)).settled()
    if batch.refused_code:
        report["refused"] = {"code": batch.refused_code, "message": batch.refused_message}
    if batch.status == BatchStatus.PAUSED:
        report["status"] = "refused"
        report["refused"] = report["refused"] or {"code": "paused", "message": "入库已暂停，再次运行同一命令可以继续。"}
    return report


def _blank(sheet: str, file: str) -> dict[str, Any]:
    counts = dict.fromkeys(("rows", *COUNTS, "skipped"), 0)
    return {
        "sheet": sheet,
        "file": file,
        "worksheet": None,
        "status": "",
        "refused": None,
        **counts,
        "batch": None,
        "problems": [],
        "seconds": 0.0,
    }


def _refuse(report: dict[str, Any], refusal: Refused) -> None:
    report["status"] = "refused"
    report["refused"] = {"code": refusal.code, "message": refusal.message}


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise Refused(f"找不到文件“{path}”，请核对路径。", code="file_missing", status=404)
    return path


def _upload(sheet: str, path: Path, by: Any) -> Batch:
    with path.open("rb") as content:
        return upload(sheet, content, name=path.name, by=by)


def _interrupted(sheet: str, path: Path, by: Any) -> Batch | None:
    """The unfinished batch of the same file by the same loader."""
    unfinished = Batch.objects.filter(sheet=sheet, sha256=digest_of(path), status__in=[BatchStatus.APPLYING, BatchStatus.PAUSED])
    return unfinished.filter(user_id=by.pk).order_by("-id").first()
