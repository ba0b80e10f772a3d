"""One pass over a file: every row gets a fate. The same pass checks and applies; applying writes chunk by chunk.

Duplicates within the file are found by the keys a sheet gives each row. A row that was refused holds no key against later ones.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .loader import Loader
from .models import Fate
from .reading import SourceRow
from .seen import Seen
from .sheet import Sheet, Verdict


@dataclass
class Pass:
    """The state of one pass over one file."""

    sheet: Sheet
    loader: Loader
    seen: Seen = field(default_factory=Seen)
    prepared: Any = None
    ready: bool = False

    def judge(self, rows: Iterable[SourceRow]) -> list[Verdict]:
        """Fates of one chunk's rows, with three or four queries."""
        return self.judged(self.parse(rows))

    def parse(self, rows: Iterable[SourceRow]) -> list[Verdict]:
        """The cells of one chunk's rows judged, without the database: whoever writes does it before the transaction begins."""
        return [self.sheet.parse(row) for row in rows]

    def judged(self, verdicts: list[Verdict]) -> list[Verdict]:
        if not self.ready:
            self.prepared, self.ready = self.sheet.prepare(self.loader), True
        known = self.sheet.look_up(verdicts, self.loader, self.prepared)
        for verdict in verdicts:
            if not verdict.bad:
                self.sheet.judge(verdict, known)
            if verdict.bad and verdict.fate != Fate.DUPLICATE:
                verdict.fate = Fate.INVALID
            if verdict.fate not in {Fate.INVALID, Fate.DUPLICATE}:
                self._hold_against_file(verdict)
            if verdict.fate in {Fate.INVALID, Fate.DUPLICATE}:
                # A doubt is said of lines that are saved.
                verdict.problems = [problem for problem in verdict.problems if problem.severity == "error"]
        return verdicts

    def _hold_against_file(self, verdict: Verdict) -> None:
        clashing, kept = self.sheet.identity(verdict)
        for key in clashing:
            if (first := self.seen.first(key)) is not None and first != verdict.row:
                verdict.double("", "duplicate_in_file", f"与本文件第 {first} 行重复，只处理第 {first} 行。{self.sheet.both_right}")
                return
        for key in kept:
            self.seen.hold(key, verdict.row)

    def remember(self, rows: Iterable[SourceRow], refused: set[int]) -> None:
        """Take up the keys of rows that an earlier run already dealt with."""
        for row in rows:
            if row.number in refused:
                continue
            verdict = self.sheet.parse(row)
            if not verdict.bad:
                for key in self.sheet.identity(verdict)[1]:
                    self.seen.hold(key, verdict.row)


def tally(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """Rows by fate, and rows saved with a doubt."""
    counts: Counter[str] = Counter()
    for verdict in verdicts:
        counts[verdict.fate] += 1
        if verdict.warned and not verdict.bad:
            counts["warnings"] += 1
    return {key: counts[key] for key in (*Fate.values, "warnings")}
