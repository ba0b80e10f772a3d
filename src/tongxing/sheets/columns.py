"""A column of a sheet: its heading, what people write instead, and the small function that judges one cell."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .reading import ColumnSpec

Judge = Callable[[str], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(ColumnSpec):
    """`judge` takes the cell's text and returns the value or raises ValidationError; it sees no database."""

    judge: Judge
    choices: tuple[str, ...] = ()
    example: str = ""
    note: str = ""
    personal: bool = False
    """Never stored or shown in clear outside the vault."""
    cached: bool = False
    """Few distinct values (township, industry, status): judged once per spelling."""
