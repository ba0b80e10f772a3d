"""Keeping the file of a batch, and opening it again as a reading."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.db import transaction

from tongxing.audit.log import record
from tongxing.core.errors import Refused
from tongxing.core.vault import VaultError
from tongxing.files.scratch import private_folder

from .catalogue import sheet_class
from .loader import loader_for
from .models import Batch
from .reading import Reading, read
from .sheet import Sheet


@transaction.atomic
def upload(sheet: str, content: Any, *, name: str, by: Any) -> Batch:
    """Store a file for `sheet` and open a batch for it. `content` is an opened file. Refuses what is empty or over the limit."""
    loader = loader_for(by, sheet_class(sheet))
    digest, size = _measure(content)
    name = PurePosixPath(name.replace("\\", "/")).name[:200] or "未命名"
    batch = Batch(
        sheet=sheet,
        file_name=name,
        file_size=size,
        sha256=digest,
        user_id=loader.user_id,
        by_name=by.display_name[:60],
        area_code=loader.home,
    )
    batch.file.save(f"{batch.uid.hex}{PurePosixPath(name).suffix[:8].lower()}", File(content), save=False)
    batch.save()
    record("sheets.upload", by=by, of=batch, after={"sheet": sheet, "size": size, "sha256": digest})
    return batch


def _measure(content: Any) -> tuple[str, int]:
    digest, size = sha256(), 0
    content.seek(0)
    while part := content.read(1024 * 1024):
        size += len(part)
        if size > settings.UPLOAD_LIMIT_BYTES:
            limit = settings.UPLOAD_LIMIT_BYTES // 1024 // 1024
            raise Refused(f"文件超过 {limit} MB，请拆分后分次导入。", code="file_too_large", status=413)
        digest.update(part)
    content.seek(0)
    if not size:
        raise Refused("文件是空的，没有内容。请检查后重新选择文件。", code="file_empty")
    return digest.hexdigest(), size


def digest_of(path: Path) -> str:
    """SHA-256 of a file on this machine, read in pieces."""
    digest = sha256()
    with path.open("rb") as file:
        while part := file.read(1024 * 1024):
            digest.update(part)
    return digest.hexdigest()


def open_path(sheet: Sheet, path: Path, name: str) -> Reading:
    """Read a file for a sheet; refuses what cannot be read, and a header without the columns that must be there."""
    reading = read(path, sheet.columns, name=name)
    sheet.units = reading.units
    return reading


@contextmanager
def opened(batch: Batch, sheet: Sheet) -> Iterator[Reading]:
    """The batch's file as a reading. The file lies sealed; its reader gets a clear copy of its own that goes with the block."""
    if not batch.file:
        raise Refused("这份文件已按保存期限删除，批次和逐行结果仍在。需要时请重新上传原文件。", code="file_removed")
    with private_folder() as folder:
        path = folder / f"roster{PurePosixPath(batch.file_name).suffix[:8]}"
        _unseal(batch, path)
        yield open_path(sheet, path, batch.file_name)


def _unseal(batch: Batch, path: Path) -> None:
    digest = sha256()
    try:
        with batch.file.open("rb") as stored, path.open("wb") as clear:
            while part := stored.read(1024 * 1024):
                digest.update(part)
                clear.write(part)
    except (VaultError, FileNotFoundError):
        raise _unreadable() from None
    if digest.hexdigest() != batch.sha256:
        raise _unreadable()


def _unreadable() -> Refused:
    return Refused("存放的文件已损坏或被改动，无法读取。请重新上传原文件，并告知系统管理员。", code="file_unreadable")
