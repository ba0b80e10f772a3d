"""What every sheet shares: cells judged one by one, a fate for every row, problems with what to do about them.

A room declares a subclass: its columns, the look-ups of a chunk (sets, never per row), the verdict on one row as plain Python, and the
bulk act that applies a chunk. `sheets` never learns what a person is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError

from tongxing.core.vault import mask

from .columns import Column
from .loader import Loader
from .models import Fate
from .reading import FLAG_MESSAGES, SourceRow

MOST_SPELLINGS = 10_000


@dataclass(slots=True)
class Problem:
    column: str
    code: str
    message: str
    severity: str = "error"

    def as_dict(self) -> dict[str, str]:
        return {"column": self.column, "code": self.code, "message": self.message, "severity": self.severity}


@dataclass(slots=True)
class Verdict:
    """What is known of one row while its chunk is in hand."""

    row: int
    values: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    fate: str = Fate.NEW
    label: str = ""
    diff: list[tuple[str, Any, Any]] = field(default_factory=list)
    plan: Any = None
    refs: dict[str, Any] = field(default_factory=dict)
    undo: dict[str, Any] = field(default_factory=dict)
    about: int | None = None
    """Id of the record whose history a changed row belongs to; set by `apply_chunk`."""
    bad: bool = False

    @property
    def warned(self) -> bool:
        return any(problem.severity == "warning" for problem in self.problems)

    def refuse(self, column: str, code: str, message: str) -> None:
        self.problems.append(Problem(column, code, message))
        self.fate, self.bad = Fate.INVALID, True

    def doubt(self, column: str, code: str, message: str) -> None:
        self.problems.append(Problem(column, code, message, "warning"))

    def double(self, column: str, code: str, message: str) -> None:
        """Found a second time, in the file or among the records."""
        self.problems.append(Problem(column, code, message))
        self.fate, self.bad = Fate.DUPLICATE, True


Versions = dict[tuple[str, int], int]
"""(table, id) of records and the version each has now."""


class Stale(Exception):
    """A record moved on between look-up and write: the chunk is looked up and judged again."""


class Sheet:
    """One kind of roster. Subclasses are named in `settings.SHEETS`."""

    name: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    icon: ClassVar[str] = "table"
    clause: ClassVar[str] = ""
    columns: ClassVar[tuple[Column, ...]]
    permission: ClassVar[str] = "registry.import"
    by_organisation: ClassVar[bool] = False
    """Whether those who act for one organisation may load it; `judge` must then hold every row against `loader.scope.organisations`."""
    label_key: ClassVar[str] = "name"
    both_right: ClassVar[str] = "如两行都对，请核对代码或号码。"
    """What to do when two lines of one file clash although both are right."""

    def __init__(self) -> None:
        self._required = tuple(column.key for column in self.columns if column.required)
        self._known = {column.key: _judging(column) for column in self.columns}
        self.by_key = {column.key: column for column in self.columns}
        self.units: dict[str, str] = {}

    # --- one cell, one row: no database
    def parse(self, row: SourceRow) -> Verdict:
        """Judge every cell of a row; a bad cell is a problem and leaves no value."""
        values: dict[str, Any] = {}
        verdict = Verdict(row.number, values)
        cells, flags = row.cells, row.flags
        if flags or not all(map(cells.get, self._required)):
            self._parse_odd(verdict, cells, flags)
        else:
            known = self._known
            for key, raw in cells.items():
                if not raw:
                    continue
                spellings, judge = known[key]
                if spellings is not None and raw in spellings:
                    values[key] = spellings[raw]
                    continue
                try:
                    values[key] = judge(raw)
                except ValidationError as error:
                    verdict.refuse(self.by_key[key].heading, error.code or "invalid", "".join(error.messages))
        label = values.get(self.label_key)
        verdict.label = str(label)[:128] if label else ""
        return verdict

    def _parse_odd(self, verdict: Verdict, cells: Mapping[str, str], flags: Mapping[str, str]) -> None:
        """A row with cells that are stored wrongly, or without some that must be there."""
        for column in self.columns:
            raw = cells.get(column.key, "")
            if column.key in flags:
                self._flagged(verdict, column, flags[column.key])
            elif raw:
                try:
                    verdict.values[column.key] = self._known[column.key][1](raw)
                except ValidationError as error:
                    verdict.refuse(column.heading, error.code or "invalid", "".join(error.messages))
            elif column.required:
                verdict.refuse(column.heading, "required", f"“{column.heading}”不能为空，请补填。")

    def _flagged(self, verdict: Verdict, column: Column, code: str) -> None:
        verdict.refuse(column.heading, code, f"“{column.heading}”{FLAG_MESSAGES.get(code, '单元格有错误，请改正后重新导入。')}")

    # --- what a room says
    @classmethod
    def home_of(cls, organisations: frozenset[int]) -> int:
        """The area under which a batch of somebody stands who acts for organisations only."""
        raise NotImplementedError

    def identity(self, verdict: Verdict) -> tuple[Sequence[Any], Sequence[Any]]:
        """(keys that would make this row a duplicate of an earlier one, keys that later rows are held against)."""
        raise NotImplementedError

    def prepare(self, loader: Loader) -> Any:
        """What holds for the whole batch (areas, towns); done once."""
        return None

    def look_up(self, verdicts: list[Verdict], loader: Loader, prepared: Any) -> Any:
        """Everything that judging this chunk needs from the database, in a constant number of queries."""
        raise NotImplementedError

    def judge(self, verdict: Verdict, known: Any) -> None:
        """Give the row its fate, diff and plan. Plain Python."""
        raise NotImplementedError

    def apply_chunk(self, verdicts: list[Verdict], *, by: Any, today: date) -> None:
        """Write the new and changed rows through the room's bulk act and fill `refs` and `undo`. Runs inside the chunk's transaction."""
        raise NotImplementedError

    def dependants(self, made: list[dict[str, Any]], changed: list[dict[str, Any]]) -> list[str]:
        """What later work depends on the batch, as Chinese sentences; empty when it can be taken back."""
        raise NotImplementedError

    def undo_chunk(self, made: list[dict[str, Any]], changed: list[tuple[dict[str, Any], dict[str, Any]]], *, by: Any) -> Versions:
        """Take back what rows made (`refs`) and changed (`refs`, `undo`); returns the records of others that changed along with them."""
        raise NotImplementedError

    # --- showing a change
    def shown(self, verdict: Verdict) -> list[dict[str, str]]:
        """The field diff as text; personal data masked."""
        return [self._shown(key, before, after) for key, before, after in verdict.diff]

    def _shown(self, key: str, before: Any, after: Any) -> dict[str, str]:
        column = self.by_key.get(key)
        cover = column is not None and column.personal
        return {
            "column": key,
            "heading": column.heading if column else key,
            "before": _text(before, cover),
            "after": _text(after, cover),
        }


def _judging(column: Column) -> tuple[dict[str, Any] | None, Callable[[str], Any]]:
    """The spellings of a column that were judged already (None: every cell is its own), and the judge that fills them."""
    if not column.cached:
        return None, column.judge
    spellings: dict[str, Any] = {}

    def judge(raw: str) -> Any:
        if len(spellings) > MOST_SPELLINGS:
            spellings.clear()
        spellings[raw] = value = column.judge(raw)
        return value

    return spellings, judge


def _text(value: Any, cover: bool) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, Decimal):
        text = f"{value.normalize():f}"
    elif isinstance(value, bool):
        text = "是" if value else "否"
    else:
        text = str(value)
    return mask(text, 3, 4) if cover else text
