"""Stored files lie sealed on the disk: AES-256-GCM (or SM4-GCM) in chunks with a key of the file's own, from the key ring of the vault.

Layout: magic, length of the key's name, that name, 16 bytes of salt; then chunks of CHUNK_BYTES plain bytes, each with its 16-byte tag.
The nonce is the chunk's number. The associated data is the file's place and whether the chunk is the last, so that a file cut short, put
together from others or laid in another's place does not open. Nothing larger than a chunk is held, whatever the size.

Sources: 个人信息保护法 51 (encryption of what is kept), GB/T 35273 6.3.
"""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from cryptography.exceptions import InvalidTag
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from tongxing.core.vault import SALT_BYTES, TAG_BYTES, Aead, VaultError, current_key, file_cipher

MAGIC = b"TXFILE1\n"
CHUNK_BYTES = 1024 * 1024


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _bound(context: str, *, last: bool) -> bytes:
    return f"file|{context}|{int(last)}".encode()


def seal_stream(source: Any, context: str) -> Iterator[bytes]:
    """The sealed form of what `source.read` gives, piece by piece, for the place `context`."""
    name, salt = current_key(), os.urandom(SALT_BYTES)
    aead = file_cipher(name, salt)
    yield MAGIC + bytes([len(name)]) + name.encode() + salt
    number, held = 0, _full(source)
    while len(held) == CHUNK_BYTES and (following := _full(source)):
        yield aead.encrypt(_nonce(number), held, _bound(context, last=False))
        number, held = number + 1, following
    yield aead.encrypt(_nonce(number), held, _bound(context, last=True))


def _full(source: Any) -> bytes:
    """A whole chunk, or what is left: a source may give less than it is asked for."""
    held = b""
    while len(held) < CHUNK_BYTES and (part := source.read(CHUNK_BYTES - len(held))):
        held += part
    return held


class Unsealed(io.RawIOBase):
    """Reads and seeks in the plain content of a sealed file. Raises VaultError when a byte was changed or the key is missing."""

    def __init__(self, source: BinaryIO, context: str) -> None:
        self.source, self.context = source, context
        try:
            if source.read(len(MAGIC)) != MAGIC:
                raise VaultError(f"存放的文件没有加密标记：{context}")
            name = source.read(source.read(1)[0]).decode()
            self.aead: Aead = file_cipher(name, source.read(SALT_BYTES))
        except (IndexError, UnicodeDecodeError) as error:
            raise VaultError(f"存放的文件已损坏：{context}") from error
        self.start = source.tell()
        body = source.seek(0, os.SEEK_END) - self.start
        self.chunks = max(1, -(-body // (CHUNK_BYTES + TAG_BYTES)))
        self.size = body - self.chunks * TAG_BYTES
        self.place, self.number, self.chunk = 0, -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self.place = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self.place, os.SEEK_END: self.size}[whence])
        return self.place

    def readinto(self, buffer: Any) -> int:
        wanted = self.place // CHUNK_BYTES
        # At the start of an empty file its one chunk is opened too: that it is empty must be true.
        if self.place and self.place >= self.size:
            return 0
        if wanted != self.number:
            self._open(wanted)
        part = self.chunk[self.place % CHUNK_BYTES :][: len(buffer)]
        buffer[: len(part)] = part
        self.place += len(part)
        return len(part)

    def _open(self, number: int) -> None:
        self.source.seek(self.start + number * (CHUNK_BYTES + TAG_BYTES))
        sealed = self.source.read(CHUNK_BYTES + TAG_BYTES)
        try:
            bound = _bound(self.context, last=number == self.chunks - 1)
            self.chunk, self.number = self.aead.decrypt(_nonce(number), sealed, bound), number
        except (InvalidTag, ValueError) as error:
            raise VaultError(f"存放的文件已损坏或被改动：{self.context}") from error

    def close(self) -> None:
        self.source.close()
        super().close()


class _Sealing(File):  # type: ignore[type-arg]
    """What the storage writes in place of `content`; it has no path of its own, so that no clear file is moved in."""

    def __init__(self, content: Any, context: str) -> None:
        super().__init__(None)
        self.content, self.context = content, context

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        self.content.seek(0)
        return seal_stream(self.content, self.context)


class SealedStorage(FileSystemStorage):
    """The local disk, every file sealed for the name it is stored under."""

    def _save(self, name: str, content: Any) -> str:
        stored: str = super()._save(name, _Sealing(content, name))  # type: ignore[misc]
        if stored != name:
            # Another file took the name in the meantime: what was sealed for it would never open.
            self.delete(stored)
            raise FileExistsError(name)
        return stored

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        if mode != "rb":
            raise ValueError("stored files are written once and only read afterwards")
        return File(cast("Any", io.BufferedReader(self._unsealed(name), CHUNK_BYTES)), name=name)

    def _unsealed(self, name: str) -> Unsealed:
        source = Path(self.path(name)).open("rb")  # noqa: SIM115 - closed with the reader that is given it
        try:
            return Unsealed(source, name)
        except VaultError:
            source.close()
            raise

    def size(self, name: str) -> int:
        with self._unsealed(name) as raw:
            return raw.size
