"""The archive inside a sealed backup: a tar stream of members, and last a manifest with size and SHA-256 of each.

Reading goes through the whole archive before anything is believed: what the manifest does not name exactly as it was read is refused.
"""

import hashlib
import io
import json
import os
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from tongxing.core.errors import Refused

from .sealed import SealedReader, SealedWriter

MANIFEST = "manifest.json"
COPY_BYTES = 1024 * 1024
PART_BYTES = 16 * 1024 * 1024
SPARE_BYTES = 64 * 1024 * 1024
Tell = Callable[[str, int, int], None]
"""Called as (what is being done, how much is done, of how much)."""


def silent(phase: str, done: int, total: int) -> None:
    """Tells nobody."""


class _Hashed(io.RawIOBase):
    """Passes reads through and keeps their digest and length."""

    def __init__(self, source: Any) -> None:
        self.source, self.digest, self.size = source, hashlib.sha256(), 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data: bytes = self.source.read(size)
        self.digest.update(data)
        self.size += len(data)
        return data

    def facts(self) -> dict[str, Any]:
        return {"size": self.size, "sha256": self.digest.hexdigest()}


def damaged() -> Refused:
    return Refused("备份内容与清单不符，没有恢复任何数据。请换一份备份。", code="backup_damaged")


@contextmanager
def told_when_full(place: Path) -> Iterator[None]:
    """A full disk becomes a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno not in {ENOSPC, EDQUOT, EFBIG}:
            raise
        raise Refused(f"{place} 所在的磁盘写满了，没有留下半个文件。请腾出空间或换一个位置，再执行一次。", code="disk_full") from None


def refuse_little_space(place: Path, wanted: int) -> None:
    """`wanted` bytes and something to spare must be free where `place` is, or nothing is begun."""
    free = shutil.disk_usage(place).free
    if free < wanted + SPARE_BYTES:
        raise Refused(
            f"{place} 所在的磁盘只剩 {free / 1_048_576:,.0f} MB，这一步大约要 {(wanted + SPARE_BYTES) / 1_048_576:,.0f} MB。请腾出空间或换一个位置。",
            code="disk_full",
        )


class ArchiveWriter:
    """Members go in one after the other; `close` writes the manifest and the last chunk."""

    def __init__(self, sealed: SealedWriter) -> None:
        self.sealed, self.files, self.vanished = sealed, dict[str, dict[str, Any]](), list[str]()
        self.tar = tarfile.open(fileobj=cast("Any", sealed), mode="w|", bufsize=COPY_BYTES)  # noqa: SIM115 - closed by `close`

    def add_file(self, name: str, path: Path) -> int:
        """How many bytes went in. A file that is gone by now is noted, not missed: its row says so too."""
        try:
            source = path.open("rb")
        except FileNotFoundError:
            self.vanished.append(name)
            return 0
        with source:
            return self._add(name, source, os.fstat(source.fileno()).st_size)

    def add_stream(self, name: str, blocks: Iterable[bytes], tell: Callable[[int], None]) -> None:
        """What has no length yet goes in as numbered parts of one name."""
        held, number = bytearray(), 0
        for block in blocks:
            held += block
            if len(held) >= PART_BYTES:
                number += 1
                tell(self._add(f"{name}/{number:06}", io.BytesIO(held), len(held)))
                held = bytearray()
        self._add(f"{name}/{number + 1:06}", io.BytesIO(held), len(held))

    def _add(self, name: str, source: Any, size: int) -> int:
        entry, hashed = tarfile.TarInfo(name), _Hashed(source)
        entry.size, entry.mode = size, 0o600
        self.tar.addfile(entry, cast("Any", hashed))
        self.files[name] = hashed.facts()
        return size

    def close(self, manifest: dict[str, Any]) -> dict[str, Any]:
        manifest = {**manifest, "files": self.files, "vanished": self.vanished}
        raw = json.dumps(manifest, ensure_ascii=False).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size = len(raw)
        self.tar.addfile(entry, io.BytesIO(raw))
        self.tar.close()
        self.sealed.close()
        return manifest


Sink = Callable[[str, BinaryIO], None]


def read_archive(path: Path, passphrase: str, sink: Sink, *, phase: str, tell: Tell) -> dict[str, Any]:
    """Hand each member to `sink`, which reads it to its end; the manifest when every byte is as it was written, else Refused."""
    found: dict[str, dict[str, Any]] = {}
    manifest: dict[str, Any] | None = None
    with path.open("rb") as raw:
        total = os.fstat(raw.fileno()).st_size
        sealed = SealedReader(raw, passphrase)
        try:
            with tarfile.open(fileobj=cast("Any", sealed), mode="r|", bufsize=COPY_BYTES) as archive:
                for entry in archive:
                    content = archive.extractfile(entry)
                    if content is None or not _safe(entry.name) or entry.name in found:
                        raise damaged()
                    hashed = _Hashed(content)
                    if entry.name == MANIFEST:
                        manifest = json.loads(hashed.read())
                        continue
                    sink(entry.name, cast("BinaryIO", hashed))
                    found[entry.name] = hashed.facts()
                    tell(phase, raw.tell(), total)
            sealed.read()
        except (tarfile.TarError, ValueError, zlib.error):
            raise damaged() from None
    if manifest is None or manifest["files"] != found:
        raise damaged()
    return manifest


def check_archive(path: Path, passphrase: str, *, tell: Tell = silent) -> dict[str, Any]:
    """Read a backup back to its last byte without writing anything; the manifest, or Refused."""
    return read_archive(path, passphrase, _read_on, phase="读回核对", tell=tell)


def _read_on(name: str, content: BinaryIO) -> None:
    while content.read(COPY_BYTES):
        pass


def unpack(path: Path, passphrase: str, folder: Path, *, tell: Tell) -> dict[str, Any]:
    """Lay every member below `folder`, for the owner only."""

    def lay(name: str, content: BinaryIO) -> None:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            shutil.copyfileobj(content, file, COPY_BYTES)

    with told_when_full(folder):
        return read_archive(path, passphrase, lay, phase="解开备份", tell=tell)


def _safe(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not PurePosixPath(name).is_absolute() and ".." not in parts and "\0" not in name
