"""Text files: finds encoding and delimiter, then streams; nothing is held but one line."""

import codecs
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from tongxing.core.errors import Refused

from .headings import SEARCHED_LINES, find_header
from .model import ColumnSpec, Header

DELIMITERS = (",", "\t", ";", "，", "|")
BLOCK = 1 << 20
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


def lines(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Every record with its number; a quoted line break stays inside its record, as in Excel."""
    number = 0
    try:
        with path.open(encoding=encoding, newline="") as file:
            for number, line in enumerate(csv.reader(file, delimiter=delimiter), start=1):
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


def below(path: Path, encoding: str, delimiter: str, header: Header | None) -> Iterator[tuple[int, list[str]]]:
    """The lines below the header."""
    after = header.row if header else 0
    return (pair for pair in lines(path, encoding, delimiter) if pair[0] > after)
