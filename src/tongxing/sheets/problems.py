"""The problems of a long file: a report names every one of them, and a million of them do not fit into memory as dictionaries."""

import json
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from typing import Any

KEPT = 20_000
Problem = dict[str, Any]


class Problems:
    """Problems in the order they came; the first KEPT in memory, the rest in a file without a name that goes with the object.

    Can be walked again and again and measured with len().
    """

    def __init__(self, problems: Iterable[Problem] = ()) -> None:
        self._first: list[Problem] = []
        self._rest: Any = None
        self._more = 0
        self.extend(problems)

    def extend(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            if len(self._first) < KEPT:
                self._first.append(problem)
                continue
            if self._rest is None:
                self._rest = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - lives as long as the report
                weakref.finalize(self, self._rest.close)
            self._rest.write(json.dumps(problem, ensure_ascii=False) + "\n")
            self._more += 1

    def __len__(self) -> int:
        return len(self._first) + self._more

    def __contains__(self, problem: object) -> bool:
        return any(held == problem for held in self)

    def __iter__(self) -> Iterator[Problem]:
        yield from self._first
        if self._rest is not None:
            self._rest.seek(0)
            yield from map(json.loads, self._rest)

    def settled(self) -> "list[Problem] | Problems":
        """A plain list where that is all of them."""
        return self if self._more else self._first
