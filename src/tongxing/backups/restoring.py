"""Restoring: everything is unpacked and checked beside the data folder; then all pieces change place, or none.

What was there is put aside, never deleted.
"""

import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, connections, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from tongxing.audit import anchor
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.core.models import WorkerLife

from . import places, postgres_restore, sqlite
from .archive import Tell, damaged, refuse_little_space, silent, unpack
from .changing import Change, unfinished
from .making import SCRIPT_NAME, SQLITE_NAME
from .models import Backup, Drill, State
from .postgres import ASIDE

Sums = dict[str, dict[str, Any]]


def restore(source: Path, passphrase: str, *, force: bool, tell: Tell = silent) -> dict[str, Any]:
    """Put a backup in place of what is there; the manifest. Refused before anything is touched, whatever is wrong with it."""
    begun = unfinished()
    if not force and not begun and not _is_empty():
        raise Refused("数据目录里已有数据。确要用备份替换，请加 --force（原数据会挪到一旁，不会删除）。", code="not_empty")
    _refuse_running_workers()
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    places.clear_leftovers(timedelta(hours=1))
    refuse_little_space(settings.DATA_DIR, source.stat().st_size)
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR, prefix=".restore-") as folder:
        staging = Path(folder)
        manifest = unpack(source, passphrase, staging, tell=tell)
        if manifest["engine"] == "keys":
            _put_keys_alone(staging, force=force)
            return manifest
        _check(manifest, staging, tell)
        aside = begun or f"{ASIDE.replace('_', '-')}{timezone.localtime():%Y%m%d-%H%M%S}"
        _change_places(manifest, staging, settings.DATA_DIR / aside, tell)
    return manifest


def verify(source: Path, passphrase: str, *, tell: Tell = silent) -> dict[str, Any]:
    """Check a backup to its last byte, and a SQLite one to its last row, without restoring it; the manifest."""
    places.clear_leftovers(timedelta(hours=1))
    refuse_little_space(settings.DATA_DIR, source.stat().st_size)
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR, prefix=".restore-") as folder:
        manifest = unpack(source, passphrase, Path(folder), tell=tell)
        if manifest["engine"] == "sqlite":
            _check_rows(manifest, Path(folder), tell)
    return manifest


def note(source: Path, *, by: Actor) -> None:
    """Write into what was restored where it came from. Its own row stood as running when it was made."""
    own = Backup.objects.filter(state=State.RUNNING)
    own.update(state=State.DONE, finished_at=timezone.now(), message="本库是从这份备份恢复的。")
    Drill.objects.filter(state=State.RUNNING).update(state=State.FAILED, finished_at=timezone.now(), message="恢复时中断。")
    record("backups.restore", by=by, object_type="backups.backup", object_id=source.name[:40], label=source.name)


def refuse_unfinished() -> None:
    """Called by whatever starts the service: a half-changed data folder serves nobody."""
    if unfinished():
        raise Refused("上一次恢复中途断了。请用同一个备份再执行一次 tongxing restore，做完才能启动。", code="restore_unfinished")


def _is_empty() -> bool:
    location = places.files_root()
    if location.exists() and any(location.iterdir()):
        return False
    if connection.vendor == "sqlite":
        return not sqlite.database_file().exists()
    return not connection.introspection.table_names()


def _refuse_running_workers() -> None:
    """A service that goes on writing would write into what was put aside."""
    with suppress(DatabaseError):  # no database, or one too broken to ask: that is why one restores
        if connection.vendor == "sqlite" and not sqlite.database_file().exists():
            return
        if WorkerLife.objects.filter(seen_at__gte=timezone.now() - timedelta(seconds=30)).exists():
            raise Refused("后台任务进程还在运行。请先停掉服务（网页和后台任务），半分钟后再恢复。", code="service_running")


# --- what must be true before anything is touched ---------------------------------------------------------------------------
def _check(manifest: dict[str, Any], staging: Path, tell: Tell) -> None:
    if manifest["engine"] != connection.vendor:
        raise Refused(f"备份来自 {manifest['engine']}，这里用的是 {connection.vendor}。请按备份时的数据库设置恢复。", code="other_engine")
    if not manifest["with_keys"] and manifest["ring"] != places.ring_fingerprint():
        raise Refused(
            f"备份不含密钥，这里的密钥环也不是备份时的那一个（{manifest['ring']}），证件号码将打不开。"
            f"请先放回密钥：tongxing restore keys.backup，或把原来的密钥放进 {settings.KEY_DIR}。",
            code="other_keys",
        )
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    newer = [f"{app}.{name}" for app, name in manifest["migrations"] if app in _apps(known) and (app, name) not in known]
    if newer:
        raise Refused(f"备份来自更新的版本（这里没有升级步骤 {newer[0]}）。请先换上那个版本或更新的版本。", code="newer_version")
    if manifest["engine"] == "sqlite":
        _check_rows(manifest, staging, tell)


def _apps(known: Any) -> set[str]:
    return {app for app, _ in known}


def _check_rows(manifest: dict[str, Any], staging: Path, tell: Tell) -> None:
    copy = staging / SQLITE_NAME
    if not copy.exists() or not sqlite.is_whole(copy):
        raise Refused("备份里的数据库没有通过完整性检查，没有恢复任何数据。", code="backup_damaged")
    _refuse_other_rows(manifest["tables"], sqlite.sums(copy, lambda done, total: tell("核对各表", done, total)))


def _refuse_other_rows(expected: Sums, found: Sums) -> None:
    other = [name for name in sorted(expected.keys() | found.keys()) if expected.get(name) != found.get(name)]
    if other:
        raise Refused(f"恢复出来的表与备份时不同：{'、'.join(other[:5])}。没有恢复任何数据，请换一份备份。", code="backup_damaged")


# --- the change -----------------------------------------------------------------------------------------------------------
def _change_places(manifest: dict[str, Any], staging: Path, aside: Path, tell: Tell) -> None:
    moves: list[tuple[Path, Path]] = [(staging / "keys", settings.KEY_DIR)] if manifest["with_keys"] else []
    moves += [(staging / "files", places.files_root()), (staging / "audit", anchor.path().parent)]
    if connection.vendor == "sqlite":
        connections.close_all()
        database = sqlite.database_file()
        # What stood in the old write-ahead log belongs to the old file.
        moves += [(staging / "none", database.with_name(database.name + ending)) for ending in ("-wal", "-shm")]
        with Change(aside) as change:
            change.move([*moves, (staging / SQLITE_NAME, database)])
        return
    script = staging / SCRIPT_NAME
    if not script.is_dir():
        raise damaged()
    try:
        # The rows are committed last: refused or broken off, neither database nor folder has changed.
        with Change(aside) as change, transaction.atomic():
            schema = aside.name.replace("-", "_")
            found = postgres_restore.put_back(script, manifest, schema, lambda done, total: tell("写入数据库", done, total))
            _refuse_other_rows(manifest["tables"], found)
            change.move(moves)
    finally:
        connection.close()  # the script changed settings of the session


def _put_keys_alone(staging: Path, *, force: bool) -> None:
    there = [path.name for path in settings.KEY_DIR.glob("*") if path.name != "session.key"]
    if there and not force:
        raise Refused(f"{settings.KEY_DIR} 里已有密钥。确要替换，请加 --force（原密钥会挪到一旁，不会删除）。", code="not_empty")
    with Change(settings.DATA_DIR / f"before-restore-{timezone.localtime():%Y%m%d-%H%M%S}") as change:
        change.move([(staging / "keys", settings.KEY_DIR)])
