"""Small cells of a public table: what is published must not tell how many there are in a cell of fewer than `SMALLEST_CELL` people.

The total stands beside the table and everybody may know this rule. So a hidden cell alone could be worked out from the total, and two
cells hidden under an all-ones total as well. Therefore cells are hidden by their number only, never by label or place in the list:

* with a small cell, the smallest cells that are not small are hidden too (all of them that tie): the hidden ones then hold at least two
  different numbers, and any of them may belong to any hidden label;
* where every cell is small, no cell is shown at all; a total that is small itself is not shown either;
* hidden cells stand last in the order of their labels, since a place in a list sorted by number would tell.
"""

from collections.abc import Iterable
from dataclasses import dataclass

SMALLEST_CELL = 5


@dataclass(frozen=True)
class Cell:
    """One row of the public table; `count` is None where it is hidden."""

    label: str
    count: int | None


def published_total(total: int) -> int | None:
    """The total, or None when it is itself a small cell."""
    return None if 0 < total < SMALLEST_CELL else total


def published(rows: Iterable[tuple[str, int]]) -> list[Cell]:
    """The cells that may be shown, largest first, then the hidden ones by label; cells without anybody are left out."""
    filled = [(label, count) for label, count in rows if count > 0]
    small = {label for label, count in filled if count < SMALLEST_CELL}
    if len(small) == len(filled):
        return []
    least = min(count for label, count in filled if label not in small)
    hidden = small | {label for label, count in filled if small and count == least}
    shown = sorted((row for row in filled if row[0] not in hidden), key=lambda row: (-row[1], row[0]))
    return [Cell(*row) for row in shown] + [Cell(label, None) for label in sorted(hidden)]
