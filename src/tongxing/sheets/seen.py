"""The keys of a file's rows that later rows are held against: a table of hashes in two arrays, some 20 bytes a key however long the file is.

A key is kept as its 64-bit hash. Two different keys of one file with one hash would make a false duplicate: at two million keys the chance
is one in ten million, and the line would be named, not lost.
"""

from array import array
from collections.abc import Hashable

SMALLEST = 1 << 12


class Seen:
    """key → the first row that held it. Open addressing with linear probing; a mark of 0 is a free place."""

    def __init__(self) -> None:
        self._used = 0
        self._make(SMALLEST)

    def _make(self, places: int) -> None:
        self._last = places - 1
        self._marks, self._rows = array("q", [0]) * places, array("i", [0]) * places

    def _place(self, mark: int) -> int:
        """Where `mark` stands, or the free place where it would."""
        marks, last = self._marks, self._last
        at = mark & last
        while (held := marks[at]) and held != mark:
            at = (at + 1) & last
        return at

    def first(self, key: Hashable) -> int | None:
        """The first row that held `key`; None when no row has."""
        at = self._place(hash(key) or 1)
        return self._rows[at] if self._marks[at] else None

    def hold(self, key: Hashable, row: int) -> None:
        """Note `key` for `row`; a row before it keeps it."""
        mark = hash(key) or 1
        at = self._place(mark)
        if self._marks[at]:
            return
        self._marks[at], self._rows[at] = mark, row
        self._used += 1
        if self._used * 3 > self._last * 2:
            self._grow()

    def _grow(self) -> None:
        marks, rows = self._marks, self._rows
        self._make(2 * len(marks))
        for mark, row in zip(marks, rows, strict=True):
            if mark:
                at = self._place(mark)
                self._marks[at], self._rows[at] = mark, row
