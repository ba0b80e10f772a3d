"""What a list page is made of: columns and bulk acts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Choices
from django.utils import timezone

from .paging import Order

DASH = "–"


@dataclass(frozen=True)
class Column:
    """One column. `value` reads the cell from a row; `sort` names the model field (or fields) to order by; `tone` makes it a badge.

    `default=False` hides it until the user picks it; `export` gives the spreadsheet another value than the page.
    `drawer` opens the link beside the list; `press` gives an address that the cell POSTs to when it is pressed. `reads` is the path from
    the row to the one value that the cell is made of: a workbook whose columns all say so is written without making a record of every row.
    """

    key: str
    label: str
    value: Callable[[Any], Any]
    link: Callable[[Any], str | None] | None = None
    sort: str | tuple[str, ...] = ()
    numeric: bool = False
    default: bool = True
    tone: Callable[[Any], str] | None = None
    export: Callable[[Any], Any] | None = None
    help: str = ""
    width: int = 16
    drawer: bool = False
    press: Callable[[Any], str | None] | None = None
    reads: str = ""

    @property
    def sort_fields(self) -> tuple[str, ...]:
        return (self.sort,) if isinstance(self.sort, str) else self.sort

    def ordering(self, *, down: bool) -> tuple[Order, ...]:
        """The order by this column; a field with a minus runs the other way."""
        return tuple(Order(name.removeprefix("-"), down != name.startswith("-")) for name in self.sort_fields)

    def exported(self, row: Any) -> Any:
        """The cell for a spreadsheet: numbers and days stay numbers and days, everything else is text."""
        value = (self.export or self.value)(row)
        if type(value) is str:
            return value or DASH
        if value is None or (isinstance(value, int | float | date) and not isinstance(value, bool | datetime)):
            return value
        return float(value) if isinstance(value, Decimal) else shown(value)


@dataclass(frozen=True)
class Bulk:
    """A button on the selection bar. It POSTs `ids=…` or `all=1` to `url`, with the list's query string; read them with `selected`."""

    label: str
    url: str
    permission: str = ""
    danger: bool = False


def word_of(field: str, choices: type[Choices]) -> Callable[[Any], Any]:
    """The label of a row's choice, as Django's get_…_display gives it, by a look-up."""
    words = dict(choices.choices)

    def word(row: Any) -> Any:
        value = getattr(row, field)
        return words.get(value, value)

    return word


def shown(value: Any) -> str:
    """A cell as people read it: 1,284; 2026-11-22; 是/否; a dash for nothing."""
    if value is None or value == "":
        return DASH
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{timezone.localtime(value) if timezone.is_aware(value) else value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float | Decimal):
        return f"{value:,}"
    return str(value)
