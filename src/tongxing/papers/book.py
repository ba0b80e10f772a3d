"""Workbooks of several tables, to hand on or to work with; papers with a number are in `render`."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook

from tongxing.core.worksheets import worksheet_name

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Book:
    """A workbook of text tables: bold frozen heads, widths by content, everything written as text or number, never as a formula.

    `sheet`: title above, `asked` are yellow columns to be filled in. Decimals are amounts of money.
    """

    def __init__(self) -> None:
        self.buffer = BytesIO()
        self.book = Workbook(self.buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        self.head = self.book.add_format({"bold": True, "bg_color": "#E3EEF0", "border": 1, "text_wrap": True, "valign": "vcenter"})
        self.asked = self.book.add_format({"bold": True, "bg_color": "#FFF3CD", "border": 1, "text_wrap": True, "valign": "vcenter"})
        self.money = self.book.add_format({"num_format": "#,##0.00"})
        self.title = self.book.add_format({"bold": True, "font_size": 14})
        self.names: set[str] = set()

    def _name(self, wanted: str) -> str:
        base = worksheet_name(wanted, room=28) or "表"
        name, number = base, 2
        while name.lower() in self.names:
            name, number = f"{base}{number}", number + 1
        self.names.add(name.lower())
        return name

    def sheet(self, name: str, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], asked: Sequence[str] = ()) -> None:
        page = self.book.add_worksheet(self._name(name))
        page.write_string(0, 0, title, self.title)
        for place, column in enumerate([*columns, *asked]):
            page.write_string(1, place, column, self.asked if place >= len(columns) else self.head)
        widths = [len(column) * 2 + 2 for column in [*columns, *asked]]
        for line, row in enumerate(rows, start=2):
            for place, value in enumerate(row):
                if isinstance(value, Decimal):
                    page.write_number(line, place, value, self.money)
                elif isinstance(value, int) and not isinstance(value, bool):
                    page.write_number(line, place, value)
                else:
                    page.write_string(line, place, "" if value is None else str(value))
                widths[place] = max(widths[place], min(40, len(str(value or "")) * 2 + 2))
        for place, width in enumerate(widths):
            page.set_column(place, place, width)
        page.freeze_panes(2, 0)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.repeat_rows(0, 1)

    def finish(self) -> bytes:
        self.book.close()
        return self.buffer.getvalue()
