"""Looks into an OLE container (xls) before the fast reader does: encryption, truncation, and how far each worksheet reaches."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tongxing.core.errors import Refused

from . import kinds, zipped

FREE = 0xFFFFFFFA
_BOUNDSHEET, _FILEPASS, _EOF, _BOF = 0x85, 0x2F, 0x0A, 0x809
_SINGLE = {0x0203, 0x0204, 0x00FD, 0x027E, 0x0205, 0x0006, 0x0406, 0x00D6}
_MULTIPLE = {0x00BD}


class Extents(NamedTuple):
    """Errors by worksheet place; the number of filled cells over all worksheets."""

    errors: list[frozenset[tuple[int, int]]]
    filled: int


def _damaged() -> Refused:
    return Refused("文件不完整或已损坏。请用 Excel 或 WPS 打开，另存为 xlsx 后重新上传。", code="truncated")


def _encrypted() -> Refused:
    return Refused("文件设有密码，无法读取。请取消密码（文件 → 信息 → 保护工作簿），保存后重新上传。", code="encrypted")


class Container:
    """A compound file: a sector table, a directory and the chains of sectors that make its streams."""

    def __init__(self, path: Path) -> None:
        self.data = path.read_bytes()
        self.size = 1 << struct.unpack_from("<H", self.data, 30)[0]
        if self.size not in {512, 4096}:
            raise _damaged()
        self.table = self._table()
        self.streams = dict(self._directory())

    def sector(self, number: int) -> bytes:
        start = (number + 1) * self.size
        if start >= len(self.data):
            raise _damaged()
        return self.data[start : start + self.size]

    def _table(self) -> list[int]:
        places = list(struct.unpack_from("<109I", self.data, 76))
        following, budget = struct.unpack_from("<I", self.data, 68)[0], len(self.data) // self.size + 1
        while following < FREE and budget:
            numbers = struct.unpack(f"<{self.size // 4}I", self.sector(following))
            places.extend(numbers[:-1])
            following, budget = numbers[-1], budget - 1
        table: list[int] = []
        for place in places:
            if place < FREE:
                table.extend(struct.unpack(f"<{self.size // 4}I", self.sector(place)))
        return table

    def chain(self, first: int) -> bytes:
        sectors: list[bytes] = []
        number = first
        while number < FREE:
            if number >= len(self.table) or len(sectors) > len(self.table):
                raise _damaged()
            sectors.append(self.sector(number))
            number = self.table[number]
        return b"".join(sectors)

    def _directory(self) -> Iterator[tuple[str, tuple[int, int]]]:
        listing = self.chain(struct.unpack_from("<I", self.data, 48)[0])
        for at in range(0, len(listing) - 127, 128):
            length = struct.unpack_from("<H", listing, at + 64)[0]
            name = listing[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            if name:
                yield name, (struct.unpack_from("<I", listing, at + 116)[0], struct.unpack_from("<I", listing, at + 120)[0])


def inspect(path: Path) -> Extents:
    """Raises Refused for what is not a readable, unencrypted and reasonably dense xls."""
    try:
        container = Container(path)
        streams = container.streams
        if "EncryptedPackage" in streams or "EncryptionInfo" in streams:
            raise _encrypted()
        if "WordDocument" in streams:
            raise kinds.not_a_spreadsheet(" Word 文档")
        if "PowerPoint Document" in streams:
            raise kinds.not_a_spreadsheet("演示文稿")
        book = streams.get("Workbook") or streams.get("Book")
        if book is None:
            raise kinds.not_a_spreadsheet("其他程序的文件")
        first, size = book
        # Streams under 4096 bytes live elsewhere; they are too small to do harm and the fast reader judges them.
        if size < 4096:
            return Extents([], 0)
        stream = container.chain(first)
        if len(stream) < size:
            raise _damaged()
        return _walk(memoryview(stream)[:size])
    except (struct.error, IndexError, OverflowError, MemoryError):
        raise _damaged() from None


def _walk(stream: memoryview) -> Extents:
    """Every record of the workbook stream once; a worksheet begins at a BOF record."""
    at, total, depth = 0, 0, 0
    boxes: list[tuple[int, int]] = []
    errors: list[set[tuple[int, int]]] = []
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        body = stream[at + 4 : at + 4 + length]
        at += 4 + length
        if kind == _FILEPASS:
            raise _encrypted()
        if kind == _BOF and length >= 4:
            depth += 1
            if struct.unpack_from("<H", body, 2)[0] == 0x10:
                boxes.append((0, 0))
                errors.append(set())
        elif kind in _SINGLE | _MULTIPLE and length >= 6 and boxes:
            row, column = struct.unpack_from("<HH", body)
            last = struct.unpack_from("<H", body, length - 2)[0] if kind in _MULTIPLE else column
            total += last - column + 1 if last >= column else 1
            boxes[-1] = (max(boxes[-1][0], row + 1), max(boxes[-1][1], last + 1))
            if _is_error(kind, body):
                errors[-1].add((row + 1, column))
    zipped.refuse_sparse(max((row for row, _ in boxes), default=0), sum(column for _, column in boxes), total)
    return Extents([frozenset(found) for found in errors], total)


def _is_error(kind: int, body: memoryview) -> bool:
    if kind == 0x0205:
        return len(body) >= 8 and body[7] == 1
    return kind in {0x0006, 0x0406} and len(body) >= 14 and body[6] == 2 and bytes(body[12:14]) == b"\xff\xff"
