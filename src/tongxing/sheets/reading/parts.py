"""The first lines of an xlsx worksheet, read without loading the rest: enough to find the header and choose the worksheet."""

import posixpath
import zipfile
from collections.abc import Callable, Generator
from typing import NamedTuple
from xml.parsers import expat

from . import zipped

LONGEST_TEXT = 2_000
# A header stands before this many cells, filled or only formatted.
MOST_CELLS = 100_000


class _Enough(Exception):
    """The parser has seen what it was asked for."""


class Part(NamedTuple):
    name: str
    hidden: bool
    path: str


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _parse(
    chunks: Generator[bytes, None, None],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda tag, attributes: start(_local(tag), attributes)
    parser.EndElementHandler = lambda tag: end(_local(tag))
    parser.CharacterDataHandler = text
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except _Enough:
        return
    except zipped.BROKEN:
        raise zipped.damaged() from None
    finally:
        chunks.close()


def worksheets(archive: zipfile.ZipFile) -> list[Part]:
    """Worksheets in the order of the tabs, each with the part that holds it; chart and macro sheets are left out."""
    targets: dict[str, str] = {}
    sheets: list[tuple[str, bool, str]] = []

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            link = next((value for key, value in attributes.items() if _local(key) == "id" and ":" in key), "")
            sheets.append((attributes.get("name", ""), attributes.get("state", "visible") != "visible", link))

    _parse(zipped.blocks(archive, "xl/_rels/workbook.xml.rels"), relation, _nothing, _nothing)
    _parse(zipped.blocks(archive, "xl/workbook.xml"), sheet, _nothing, _nothing)
    names = set(archive.namelist())
    parts = []
    for name, hidden, link in sheets:
        target = targets.get(link, "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        if path in names and "worksheets/" in path:
            parts.append(Part(name, hidden, path))
    return parts


def _nothing(_: str) -> None:
    return None


def head(archive: zipfile.ZipFile, path: str, count: int) -> list[tuple[int, list[str]]]:
    """The first `count` lines that hold something, with their line numbers; shared strings are looked up afterwards."""
    reader = _HeadReader(count)
    _parse(zipped.blocks(archive, path), reader.start, reader.end, reader.text)
    wanted = {int(cell[1]) for _, line in reader.lines for cell in line.values() if cell[0] == "s" and cell[1].isdigit()}
    strings = _shared(archive, wanted)
    lines = []
    for number, line in reader.lines:
        width = min(max(line, default=-1) + 1, 16_384)
        cells = [""] * width
        for column, (kind, text) in line.items():
            if column < width:
                cells[column] = strings.get(int(text), "") if kind == "s" and text.isdigit() else text.strip()
        if any(cells):
            lines.append((number, cells))
    return lines


class _HeadReader:
    def __init__(self, count: int) -> None:
        self.count = count
        self.lines: list[tuple[int, dict[int, tuple[str, str]]]] = []
        self.row = self.column = 0
        self.cells: dict[int, tuple[str, str]] = {}
        self.kind = ""
        self.inside = 0
        self.said = ""
        self.seen = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "row":
            number = attributes.get("r", "")
            self.row = int(number) if number.isdigit() else self.row + 1
            self.column, self.cells = -1, {}
        elif tag == "c":
            self.seen += 1
            letters = attributes.get("r", "").rstrip("0123456789").encode()
            self.column = zipped.number_of(letters) if letters.isalpha() and len(letters) < 4 else self.column + 1
            self.kind, self.said = attributes.get("t", ""), ""
        elif tag in {"v", "t"}:
            self.inside += 1
        elif tag in {"rPh", "f"}:
            self.inside -= 100

    def end(self, tag: str) -> None:
        if tag in {"v", "t"}:
            self.inside -= 1
        elif tag in {"rPh", "f"}:
            self.inside += 100
        elif tag == "c" and self.said:
            self.cells[self.column] = (self.kind, self.said)
        elif tag == "row":
            if self.cells:
                self.lines.append((self.row, self.cells))
            if len(self.lines) >= self.count or self.seen > MOST_CELLS:
                raise _Enough
        elif tag == "sheetData":
            raise _Enough

    def text(self, data: str) -> None:
        if self.inside > 0 and len(self.said) < LONGEST_TEXT:
            self.said += data


def _shared(archive: zipfile.ZipFile, wanted: set[int]) -> dict[int, str]:
    path = "xl/sharedStrings.xml"
    if not wanted or path not in archive.namelist():
        return {}
    reader = _StringReader(wanted)
    _parse(zipped.blocks(archive, path), reader.start, reader.end, reader.text)
    return reader.strings


class _StringReader:
    """Keeps the wanted shared strings and stops at the last of them; phonetic runs (rPh) are not text."""

    def __init__(self, wanted: set[int]) -> None:
        self.wanted, self.last = wanted, max(wanted)
        self.strings: dict[int, str] = {}
        self.index, self.inside, self.said = -1, 0, ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "si":
            self.index, self.said = self.index + 1, ""
        elif tag == "t":
            self.inside += 1
        elif tag == "rPh":
            self.inside -= 100

    def end(self, tag: str) -> None:
        if tag == "t":
            self.inside -= 1
        elif tag == "rPh":
            self.inside += 100
        elif tag == "si":
            if self.index in self.wanted:
                self.strings[self.index] = self.said.strip()
            if self.index >= self.last:
                raise _Enough

    def text(self, data: str) -> None:
        if self.inside > 0 and self.index in self.wanted and len(self.said) < LONGEST_TEXT:
            self.said += data
