"""From raw lines below the header to rows of text: blank lines, footers and example lines are counted and left out."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from operator import itemgetter

from tongxing.core.errors import Refused

from .model import CELL_TOO_LONG, ERROR_VALUE, NUMBER_DIGITS_LOST, ColumnSpec, Header, Skipped, SourceRow

Cell = str | float | int | bool | date | datetime | time | timedelta | None
NO_FLAGS: Mapping[str, str] = {}
_SUM = re.compile(r"(本页|本表)?(合计|总计|小计|共计|累计|合\s+计|总\s+计|小\s+计)([:：(（\d].*)?", re.DOTALL)
_SIGNED = re.compile(
    r"(填表|填报|制表|审核|审批|复核|经办|经手|负责|联系|报送|单位负责|主管|分管|统计)(单位|部门)?(人|者|领导|单位|电话|日期|时间)(签字|签名|签章|盖章|电话|\(签字\)|（签字）)?\s*[:：].*",
    re.DOTALL,
)
_NOTE = re.compile(r"(注|备注|说明|备注说明|填表说明|填报说明|填写说明|附注|附件)\s*\d?\s*[:：.、].*", re.DOTALL)
_DAY = re.compile(r"(填表|填报|制表|报送|上报)?(日期|时间)?\s*[:：]?\s*(\d{4}|\s*)\s*年\s*\d{0,2}\s*月\s*(\d{0,2}\s*日)?")
_EXAMPLE = re.compile(r"[\[【(（]?(示例|样例|填写示例|例如|例)[\]】)）]?([:：、.\s].*)?|示例.*", re.DOTALL)
# The first character decides at once for nearly every line that it is none of these.
_MAY_BE_FOOTER = frozenset("合总小共累本填制审复经负联报单主分统注备说附日时上") | frozenset("0123456789年 ")
_MAY_BE_EXAMPLE = frozenset("示样填例[【(（")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d{2}")
EXACT_UP_TO = 10**15


def text_of(value: Cell) -> str:
    """A cell as people read it: 120.0 → 120, dates as 2022-09-15, no blanks around."""
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float | int):
        return _number(value)
    return str(value) if isinstance(value, timedelta) else _moment(value)


def _moment(value: date | time) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="seconds")
    return value.isoformat()


def _number(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    if value.is_integer() and abs(value) < 1e22:
        return str(int(value))
    # 15 digits is what Excel shows; more would bring out 0.30000000000000004.
    return format(value, ".15g")


class Lines:
    """Turns raw lines into SourceRows; one object per file, walked once."""

    def __init__(
        self,
        header: Header,
        columns: Sequence[ColumnSpec],
        skipped: Skipped,
        *,
        row_limit: int,
        cell_limit: int,
        errors: frozenset[tuple[int, int]] = frozenset(),
    ) -> None:
        self.places = tuple((column.key, header.mapping[column.key]) for column in columns if column.key in header.mapping)
        self.width = max(header.mapping.values(), default=-1) + 1
        self.keys = tuple(key for key, _ in self.places)
        self.pick = itemgetter(*(place for _, place in self.places)) if len(self.places) > 1 else None
        self.exact = {column.key for column in columns if column.text_only}
        self.numbering = header.numbering
        self.returned = header.returned
        self.skipped = skipped
        self.row_limit = row_limit
        self.cell_limit = cell_limit
        self.errors = errors

    def rows(self, lines: Iterable[tuple[int, Sequence[Cell]]]) -> Iterator[SourceRow]:
        """`lines` are (line number as Excel shows it, cells from column A on)."""
        count = 0
        for number, line in lines:
            cells, flags = self.cells(line)
            if self.errors:
                flags = self.mark_errors(number, flags)
            if not flags and self.is_left_out(line, cells):
                continue
            count += 1
            if count > self.row_limit:
                raise Refused(f"数据超过 {self.row_limit} 行的上限。请拆分成几个文件后分别上传。", code="too_many_rows", status=413)
            yield SourceRow(number, cells, flags)

    def cells(self, line: Sequence[Cell]) -> tuple[dict[str, str], Mapping[str, str]]:
        """Text of the cells in the order of the columns, and what is wrong with how they are stored."""
        if len(line) < self.width:
            line = [*line, *[""] * (self.width - len(line))]
        if self.pick:
            try:
                texts = list(map(str.strip, self.pick(line)))
            except TypeError:  # numbers or days: a workbook, whose lines hold some nearly always
                self.pick = None
            else:
                if max(map(len, texts)) <= self.cell_limit and not any("+" in text for text in texts):
                    return dict(zip(self.keys, texts, strict=True)), NO_FLAGS
        return self.cells_one_by_one(line)

    def cells_one_by_one(self, line: Sequence[Cell]) -> tuple[dict[str, str], Mapping[str, str]]:
        """Each cell looked at by itself: what it is, and whether it was stored in a way that lost something."""
        cells: dict[str, str] = {}
        flags: dict[str, str] | None = None
        limit = self.cell_limit
        for key, place in self.places:
            value = line[place]
            if value == "":
                cells[key] = ""
                continue
            if type(value) is str:
                text = value.strip()
                if len(text) > limit:
                    text = text[:limit]
                    flags = {**(flags or {}), key: CELL_TOO_LONG}
                elif key in self.exact and "+" in text and _SCIENTIFIC.fullmatch(text):
                    flags = {**(flags or {}), key: NUMBER_DIGITS_LOST}
            else:
                text = text_of(value)
                if key in self.exact and isinstance(value, float | int) and abs(value) >= EXACT_UP_TO:
                    flags = {**(flags or {}), key: NUMBER_DIGITS_LOST}
            cells[key] = text
        return cells, flags or NO_FLAGS

    def mark_errors(self, number: int, flags: Mapping[str, str]) -> Mapping[str, str]:
        found = {key: ERROR_VALUE for key, place in self.places if (number, place) in self.errors}
        return {**flags, **found} if found else flags

    def is_left_out(self, line: Sequence[Cell], cells: Mapping[str, str]) -> bool:
        """Whether the line is blank, a footer or the example; counts it when it is."""
        first = ""
        if self.returned:
            line = ["" if index in self.returned else value for index, value in enumerate(line)]
        for value in line:
            if value != "" and value is not None and (first := text_of(value)):
                break
        if not first:
            self.skipped.blank += 1
            return True
        initial = first[0]
        if initial in _MAY_BE_FOOTER and self.is_footer(first, line):
            self.skipped.footer += 1
            return True
        if initial in _MAY_BE_EXAMPLE and _EXAMPLE.fullmatch(first):
            self.skipped.example += 1
            return True
        if not any(cells.values()) and self.holds_only_numbering(line):
            self.skipped.blank += 1
            return True
        return False

    def is_footer(self, first: str, line: Sequence[Cell]) -> bool:
        if _SUM.fullmatch(first) or _SIGNED.fullmatch(first) or _NOTE.fullmatch(first):
            return True
        return "年" in first and _DAY.fullmatch(first) is not None and sum(1 for value in line if text_of(value)) == 1

    def holds_only_numbering(self, line: Sequence[Cell]) -> bool:
        return all(index in self.numbering for index, value in enumerate(line) if text_of(value))
