"""Measures that the three renderers share: GB/T 9704-2012 (paper 5.1, margins 5.2.1, sizes 7) in millimetres and points."""

import re
from collections.abc import Sequence

from tongxing.core.worksheets import worksheet_name
from tongxing.papers.document import Table, shown

_RUN = re.compile(r"[!-~]+")
TOP, BOTTOM, LEFT, RIGHT = 37, 35, 28, 26
# A page on its side keeps its head at the binding edge (GB/T 9704-2012, 8): the margins turn with it.
LANDSCAPE_TOP, LANDSCAPE_BOTTOM, LANDSCAPE_LEFT, LANDSCAPE_RIGHT = 28, 26, 35, 37
TITLE_SIZE, BODY_SIZE, NOTE_SIZE, PAGE_NUMBER_SIZE = 22, 16, 12, 14
TABLE_SIZES = (12.0, 10.5, 9.0, 8.0, 7.0)
ROOMY_SIZE_UP_TO = 6
INSET = 1.2
# Half-width letters are a little wider than half of the type size; Chinese ones are exactly as wide.
HALF, FULL = 0.58, 1.0
MILLIMETRES_PER_POINT = 0.3528
LONGEST_WHOLE, LONGEST_NAME = 20, 4
MEASURED_ROWS = 300


def breadth(text: str) -> int:
    """Width in half-width letters."""
    return sum(2 if letter > "\u2e80" else 1 for letter in text)


def widths(table: Table) -> list[float]:
    """Relative widths of the columns: as given, or from what stands in the heading and the first rows."""
    count = len(table.headings)
    if table.widths and len(table.widths) == count and min(table.widths) > 0:
        return list(table.widths)
    found = []
    for place, heading in enumerate(table.headings):
        lengths = sorted(breadth(shown(row[place])) for row in table.rows[:MEASURED_ROWS] if place < len(row))
        usual = lengths[int(len(lengths) * 0.9)] if lengths else 0
        found.append(float(min(max(usual, breadth(heading) * 0.75, 5), 40)))
    return found


def across(*, landscape: bool) -> float:
    """Millimetres between the margins."""
    return 297 - LANDSCAPE_LEFT - LANDSCAPE_RIGHT if landscape else 210 - LEFT - RIGHT


def fitted(table: Table, room: float) -> tuple[float, list[float]]:
    """Type size in points and column widths in millimetres, so that numbers, days, codes and short names are not torn if it can be helped."""
    least = [_least(table, place) for place in range(len(table.headings))]
    sizes = TABLE_SIZES if len(table.headings) <= ROOMY_SIZE_UP_TO else TABLE_SIZES[1:]
    size = next((size for size in sizes if sum(_measure(ems, size) for ems in least) <= room), sizes[-1])
    floor = [_measure(ems, size) for ems in least]
    wished = widths(table)
    if table.widths and all(room * part / sum(wished) >= need for part, need in zip(wished, floor, strict=True)):
        return size, [room * part / sum(wished) for part in wished]
    spare = room - sum(floor)
    if spare <= 0:
        return size, [room * need / sum(floor) for need in floor]
    # What is left over goes to the columns that were wished wider than they must be.
    lacking = [max(room * part / sum(wished) - need, 0.0) for need, part in zip(floor, wished, strict=True)]
    return size, [need + spare * part / sum(lacking) for need, part in zip(floor, lacking, strict=True)]


def _measure(ems: float, size: float) -> float:
    return ems * size * MILLIMETRES_PER_POINT + 2 * INSET + 0.4


def _least(table: Table, place: int) -> float:
    """The longest piece of a column that should stay on one line, in ems."""
    texts = [shown(row[place]) for row in table.rows[:MEASURED_ROWS] if place < len(row)]
    heading = min(max(len(table.headings[place]) / 2, 2.0), 4.0)
    # A long text may take three lines, but not a tower of single characters.
    usual = sorted(map(breadth, texts))[int(len(texts) * 0.8)] if texts else 0
    return max([heading, min(usual / 2 / 3, 10.0) + 0.5, *map(_whole, texts)])


def _whole(text: str) -> float:
    if len(text) <= LONGEST_NAME:
        return _ems(text)
    return max((_ems(run) for run in _RUN.findall(text) if len(run) <= LONGEST_WHOLE), default=FULL)


def _ems(text: str) -> float:
    return sum(FULL if letter > "\u2e80" else HALF for letter in text)


def is_numeric(table: Table, place: int) -> bool:
    return place in set(table.numeric)


def sheet_names(titles: Sequence[str]) -> list[str]:
    """Names of worksheets: legal, at most 31 letters, each one once."""
    names: list[str] = []
    for number, title in enumerate(titles, start=1):
        plain = worksheet_name(title, room=28) or f"表{number}"
        taken = {name.lower() for name in names}
        names.append(
            plain if plain.lower() not in taken and plain.lower() != "history" else f"{worksheet_name(plain, room=25)}（{number}）"
        )
    return names
