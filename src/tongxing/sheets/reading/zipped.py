"""Looks into an xlsx before anything else does: sizes, bombs, entities, and how far a worksheet really reaches.

The fast reader allocates one block from the first to the last filled cell and ends the whole process when memory does not suffice, so a
cell at XFD1048576 must be seen here. Everything is streamed; nothing larger than a block is held.
"""

import re
import zipfile
import zlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from tongxing.core.errors import Refused

from .headings import letters

BLOCK = 1 << 20
MOST_MEMBERS = 5_000
MOST_PROVED = 300
# From here on the fast reader takes more than about 200 MiB, and a part that turns out broken in the middle would have cost them.
COSTLY_CELLS, COSTLY_STRINGS = 6_000_000, 64 << 20
# Deflate reaches 1:1032; real workbooks stay under 1:40. Small parts may be anything.
MOST_RATIO, RATIO_COUNTS_FROM = 150, 32 << 20
# The fast reader holds all shared strings; a million lines of fifteen columns stay under this.
MOST_STRINGS = 700 << 20
# Filled cells of the block that the fast reader may allocate (about 24 bytes each), and how sparse it may be beyond SMALL_BOX.
SMALL_BOX, TOLERATED_BOX, BIGGEST_BOX, SPARSEST = 4_000_000, 16_000_000, 40_000_000, 20
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError, NotImplementedError, RuntimeError, expat.ExpatError)
_ENTITY = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_TAG = re.compile(rb"<(?:\w+:)?(row|c)\b([^>]*)>(?:\s*<(?:\w+:)?(v|is)\b)?")
_VALUE = re.compile(rb"<(?:\w+:)?(?:v|is)\b")
_BARE = re.compile(rb"<\w+:c>")
_REFERENCE = re.compile(rb'\br="([A-Z]{0,4})(\d{1,10})"')
_ERROR = re.compile(rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
# Every capital to A and every digit to 0: then the length of the longest reference is found with plain substring search.
_SHAPE = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ123456789", b"A" * 26 + b"0" * 9)
MOST_ERRORS = 200_000
MOST_LOOSE = 3_000_000
SAVE_AS = "请用 Excel 或 WPS 打开，另存为新的 xlsx 文件后重新上传。"


class Extent(NamedTuple):
    """How far the filled cells reach (1-based), how many there are, and which are errors ((row, 0-based column))."""

    row: int
    column: int
    filled: int
    errors: frozenset[tuple[int, int]]


def damaged() -> Refused:
    return Refused("文件不完整或已损坏，读到一半无法继续。请用 Excel 或 WPS 打开，另存为新的 xlsx 文件后重新上传。", code="truncated")


def bomb(words: str) -> Refused:
    return Refused(f"{words}这样的文件不予读取。请把真正的名册内容复制到新的工作簿，另存为 xlsx 后上传。", code="bomb", status=413)


def check_directory(path: Path, expanded_limit: int) -> None:
    """Judges the table of contents alone; nothing is unpacked."""
    with opened(path) as archive:
        members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise bomb(f"文件内部有 {len(members)} 个部件，远超正常工作簿。")
    if len({member.filename for member in members}) != len(members):
        raise damaged()
    if any(member.flag_bits & 1 for member in members):
        raise Refused("文件设有密码，无法读取。请取消密码（文件 → 信息 → 保护工作簿），保存后重新上传。", code="encrypted")
    expanded = sum(member.file_size for member in members)
    if expanded > expanded_limit:
        raise bomb(f"文件展开后有 {expanded >> 20} MB，超过 {expanded_limit >> 20} MB 的上限。")
    if any(member.filename == "xl/sharedStrings.xml" and member.file_size > MOST_STRINGS for member in members):
        raise Refused("工作簿里的文字太多，无法一次读取。请拆分成几个文件，或另存为 csv 后上传。", code="too_large", status=413)
    for member in members:
        if member.file_size > RATIO_COUNTS_FROM and member.file_size > MOST_RATIO * max(member.compress_size, 1):
            raise bomb(f"文件的压缩比异常（{member.file_size // max(member.compress_size, 1)} 倍），像是压缩炸弹。")
    _without_entities([member.filename for member in members if member.file_size <= BLOCK], path)


def _without_entities(names: list[str], path: Path) -> None:
    """Small parts that nothing here reads (types, properties, drawings) must not hold entities either."""
    with opened(path) as archive:
        walk_through(archive, *[name for name in names if name.endswith((".xml", ".rels"))][:MOST_PROVED])


def opened(path: Path) -> zipfile.ZipFile:
    """The archive; raises Refused when its table of contents cannot be read."""
    try:
        return zipfile.ZipFile(path)
    except BROKEN:
        raise damaged() from None


def walk_through(archive: zipfile.ZipFile, *names: str) -> None:
    """Proves parts that are otherwise not looked at: whole, and without entities."""
    for part in set(names) & set(archive.namelist()):
        for _ in blocks(archive, part):
            pass


def prove_costly(archive: zipfile.ZipFile, worksheet: str, filled: int) -> None:
    """Well-formed XML before the fast reader holds it: what would be found broken only after hundreds of MiB is found now."""
    costly = [worksheet] if filled > COSTLY_CELLS else []
    strings = "xl/sharedStrings.xml"
    if strings in archive.namelist() and archive.getinfo(strings).file_size > COSTLY_STRINGS:
        costly.append(strings)
    for part in costly:
        parser = expat.ParserCreate()
        try:
            for block in blocks(archive, part):
                parser.Parse(block)
            parser.Parse(b"", True)
        except expat.ExpatError:
            raise damaged() from None


def blocks(archive: zipfile.ZipFile, part: str) -> Generator[bytes, None, None]:
    """A part block by block; raises Refused for document types, entities and damaged data."""
    tail = b""
    try:
        with archive.open(part) as file:
            while block := file.read(BLOCK):
                if _ENTITY.search(tail + block[:16]) or (b"<!" in block and _ENTITY.search(block)) or (not tail and _hides_entity(block)):
                    raise external()
                tail = block[-16:]
                yield block
    except BROKEN:
        raise damaged() from None


def _hides_entity(block: bytes) -> bool:
    """XML in UTF-16 would slip past a search for plain letters."""
    return block[:2] in {b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<"} and _ENTITY.search(block.replace(b"\x00", b"")) is not None


def external() -> Refused:
    return Refused(
        "文件内部含有外部实体声明（DOCTYPE/ENTITY），正常的 Excel 文件没有，可能被人做过手脚，已拒绝读取。"
        "请用 Excel 或 WPS 另存为新文件后上传。",
        code="external_entity",
    )


def extent(archive: zipfile.ZipFile, part: str) -> Extent:
    """One pass over a worksheet: an upper bound where the sheet is small or dense, exact (and slower) where it is neither."""
    filled, shape, loose = 0, (1, 1), 0
    errors: set[tuple[int, int]] = set()
    for text in _whole_tags(archive, part, (b"<",)):
        filled += text.count(b"</v>") + text.count(b"</is>") + text.count(b":v>") // 2
        shape = _longest(text, shape)
        loose += _without_reference(text)
        if b't="e"' in text and len(errors) < MOST_ERRORS:
            errors.update((int(line), number_of(column)) for column, line in _ERROR.findall(text))
    row, column = 10 ** shape[1] - 1, {1: 26, 2: 702}.get(shape[0], 16_384)
    if loose > MOST_LOOSE:
        raise Refused(f"工作表的写法特殊且内容太多，无法读取。{SAVE_AS}", code="too_large", status=413)
    if loose:
        row, column = _followed(archive, part)
    elif row * column > min(BIGGEST_BOX, max(SMALL_BOX, SPARSEST * filled)):
        row, column = _exact(archive, part)
    refuse_sparse(row, column, filled)
    return Extent(row, column, filled, frozenset(errors))


def refuse_sparse(row: int, column: int, filled: int) -> None:
    """Raises Refused when so few cells are spread over so wide a block that reading it would waste the memory of the machine."""
    box = row * column
    if box <= min(BIGGEST_BOX, max(TOLERATED_BOX, SPARSEST * filled)):
        return
    if box > SPARSEST * filled:
        raise bomb(f"工作表里只有约 {filled} 个单元格有内容，却一直延伸到 {letters(column - 1)}{row}。")
    raise Refused(f"工作表有 {row} 行、{column} 列，太大了。请只保留需要的列，或拆分成几个文件后上传。", code="too_large", status=413)


def _whole_tags(archive: zipfile.ZipFile, part: str, starts: tuple[bytes, ...]) -> Iterator[bytes]:
    """The blocks of a part, cut before the last of `starts`, so that no tag is torn in two."""
    tail = b""
    for block in blocks(archive, part):
        text = tail + block
        cut = max(text.rfind(start) for start in starts)
        if cut < 0 or len(text) - cut > BLOCK:
            cut = len(text)
        yield text[:cut]
        tail = text[cut:]
    yield tail


def _longest(text: bytes, shape: tuple[int, int]) -> tuple[int, int]:
    """Most letters and most digits among the references of rows and cells."""
    columns, digits = shape
    flat = text.translate(_SHAPE)
    while columns < 4 and b'r="' + b"A" * (columns + 1) in flat:
        columns += 1
    while digits < 10 and b"0" * (digits + 1) + b'"' in flat:
        digits += 1
    return columns, digits


def _without_reference(text: bytes) -> int:
    """How many cells do not begin with their reference; few programs write such, and they must be followed one by one."""
    cells = text.count(b"<c ") + text.count(b":c ")
    bare = text.count(b"<c>") + (len(_BARE.findall(text)) if b":c>" in text else 0)
    return cells - text.count(b'c r="') + bare


def _exact(archive: zipfile.ZipFile, part: str) -> tuple[int, int]:
    """Last row and column that hold a value; cells that only carry a format do not count and cost next to nothing."""
    last_row, columns = 1, {b"A"}
    for text in _whole_tags(archive, part, (b"<c ", b":c ")):
        for value in _VALUE.finditer(text):
            start = text.rfind(b'c r="', 0, value.start())
            if reference := _REFERENCE.search(text, max(start, 0), value.start()):
                columns.add(reference[1])
                last_row = max(last_row, int(reference[2]))
    return last_row, max(map(number_of, columns)) + 1


def _followed(archive: zipfile.ZipFile, part: str) -> tuple[int, int]:
    """The same for worksheets whose cells have no reference: their place is where they stand."""
    last_row = last_column = 1
    row = column = 0
    for text in _whole_tags(archive, part, (b"<c", b":c", b"<row", b":row")):
        for tag, attributes, value in _TAG.findall(text):
            reference = _REFERENCE.search(attributes)
            if tag == b"row":
                row, column = (int(reference[2]) if reference else row + 1), 0
                continue
            column += 1
            if reference:
                row, column = int(reference[2]), number_of(reference[1]) + 1
            if value:
                last_row, last_column = max(last_row, row), max(last_column, column)
    return last_row, last_column


def number_of(column: bytes) -> int:
    """A → 0, AA → 26."""
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return number - 1
