"""Text files: finds encoding and delimiter, then streams; nothing is held but one line."""

import codecs
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from tongxing.core.errors import Refused

from .headings import SEARCHED_LINES, find_header
from .model import ColumnSpec, Header

DELIMITERS = (",", "\t", ";", "，", "|")
BLOCK = 1 << 20
# As wide as Excel gets; a record longer than this is no line of a roster.
MOST_COLUMNS, LONGEST_RECORD = 16_384, 2_000_000
# One field may be as long as a whole page of notes, but a lost quotation mark must not swallow the rest of the file.
csv.field_size_limit(256 * 1024)


def encoding_of(path: Path) -> str:
    """UTF-8, GB18030 or UTF-16, proved on the whole file; raises Refused when it is none of them."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)) and head[2:4] != b"\x00\x00":
        candidates = ["utf-32"]
    elif head.startswith(codecs.BOM_UTF8):
        candidates = ["utf-8-sig"]
    elif head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif b"\x00" in head:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        candidates = ["utf-16-le" if odd >= even else "utf-16-be"]
    else:
        candidates = ["utf-8", "gb18030"]
    for candidate in candidates:
        if _decodes(path, candidate):
            return candidate
    raise Refused(
        "这个文件不是表格，或文字编码无法识别（支持 UTF-8、GB18030/GBK、UTF-16）。请用 Excel 或 WPS 打开后另存为 xlsx 再上传。",
        code="not_a_spreadsheet",
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    strange = 0
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                text = decoder.decode(block)
                strange += text.count("\x00")
            text = decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return strange == 0


class _Bounded:
    """Physical lines; raises csv.Error when one record takes more than LONGEST_RECORD letters, before they cost memory."""

    def __init__(self, file: TextIO) -> None:
        self.file, self.taken = file, 0

    def __iter__(self) -> Iterator[str]:
        while line := self.file.readline(LONGEST_RECORD + 1):
            self.taken += len(line)
            if self.taken > LONGEST_RECORD:
                raise csv.Error
            yield line


def lines(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Every record with its number; a quoted line break stays inside its record, as in Excel."""
    number = 0
    try:
        with path.open(encoding=encoding, newline="") as file:
            source = _Bounded(file)
            for number, line in enumerate(csv.reader(source, delimiter=delimiter), start=1):
                source.taken = 0
                if len(line) > MOST_COLUMNS:
                    raise Refused(
                        f"第 {number} 行有 {len(line)} 列，表格最多 {MOST_COLUMNS} 列，这不像名册。请检查文件，或另存为 xlsx 后上传。",
                        code="too_large",
                        status=413,
                    )
                yield number, line
    except csv.Error:
        raise Refused(
            f"第 {number + 1} 行附近的引号没有成对，或某个单元格过长，后面的内容无法读取。请检查该行的双引号，或另存为 xlsx 后上传。",
            code="truncated",
        ) from None


def find(path: Path, encoding: str, columns: Sequence[ColumnSpec]) -> tuple[str, Header | None, bool]:
    """The delimiter under which the header is best understood, that header, and whether any line says something."""
    best: tuple[int, str, Header] | None = None
    said = False
    for delimiter in DELIMITERS:
        head: list[list[str]] = []
        for _, line in lines(path, encoding, delimiter):
            head.append(line)
            said = said or any(cell.strip() for cell in line)
            if len(head) > SEARCHED_LINES:
                break
        found = find_header(head, columns)
        if found and (best is None or found[1] > best[0]):
            best = (found[1], delimiter, found[0])
    if best is None:
        return ",", None, said
    return best[1], best[2], said


def most_lines(path: Path) -> int:
    """No fewer than the lines of the file: line ends are counted, nothing is decoded."""
    feeds = returns = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            feeds, returns = feeds + block.count(b"\n"), returns + block.count(b"\r")
    return max(feeds, returns) + 1


def below(path: Path, encoding: str, delimiter: str, header: Header | None) -> Iterator[tuple[int, list[str]]]:
    """The lines below the header."""
    after = header.row if header else 0
    return (pair for pair in lines(path, encoding, delimiter) if pair[0] > after)
