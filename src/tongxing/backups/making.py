"""Making a backup: the database as of one moment, the files, the audit anchor, sealed with a passphrase and read back.

The order matters. The anchor first: a block sealed meanwhile must not stand in it alone, or the copy would look cut off. Then the database.
The files last: a stored file is written before its row and never changed, so every row of the copy finds its file, unless it was deleted since.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tongxing.audit import anchor
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.files import scratch

from . import places, postgres, sqlite
from .archive import ArchiveWriter, Tell, check_archive, refuse_little_space, silent, told_when_full
from .models import Backup, Drill, State
from .sealed import SealedWriter

SQLITE_NAME, SCRIPT_NAME, ANCHOR_NAME = "database.sqlite3", "database.sql", "audit/anchor.txt"
BEAT_SECONDS = 20
LOST_AFTER = timedelta(minutes=30)


def make(
    target: Path, *, passphrase: str, by: Actor, with_keys: bool = False, scheduled: bool = False, tell: Tell = silent
) -> dict[str, Any]:
    """Write, read back and note one backup; the manifest. Refuses a file that exists, a full disk, a second backup at the same time."""
    places.refuse_short(passphrase)
    if target.exists():
        raise Refused(f"{target} 已存在。请换一个文件名。", code="exists")
    row = _begin(target, with_keys=with_keys, scheduled=scheduled)
    with noted(row):
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beating = beats(row, tell)
        with told_when_full(target):
            manifest = write(target, passphrase, with_keys=with_keys, scheduled=scheduled, tell=beating)
            if target.parent == places.folder():
                places.write_note(target.parent, with_keys=with_keys)
        read_back = check_archive(target, passphrase, tell=beating)
        if read_back != manifest:
            raise Refused("写好的备份读回来不一样，磁盘可能有故障。请换一个位置再备份。", code="backup_damaged")
        _done(row, target, manifest, by=by)
    return manifest


def _begin(target: Path, *, with_keys: bool, scheduled: bool) -> Backup:
    give_up_lost()
    try:
        with transaction.atomic():
            return Backup.objects.create(name=target.name, folder=str(target.parent), with_keys=with_keys, scheduled=scheduled)
    except IntegrityError:
        raise Refused("另一次备份正在进行。请等它完成，或到“备份”页面看进度。", code="running") from None


def give_up_lost() -> None:
    """What gives no sign any more was cut off with its process."""
    for model in (Backup, Drill):
        lost = model.objects.filter(state=State.RUNNING, seen_at__lt=timezone.now() - LOST_AFTER)
        lost.update(state=State.FAILED, finished_at=timezone.now(), message="中途被打断，没有做完。")


@contextmanager
def noted(row: Backup | Drill) -> Iterator[None]:
    """However the work ends, the row says so."""
    message = "中途被打断，没有做完。"
    try:
        yield
    except Refused as refusal:
        message = refusal.message
        raise
    except OSError as error:
        message = f"读写失败：{error.strerror}"
        raise
    finally:
        if row.state == State.RUNNING:
            row.state, row.finished_at, row.message = State.FAILED, timezone.now(), message[:500]
            row.save(update_fields=["state", "finished_at", "message"])


def beats(row: Backup | Drill, tell: Tell) -> Tell:
    """`tell` that also leaves a sign of life in the row now and then."""
    last = monotonic()

    def beat(phase: str, done: int, total: int) -> None:
        nonlocal last
        tell(phase, done, total)
        if monotonic() - last > BEAT_SECONDS:
            last = monotonic()
            type(row).objects.filter(pk=row.pk).update(seen_at=timezone.now())

    return beat


@transaction.atomic
def _done(row: Backup, target: Path, manifest: dict[str, Any], *, by: Actor) -> None:
    now = timezone.now()
    row.state, row.finished_at, row.verified_at = State.DONE, now, now
    row.size, row.file_count = target.stat().st_size, len(manifest["files"])
    row.row_count = sum(table["rows"] for table in manifest["tables"].values())
    row.save(update_fields=["state", "finished_at", "verified_at", "size", "file_count", "row_count"])
    facts = {"大小": row.size, "文件数": row.file_count, "行数": row.row_count, "含密钥": row.with_keys, "自动": row.scheduled}
    record("backups.make", by=by, of=row, after=facts)


# --- the file -------------------------------------------------------------------------------------------------------------
def write(target: Path, passphrase: str, *, with_keys: bool, scheduled: bool, tell: Tell) -> dict[str, Any]:
    """Write one sealed file under another name and rename it when it is whole; the manifest."""
    with ExitStack() as stack:
        folder = stack.enter_context(scratch.private_folder())
        marks = _anchor_as_of_now(folder)
        with _sealed_file(target, passphrase, {"engine": connection.vendor, "scheduled": scheduled, "with_keys": with_keys}) as writer:
            facts = _add_sqlite(writer, folder, tell) if connection.vendor == "sqlite" else _add_postgres(writer, target, tell)
            _add_files(writer, [*marks, *places.stored_files(), *(places.key_files() if with_keys else [])], tell)
            return writer.close({**_facts(with_keys=with_keys), **facts})


def write_keys(target: Path, passphrase: str) -> dict[str, Any]:
    """Write the keys alone into a sealed file of their own, for whoever keeps them apart from the backups."""
    places.refuse_short(passphrase)
    if target.exists():
        raise Refused(f"{target} 已存在。请换一个文件名。", code="exists")
    with told_when_full(target), _sealed_file(target, passphrase, {"engine": "keys", "scheduled": False, "with_keys": True}) as writer:
        _add_files(writer, places.key_files(), silent)
        manifest = writer.close({**_facts(with_keys=True), "engine": "keys", "tables": {}})
    check_archive(target, passphrase)
    return manifest


def _facts(*, with_keys: bool) -> dict[str, Any]:
    made_at = timezone.localtime().isoformat(timespec="seconds")
    return {"made_at": made_at, "engine": connection.vendor, "ring": places.ring_fingerprint(), "with_keys": with_keys}


@contextmanager
def _sealed_file(target: Path, passphrase: str, facts: dict[str, Any]) -> Iterator[ArchiveWriter]:
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)  # of a backup that was killed
    clear = {**facts, "ring": places.ring_fingerprint(), "made_at": timezone.localtime().isoformat(timespec="seconds")}
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw:
            yield ArchiveWriter(SealedWriter(raw, passphrase, clear))
            raw.flush()
            os.fsync(raw.fileno())
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)


def _anchor_as_of_now(folder: Path) -> list[tuple[str, Path]]:
    """The anchor stands beside the database and belongs to it; a copy, because blocks are sealed meanwhile."""
    if not anchor.path().exists():
        return []
    copy = folder / "anchor.txt"
    copy.write_bytes(anchor.path().read_bytes())
    return [(ANCHOR_NAME, copy)]


def _add_sqlite(writer: ArchiveWriter, folder: Path, tell: Tell) -> dict[str, Any]:
    copy, size = folder / SQLITE_NAME, sqlite.database_file().stat().st_size
    refuse_little_space(folder, size)
    sqlite.copy_to(copy, _as(tell, "复制数据库"))
    tables = sqlite.sums(copy, _as(tell, "核对各表"))
    writer.add_file(SQLITE_NAME, copy)
    return {"tables": tables, "migrations": sqlite.applied_migrations(copy), "schema": "file"}


def _add_postgres(writer: ArchiveWriter, target: Path, tell: Tell) -> dict[str, Any]:
    with postgres.snapshot() as moment:
        size = postgres.size(moment.database)
        refuse_little_space(target.parent, size // 8)
        tables = postgres.sums(moment.database, _as(tell, "核对各表"))
        made_by, blocks = postgres.script(moment)
        done = 0

        def count(more: int) -> None:
            nonlocal done
            done += more
            tell("写出数据库", done, max(size, done))

        writer.add_stream(SCRIPT_NAME, blocks, count)
        migrations = postgres.applied_migrations(moment.database)
    return {"tables": tables, "migrations": migrations, "schema": "script" if made_by == "pg_dump" else "migrations"}


def _add_files(writer: ArchiveWriter, members: list[tuple[str, Path]], tell: Tell) -> None:
    for number, (name, path) in enumerate(members, start=1):
        writer.add_file(name, path)
        tell("写出文件", number, len(members))


def _as(tell: Tell, phase: str) -> Callable[[int, int], None]:
    return lambda done, total: tell(phase, done, total)
