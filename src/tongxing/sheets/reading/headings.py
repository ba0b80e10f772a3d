"""Finds the header among title lines and matches what people write as headings to the columns a sheet looks for."""

import re
import unicodedata
from collections.abc import Sequence

from tongxing.core.errors import Refused

from .model import ColumnSpec, Header

SEARCHED_LINES = 40
_MARKS = re.compile(r"[\s*★☆※●▲#:_·\u00a0\u200b-\u200f\ufeff]+")
_BRACKETS = re.compile(r"[(\[【〔<《{]([^)\]】〕>》}]*)[)\]】〕>》}]")
_NUMBERING = re.compile(r"^\d{1,2}[.、]")
# Columns that hold no fact: line numbers, and the reason column of a workbook that was sent back.
NUMBERING_HEADINGS = frozenset({"序号", "序", "编序", "行号", "项次", "no", "no.", "id"})
RETURNED_HEADINGS = frozenset({"退回原因", "原行号"})


def plain(heading: str) -> str:
    """A heading without blanks, line breaks, stars, numbering and bracketed remarks: `*从业人员数\\n(人)` → `从业人员数`."""
    return _NUMBERING.sub("", _MARKS.sub("", _BRACKETS.sub("", unicodedata.normalize("NFKC", heading)))).lower()


def unit(heading: str) -> str:
    """What stands in the last brackets: `营业收入（万元）` → `万元`."""
    found = _BRACKETS.findall(unicodedata.normalize("NFKC", heading))
    return _MARKS.sub("", found[-1]) if found else ""


def letters(column: int) -> str:
    """0 → A, 26 → AA."""
    text, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


class Matcher:
    """Knows every spelling of every column; the lower the rank, the closer to the proper heading."""

    def __init__(self, columns: Sequence[ColumnSpec]) -> None:
        self.columns = columns
        self.known: dict[str, tuple[str, int]] = {}
        for column in columns:
            for rank, spelling in enumerate((column.heading, *column.synonyms)):
                self.known.setdefault(_full(spelling), (column.key, rank))
        for column in columns:
            for rank, spelling in enumerate((column.heading, *column.synonyms)):
                self.known.setdefault(plain(spelling), (column.key, rank))

    def match(self, heading: str) -> tuple[str, int] | None:
        if not heading or len(heading) > 200:
            return None
        return self.known.get(_full(heading)) or self.known.get(plain(heading))

    def count(self, line: Sequence[str]) -> int:
        return len({found[0] for cell in line if (found := self.match(cell))})


def _full(heading: str) -> str:
    return _MARKS.sub("", unicodedata.normalize("NFKC", heading)).lower()


def _joined(upper: Sequence[str], lower: Sequence[str], matcher: Matcher) -> list[str]:
    """A two-line header as one: the lower cell where it says something, with the (merged) upper cell before it when that helps."""
    line, parent = [], ""
    for index in range(max(len(upper), len(lower))):
        above = upper[index] if index < len(upper) else ""
        below = lower[index] if index < len(lower) else ""
        parent = above or parent
        both = parent + below
        if not below.strip():
            line.append(above)
        elif matcher.match(both) or not (matcher.match(below) or not matcher.match(above)):
            line.append(both if matcher.match(both) else above)
        else:
            line.append(below)
    return line


def _only_units(line: Sequence[str]) -> bool:
    said = [cell for cell in line if cell.strip()]
    return bool(said) and not any(plain(cell) for cell in said)


def find_header(lines: Sequence[Sequence[str]], columns: Sequence[ColumnSpec]) -> tuple[Header, int] | None:
    """The best header among the first lines and how many columns it matched; None when nothing looks like one.

    `Header.row` is the 1-based place of its last line in `lines`.
    """
    matcher = Matcher(columns)
    best: tuple[int, int, list[str]] | None = None
    for index, line in enumerate(lines[:SEARCHED_LINES]):
        count = matcher.count(line)
        if count and (best is None or count > best[0]):
            best = (count, index, list(line))
        if count and index + 1 < len(lines):
            joined = _joined(line, lines[index + 1], matcher)
            if (wider := matcher.count(joined)) > best[0] if best else False:
                best = (wider, index + 1, joined)
    # A list of nothing but names is a roster too; beside other columns one known heading may be a word of the title.
    lone = all(sum(1 for cell in line if cell.strip()) <= 1 for line in lines)
    if best is None or best[0] < min(1 if lone else 2, len(columns)):
        return None
    count, index, line = best
    if index + 1 < len(lines) and _only_units(lines[index + 1]):
        line = [above + below for above, below in _paired(line, lines[index + 1])]
        index += 1
    return _settle(line, index + 1, matcher), count


def _paired(upper: Sequence[str], lower: Sequence[str]) -> list[tuple[str, str]]:
    size = max(len(upper), len(lower))
    return list(zip([*upper, *[""] * (size - len(upper))], [*lower, *[""] * (size - len(lower))], strict=True))


def _settle(line: Sequence[str], row: int, matcher: Matcher) -> Header:
    chosen: dict[str, tuple[int, int]] = {}
    numbering, returned, unknown = set(), set(), []
    for index, cell in enumerate(line):
        if not cell.strip():
            continue
        found = matcher.match(cell)
        if found is None:
            if plain(cell) in RETURNED_HEADINGS:
                returned.add(index)
            elif plain(cell) in NUMBERING_HEADINGS:
                numbering.add(index)
            else:
                unknown.append((index, cell))
            continue
        key, rank = found
        if key not in chosen:
            chosen[key] = (index, rank)
            continue
        kept, kept_rank = chosen[key]
        if rank == kept_rank:
            raise _twice(row, cell, kept, index)
        loser = kept if rank < kept_rank else index
        unknown.append((loser, line[loser]))
        if rank < kept_rank:
            chosen[key] = (index, rank)
    mapping = {key: place for key, (place, _) in chosen.items()}
    return Header(
        row=row,
        mapping=mapping,
        headings={key: _shown(line[place]) for key, place in mapping.items()},
        units={key: said for key, place in mapping.items() if (said := unit(line[place]))},
        unknown=[_shown(cell) for _, cell in sorted(unknown)],
        missing=[column.heading for column in matcher.columns if column.key not in mapping],
        numbering=frozenset(numbering | returned),
        returned=frozenset(returned),
    )


def _twice(row: int, cell: str, first: int, second: int) -> Refused:
    return Refused(
        f"第 {row} 行有两列都是“{_shown(cell)}”（{letters(first)} 列和 {letters(second)} 列），无法判断用哪一列。"
        "请删除或改名其中一列后重新上传。",
        code="duplicate_columns",
    )


def _shown(cell: str) -> str:
    return re.sub(r"\s+", "", cell)[:60]


def refuse_missing(header: Header, columns: Sequence[ColumnSpec], where: str) -> None:
    """Raises Refused when a required column is not among the headings."""
    missing = [column for column in columns if column.required and column.key not in header.mapping]
    if not missing:
        return
    wanted = "、".join(f"“{column.heading}”" for column in missing)
    others = f"表中没有认出来的列：{'、'.join(header.unknown[:12])}。" if header.unknown else ""
    raise Refused(
        f"{where}第 {header.row} 行是表头，但缺少必需的列：{wanted}。{others}请补上这些列，或下载模板对照表头后重新上传。",
        code="missing_columns",
    )
