"""Rows and choices as HTML. Hundreds of them stand on every list page, and Python writes them in a tenth of a template's time.

Every value goes through `escape`; what is put together here is safe and says so.
"""

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from .filters import Option
    from .page import Cell, Line

LONG, SHORT = 14, 10
"""Cells of more characters may be broken into lines, cells of no more than these never are (core/css/tables.css)."""


def lines(rows: "Iterable[Line]", *, selectable: bool) -> SafeString:
    """The rows of the table; `selectable` ones begin with a box to tick."""
    return SafeString("\n".join(f"<tr>{_tick(row) if selectable else ''}{''.join(map(_cell, row.cells))}</tr>" for row in rows))


def _tick(row: "Line") -> str:
    box = f'<input type="checkbox" class="form-check-input" name="ids" value="{escape(str(row.id))}" aria-label="选择 {escape(row.name)}">'
    return f'<td class="tx-tick">{box}</td>'


def _cell(cell: "Cell") -> str:
    text = escape(cell.text)
    if cell.link:
        text = f'<a href="{escape(cell.link)}"{" data-drawer" if cell.drawer else ""}>{text}</a>'
    elif cell.press:
        text = f'<button type="submit" class="tx-press" formaction="{escape(cell.press)}">{text}</button>'
    elif cell.tone:
        text = f'<span class="tx-badge is-{escape(cell.tone)}">{text}</span>'
    return f'<td{_width(cell)} data-label="{escape(cell.label)}">{text}</td>'


def _width(cell: "Cell") -> str:
    if cell.numeric:
        return ' class="is-number"'
    if len(cell.text) > LONG:
        return ' class="tx-long"'
    return ' class="tx-short"' if len(cell.text) <= SHORT else ""


def options(choices: "Iterable[Option]") -> SafeString:
    """The choices of a list of which one is taken."""
    return SafeString(
        "".join(
            f'<option value="{escape(value)}"{" selected" if chosen else ""}>{escape(label)}</option>' for value, label, chosen in choices
        )
    )


def boxes(name: str, choices: "Iterable[Option]") -> SafeString:
    """The choices of a list of which several may be taken."""
    return SafeString(
        "".join(
            f'<label class="form-check"><input class="form-check-input" type="checkbox" name="{escape(name)}" value="{escape(value)}"'
            f'{" checked" if chosen else ""}><span class="form-check-label">{escape(label)}</span></label>'
            for value, label, chosen in choices
        )
    )
