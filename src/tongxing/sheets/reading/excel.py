"""xlsx and xls: chooses the worksheet, then hands the lines of the fast reader on. Its errors and panics end here."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from tongxing.core.errors import Refused

from . import compound, parts, zipped
from .headings import SEARCHED_LINES, find_header
from .lines import Cell, text_of
from .model import ColumnSpec, Header, Worksheet

# Worksheets are judged by their header in this number at most; a workbook with more is no roster.
MOST_JUDGED = 60


class Chosen(NamedTuple):
    """The worksheet to read: its name, all names, its header (None: none found), whether it says anything, its lines and error cells."""

    name: str
    worksheets: list[Worksheet]
    header: Header | None
    said: bool
    lines: Callable[[], Iterator[tuple[int, Sequence[Cell]]]]
    errors: frozenset[tuple[int, int]] = frozenset()
    encoding: str = ""
    delimiter: str = ""
    most: int = 0
    """No more lines than this lie below the header."""


@contextmanager
def _guarded() -> Iterator[None]:
    """Turns what the fast reader raises into a refusal. A panic in it derives from BaseException and can only be known by its name."""
    try:
        yield
    except (CalamineError, OSError, ValueError, OverflowError, MemoryError):
        raise zipped.damaged() from None
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise zipped.damaged() from None
        raise


def _header(lines: Sequence[tuple[int, Sequence[str]]], columns: Sequence[ColumnSpec]) -> tuple[Header, int] | None:
    found = find_header([line for _, line in lines], columns)
    if found:
        found[0].row = lines[found[0].row - 1][0]
    return found


def _wanted(sheets: Sequence[Worksheet], worksheet: str | None) -> list[int]:
    """Places of the worksheets to judge: the one asked for, or all visible ones."""
    if worksheet is None:
        places = [place for place, sheet in enumerate(sheets) if not sheet.hidden]
        if not places:
            raise Refused("工作簿里没有可见的工作表。请取消隐藏需要导入的工作表后重新上传。", code="empty")
        return places[:MOST_JUDGED]
    places = [place for place, sheet in enumerate(sheets) if sheet.name == worksheet]
    if not places:
        names = "、".join(sheet.name for sheet in sheets[:20])
        raise Refused(f"工作簿里没有名为“{worksheet}”的工作表。现有：{names}。", code="no_worksheet")
    return places


def open_xlsx(path: Path, columns: Sequence[ColumnSpec], worksheet: str | None, expanded_limit: int) -> Chosen:
    """Judges headers by the first lines only; the chosen worksheet alone is measured and loaded."""
    zipped.check_directory(path, expanded_limit)
    with zipped.opened(path) as archive:
        found = parts.worksheets(archive)
        sheets = [Worksheet(part.name, part.hidden) for part in found]
        places = _wanted(sheets, worksheet)
        heads = ((place, parts.head(archive, found[place].path, SEARCHED_LINES + 1)) for place in places)
        best, said = _best(heads, columns)
        if best is None:
            return Chosen(sheets[places[0]].name, sheets, None, said, lambda: iter(()))
        place, header = best
        part = found[place]
        measured = zipped.extent(archive, part.path)
        zipped.walk_through(archive, "xl/sharedStrings.xml", "xl/styles.xml")
        zipped.prove_costly(archive, part.path, measured.filled)
    return Chosen(part.name, sheets, header, True, lambda: _walk(_load(path, part.name), header.row), measured.errors, most=measured.row)


def _best(
    heads: Iterable[tuple[int, Sequence[tuple[int, Sequence[str]]]]], columns: Sequence[ColumnSpec]
) -> tuple[tuple[int, Header] | None, bool]:
    """The place and header of the worksheet that fits best (the first of equals), and whether any worksheet says something."""
    best: tuple[int, int, Header] | None = None
    said = False
    for place, lines in heads:
        said = said or bool(lines)
        found = _header(lines, columns)
        if found and (best is None or found[1] > best[0]):
            best = (found[1], place, found[0])
    return (best[1:] if best else None), said


def open_xls(path: Path, columns: Sequence[ColumnSpec], worksheet: str | None) -> Chosen:
    """An xls is small by nature (65,536 lines), but sparse ones are refused before the fast reader allocates the whole block."""
    extents = compound.inspect(path)
    with _guarded(), path.open("rb") as file:
        book = CalamineWorkbook.from_filelike(file)
        listed = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    sheets = [Worksheet(sheet.name, sheet.visible != SheetVisibleEnum.Visible) for sheet in listed]
    places = _wanted(sheets, worksheet)
    best, said = _best(((place, _first_lines(_sheet(book, sheets[place].name))) for place in places), columns)
    if best is None:
        return Chosen(sheets[places[0]].name, sheets, None, said, lambda: iter(()))
    place, header = best
    errors = extents.errors[place] if place < len(extents.errors) else frozenset()
    return Chosen(sheets[place].name, sheets, header, True, lambda: _walk(_sheet(book, sheets[place].name), header.row), errors)


def _sheet(book: CalamineWorkbook, name: str) -> CalamineSheet:
    with _guarded():
        return book.get_sheet_by_name(name)


def _first_lines(sheet: CalamineSheet) -> list[tuple[int, list[str]]]:
    lines = []
    for number, line in _walk(sheet, 0):
        cells = [text_of(cell) for cell in line]
        if any(cells):
            lines.append((number, cells))
        if len(lines) > SEARCHED_LINES:
            break
    return lines


def _load(path: Path, name: str) -> CalamineSheet:
    with _guarded(), path.open("rb") as file:
        return CalamineWorkbook.from_filelike(file).get_sheet_by_name(name)


def _walk(sheet: CalamineSheet, after: int) -> Iterator[tuple[int, Sequence[Cell]]]:
    """Lines below line `after`, each from column A on: iter_rows counts lines from 1 but leaves out empty first columns."""
    with _guarded():
        before: list[Cell] = [""] * (sheet.start[1] if sheet.start else 0)
        for number, line in enumerate(sheet.iter_rows(), start=1):
            if number > after:
                yield number, [*before, *line] if before else line
