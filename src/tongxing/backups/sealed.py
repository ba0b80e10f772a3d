"""A file sealed with a passphrase: scrypt derives the key, AES-256-GCM seals it chunk by chunk, so size does not matter.

Layout: magic, length and JSON of the header, then chunks of (4-byte length, ciphertext). The nonce is the chunk's number; the associated
data holds the header's digest and whether the chunk is the last, so cutting, reordering or joining pieces is found out. A chunk's first
plain byte says whether the rest is deflated: what deflating does not shrink (sealed files) is left as it is.

The header stands in clear and is bound to every chunk: a folder of backups can be listed without the passphrase.
"""

import hashlib
import json
import os
import struct
import zlib
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tongxing.core.errors import Refused

MAGIC = b"TONGXING-BACKUP-2\n"
CHUNK_BYTES = 1024 * 1024
RAW, DEFLATED = 0, 1
SCRYPT = {"n": 2**16, "r": 8, "p": 1}
LARGEST_HEADER = 4096
LARGEST_SCRYPT = {"n": 2**20, "r": 16, "p": 4}


def _aead(passphrase: str, header: dict[str, Any]) -> AESGCM:
    cost = {name: int(str(header[name])) for name in SCRYPT}
    if any(cost[name] > most for name, most in LARGEST_SCRYPT.items()):
        raise ValueError("scrypt cost")
    return AESGCM(Scrypt(salt=bytes.fromhex(str(header["salt"])), length=32, **cost).derive(passphrase.encode()))


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _packed(data: bytes) -> bytes:
    small = zlib.compress(data, 1)
    return bytes([DEFLATED]) + small if len(small) < len(data) * 0.95 else bytes([RAW]) + data


def _unpacked(data: bytes) -> bytes:
    return zlib.decompress(data[1:]) if data[:1] == bytes([DEFLATED]) else data[1:]


def read_header(path: Path) -> dict[str, Any]:
    """What stands in clear at the beginning of a sealed file; empty for any other file."""
    try:
        with path.open("rb") as file:
            return _header(file)[1] if file.read(len(MAGIC)) == MAGIC else {}
    except (OSError, struct.error, ValueError):
        return {}


def _header(source: BinaryIO) -> tuple[bytes, dict[str, Any]]:
    length = struct.unpack(">I", source.read(4))[0]
    raw = source.read(min(length, LARGEST_HEADER))
    header = json.loads(raw)
    if not isinstance(header, dict):
        raise ValueError("header")
    return raw, header


class SealedWriter:
    """A write-only binary file; `close()` writes the last chunk."""

    def __init__(self, target: BinaryIO, passphrase: str, facts: dict[str, Any]) -> None:
        """`facts` stand in clear at the beginning of the file; nothing secret goes there."""
        header: dict[str, Any] = {**facts, "salt": os.urandom(16).hex(), **SCRYPT}
        raw = json.dumps(header).encode()
        target.write(MAGIC + struct.pack(">I", len(raw)) + raw)
        self.target, self.digest, self.aead = target, hashlib.sha256(raw).digest(), _aead(passphrase, header)
        self.buffer, self.number = bytearray(), 0

    def write(self, data: bytes) -> int:
        self.buffer += data
        while len(self.buffer) > CHUNK_BYTES:
            self._put(bytes(self.buffer[:CHUNK_BYTES]), last=False)
            del self.buffer[:CHUNK_BYTES]
        return len(data)

    def _put(self, data: bytes, *, last: bool) -> None:
        sealed = self.aead.encrypt(_nonce(self.number), _packed(data), self.digest + bytes([last]))
        self.target.write(struct.pack(">I", len(sealed)) + sealed)
        self.number += 1

    def close(self) -> None:
        self._put(bytes(self.buffer), last=True)
        self.buffer.clear()


class SealedReader:
    """A read-only binary file over what `SealedWriter` wrote; raises Refused when the passphrase is wrong or a byte was changed."""

    def __init__(self, source: BinaryIO, passphrase: str) -> None:
        if source.read(len(MAGIC)) != MAGIC:
            raise Refused("这不是同行的备份文件。请选 tongxing backup 生成的文件。", code="not_a_backup")
        try:
            raw, self.header = _header(source)
            self.aead = _aead(passphrase, self.header)
        except (struct.error, ValueError, KeyError, TypeError):
            raise Refused("备份文件的开头已损坏，无法恢复。请换一份备份。", code="backup_damaged") from None
        self.source, self.digest, self.number = source, hashlib.sha256(raw).digest(), 0
        self.buffer, self.over = bytearray(), False

    def read(self, size: int = -1) -> bytes:
        while not self.over and (size < 0 or len(self.buffer) < size):
            self.buffer += self._take()
        wanted = len(self.buffer) if size < 0 else size
        data = bytes(self.buffer[:wanted])
        del self.buffer[:wanted]
        return data

    def _take(self) -> bytes:
        raw = self.source.read(4)
        length = struct.unpack(">I", raw)[0] if len(raw) == 4 else 0
        sealed = self.source.read(length) if 16 <= length <= CHUNK_BYTES + 17 else b""
        for last in (False, True):
            try:
                data = self.aead.decrypt(_nonce(self.number), sealed, self.digest + bytes([last]))
            except InvalidTag:
                continue
            self.number, self.over = self.number + 1, last
            if last and self.source.read(1):
                break
            return _unpacked(data)
        if self.number == 0:
            raise Refused("口令不对，或备份文件已损坏。请核对口令；仍不行请换一份备份。", code="wrong_passphrase")
        raise Refused("备份文件不完整或被改动过，没有恢复任何数据。请换一份备份。", code="backup_damaged")
