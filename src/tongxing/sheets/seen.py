"""The keys of a file's rows that later rows are held against, in 24 bytes a key however long the file is.

A key is kept as its 64-bit hash. Two different keys of one file with one hash would make a false duplicate: at two million keys the chance
is one in ten million, and the line would be named, not lost.
"""

from array import array
from bisect import bisect_left
from collections.abc import Hashable

RECENT = 250_000


class Seen:
    """key → the first row that held it. The newest keys lie in a dictionary, older ones in sorted arrays that are merged as they grow."""

    def __init__(self) -> None:
        self._recent: dict[int, int] = {}
        self._runs: list[tuple[array[int], array[int]]] = []

    def first(self, key: Hashable) -> int | None:
        """The first row that held `key`; None when no row has."""
        mark = hash(key)
        for marks, rows in self._runs:
            at = bisect_left(marks, mark)
            if at < len(marks) and marks[at] == mark:
                return rows[at]
        return self._recent.get(mark)

    def hold(self, key: Hashable, row: int) -> None:
        """Note `key` for `row`; a row before it keeps it."""
        self._recent.setdefault(hash(key), row)
        if len(self._recent) >= RECENT:
            self._settle()

    def _settle(self) -> None:
        run = _run(sorted(self._recent.items()))
        self._recent = {}
        while self._runs and len(self._runs[-1][0]) <= 2 * len(run[0]):
            run = _merged(self._runs.pop(), run)
        self._runs.append(run)


def _run(pairs: list[tuple[int, int]]) -> tuple["array[int]", "array[int]"]:
    return array("q", (mark for mark, _ in pairs)), array("i", (row for _, row in pairs))


def _merged(older: tuple["array[int]", "array[int]"], newer: tuple["array[int]", "array[int]"]) -> tuple["array[int]", "array[int]"]:
    """Both runs as one; where they share a mark the older row stands first and is found first."""
    marks, rows = array("q"), array("i")
    at = other = 0
    (left, left_rows), (right, right_rows) = older, newer
    while at < len(left) and other < len(right):
        if left[at] <= right[other]:
            marks.append(left[at])
            rows.append(left_rows[at])
            at += 1
        else:
            marks.append(right[other])
            rows.append(right_rows[other])
            other += 1
    marks.extend(left[at:])
    rows.extend(left_rows[at:])
    marks.extend(right[other:])
    rows.extend(right_rows[other:])
    return marks, rows
