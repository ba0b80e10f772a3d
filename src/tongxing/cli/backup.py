"""What a backup holds and how it goes back: the database as of one moment, the uploaded files, and a manifest with a digest of each.

The database is copied first: a stored file is written before its row and never changed, so every row of the copy finds its file.
"""

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, cast

from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from tongxing.audit import anchor
from tongxing.core.errors import Refused
from tongxing.core.vault import ring

from .sealed import SealedReader, SealedWriter

SQLITE_NAME, POSTGRES_NAME, ANCHOR_NAME, MANIFEST = "database.sqlite3", "database.pgdump", "audit/anchor.txt", "manifest.json"
COPY_BYTES = 1024 * 1024
Tell = Callable[[int, int], None]


class _Hashed(io.RawIOBase):
    """Passes reads through and keeps their digest."""

    def __init__(self, source: Any) -> None:
        self.source, self.digest = source, hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data: bytes = self.source.read(size)
        self.digest.update(data)
        return data


def ring_fingerprint() -> str:
    """Tells whether two installations share a key ring, without telling a key."""
    seal_key = settings.KEY_DIR / "audit.key"
    return hashlib.sha256(b"tongxing-ring|" + ring()[2] + (seal_key.read_bytes() if seal_key.exists() else b"")).hexdigest()[:16]


def write_backup(target: Path, passphrase: str, *, with_keys: bool, tell: Tell) -> dict[str, Any]:
    """Write one sealed file; the folder must exist, the file must not. Returns the manifest."""
    part = target.with_name(target.name + ".part")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".tongxing-backup-") as folder:
        # Before the database: a block that is sealed meanwhile must not stand in the anchor alone, or the copy would look cut off.
        marks = _copy_anchor(Path(folder))
        copy = _copy_database(Path(folder))
        members = [(copy.name, copy), *marks, *_stored_files(), *(_keys() if with_keys else [])]
        manifest: dict[str, Any] = {
            "made_at": timezone.localtime().isoformat(timespec="seconds"),
            "engine": connection.vendor,
            "ring": ring_fingerprint(),
            "with_keys": with_keys,
            "files": {},
        }
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw:
                sealed = SealedWriter(raw, passphrase)
                _write_members(sealed, members, manifest, tell)
                sealed.close()
                os.fsync(raw.fileno())
            part.rename(target)
        finally:
            part.unlink(missing_ok=True)
    return manifest


def _write_members(sealed: SealedWriter, members: list[tuple[str, Path]], manifest: dict[str, Any], tell: Tell) -> None:
    with tarfile.open(fileobj=cast("Any", sealed), mode="w|", bufsize=COPY_BYTES) as archive:
        for done, (name, path) in enumerate(members, start=1):
            with path.open("rb") as source:
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = path.stat().st_size, 0o600
                hashed = _Hashed(source)
                archive.addfile(entry, cast("Any", hashed))
            manifest["files"][name] = {"size": entry.size, "sha256": hashed.digest.hexdigest()}
            tell(done, len(members))
        raw = json.dumps(manifest, ensure_ascii=False).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size = len(raw)
        archive.addfile(entry, io.BytesIO(raw))


def _stored_files() -> Iterator[tuple[str, Path]]:
    root = Path(cast("Any", settings.STORAGES)["default"]["OPTIONS"]["location"])
    for path in sorted(root.rglob("*")) if root.exists() else []:
        if path.is_file() and not path.is_symlink():
            yield f"files/{path.relative_to(root).as_posix()}", path


def _copy_anchor(folder: Path) -> list[tuple[str, Path]]:
    """The audit log's anchor stands beside the database and belongs to it."""
    if not anchor.path().exists():
        return []
    return [(ANCHOR_NAME, Path(shutil.copyfile(anchor.path(), folder / "anchor.txt")))]


def _keys() -> Iterator[tuple[str, Path]]:
    for path in sorted(settings.KEY_DIR.glob("*")):
        if path.is_file():
            yield f"keys/{path.name}", path


# --- the database ---------------------------------------------------------------------------------------------------------
def _copy_database(folder: Path) -> Path:
    if connection.vendor == "sqlite":
        target = folder / SQLITE_NAME
        # A read transaction: writers go on, the copy is of one moment.
        with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=60)) as source:
            source.execute("VACUUM INTO ?", (str(target),))
        return target
    target = folder / POSTGRES_NAME
    _postgres_tool("pg_dump", "--format=custom", "--no-owner", "--file", str(target))
    return target


def _postgres_tool(name: str, *arguments: str) -> None:
    program = shutil.which(name)
    if program is None:
        raise Refused(
            f"找不到 {name}。请安装与服务器同版本的 PostgreSQL 客户端（Debian/Ubuntu：postgresql-client），再执行一次。",
            code="no_postgres_tools",
        )
    facts = connection.settings_dict
    named = {
        "PGHOST": facts["HOST"],
        "PGPORT": facts["PORT"],
        "PGUSER": facts["USER"],
        "PGPASSWORD": facts["PASSWORD"],
        "PGDATABASE": facts["NAME"],
    }
    environment = {**os.environ, **{key: str(value) for key, value in named.items() if value}}
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - fixed names
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["没有说明"]
        raise Refused(f"{name} 没有成功：{last[0]}。请核对版本和权限后重试。", code="postgres_tool_failed")


# --- restore --------------------------------------------------------------------------------------------------------------
def restore_backup(source: Path, passphrase: str, *, force: bool, tell: Tell) -> dict[str, Any]:
    """Unpack beside the data folder, check every digest, and only then put the pieces in place."""
    if not force and not _is_empty():
        raise Refused("数据目录里已有数据。确要用备份替换，请加 --force（原数据会挪到一旁，不会删除）。", code="not_empty")
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR, prefix=".restore-") as folder:
        staging = Path(folder)
        with source.open("rb") as raw:
            manifest = _unpack(SealedReader(raw, passphrase), staging, tell)
        _check_fits(manifest, staging)
        connections.close_all()
        aside = settings.DATA_DIR / f"before-restore-{datetime.now(tz=timezone.get_current_timezone()):%Y%m%d-%H%M%S}"
        if manifest["with_keys"]:
            _put(staging / "keys", settings.KEY_DIR, aside)
        _put(staging / "files", Path(cast("Any", settings.STORAGES)["default"]["OPTIONS"]["location"]), aside)
        _put(staging / "audit", anchor.path().parent, aside)
        _put_database(staging, aside)
    return manifest


def _is_empty() -> bool:
    location = Path(cast("Any", settings.STORAGES)["default"]["OPTIONS"]["location"])
    if location.exists() and any(location.iterdir()):
        return False
    if connection.vendor == "sqlite":
        return not Path(connection.settings_dict["NAME"]).exists()
    return not connection.introspection.table_names()


def _unpack(sealed: SealedReader, staging: Path, tell: Tell) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}
    manifest: dict[str, Any] | None = None
    damaged = Refused("备份内容与清单不符，没有恢复任何数据。请换一份备份。", code="backup_damaged")
    try:
        with tarfile.open(fileobj=cast("Any", sealed), mode="r|", bufsize=COPY_BYTES) as archive:
            for entry in archive:
                content = archive.extractfile(entry)
                if content is None or not _safe(entry.name):
                    raise damaged
                if entry.name == MANIFEST:
                    manifest = json.loads(content.read())
                    continue
                found[entry.name] = _unpack_one(content, staging / entry.name)
                tell(len(found), len(found) + 1)
        sealed.read()
    except (tarfile.TarError, ValueError):
        raise damaged from None
    if manifest is None or manifest["files"] != found:
        raise damaged
    return manifest


def _safe(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not PurePosixPath(name).is_absolute() and ".." not in parts and "\0" not in name


def _unpack_one(content: Any, target: Path) -> dict[str, Any]:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    hashed = _Hashed(content)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while data := hashed.read(COPY_BYTES):
            file.write(data)
    return {"size": target.stat().st_size, "sha256": hashed.digest.hexdigest()}


def _check_fits(manifest: dict[str, Any], staging: Path) -> None:
    if manifest["engine"] != connection.vendor:
        raise Refused(f"备份来自 {manifest['engine']}，这里用的是 {connection.vendor}。请按备份时的数据库设置恢复。", code="other_engine")
    if not manifest["with_keys"] and manifest["ring"] != ring_fingerprint():
        raise Refused(
            f"备份不含密钥，这里的密钥环也不是备份时的那一个，证件号码将打不开。请先把原来的密钥放进 {settings.KEY_DIR}。",
            code="other_keys",
        )
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(staging / SQLITE_NAME)) as copy:
            if copy.execute("PRAGMA quick_check").fetchone() != ("ok",):
                raise Refused("备份里的数据库没有通过完整性检查，没有恢复任何数据。", code="backup_damaged")


def _put(source: Path, target: Path, aside: Path) -> None:
    """Move `source` to `target`; what stood there goes aside."""
    if target.exists():
        aside.mkdir(exist_ok=True, mode=0o700)
        target.rename(aside / target.name)
    if source.exists():
        source.rename(target)


def _put_database(staging: Path, aside: Path) -> None:
    if connection.vendor != "sqlite":
        _postgres_tool(
            "pg_restore",
            "--clean",
            "--if-exists",
            "--no-owner",
            "--single-transaction",
            "--dbname",
            str(connection.settings_dict["NAME"]),
            str(staging / POSTGRES_NAME),
        )
        return
    database = Path(connection.settings_dict["NAME"])
    for ending in ("-wal", "-shm"):
        beside = database.with_name(database.name + ending)
        if beside.exists():
            aside.mkdir(exist_ok=True, mode=0o700)
            beside.rename(aside / beside.name)
    _put(staging / SQLITE_NAME, database, aside)
