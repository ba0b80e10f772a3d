"""Excel by XlsxWriter: one worksheet per table, ready to filter and to print; every text is written as text."""

from datetime import date
from io import BytesIO
from itertools import pairwise

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from tongxing.papers.document import Document, Heading, Paragraph, Table, content, day_in_words, printable, restored, shown

from . import layout

MOST_LETTERS = 32_000
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}


class _Styles:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        cell = {"font_name": "宋体", "font_size": 11, "valign": "vcenter", "border": 1, "border_color": "#9AA5A5", "text_wrap": True}
        self.title: Format = book.add_format({"font_name": "黑体", "font_size": 16, "align": "center", "valign": "vcenter"})
        self.note: Format = book.add_format({"font_name": "宋体", "font_size": 10, "valign": "vcenter", "text_wrap": True})
        self.head: Format = book.add_format({**cell, "bold": True, "align": "center", "bg_color": "#E3ECEB"})
        self.text: Format = book.add_format({**cell, "num_format": "@"})
        self.number: Format = book.add_format({**cell, "align": "right", "num_format": "General"})
        self.text_right: Format = book.add_format({**cell, "align": "right", "num_format": "@"})


def to_xlsx(document: Document) -> bytes:
    """The tables of a document; headings and paragraphs stand on a worksheet of their own when there are any."""
    document = restored(content(document), number=printable(document.number), verification=document.verification)
    out = BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        # A fixed day makes the same document give the same bytes.
        day = document.issued_on or date(2000, 1, 1)
        book.set_properties({"title": document.title, "author": document.issued_by, "comments": document.number, "created": _moment(day)})
        styles = _Styles(book)
        tables = _titled(document)
        words = [block for block in document.blocks if not isinstance(block, Table)]
        names = layout.sheet_names([title for title, _ in tables] + (["说明"] if words or not tables else []))
        for name, (title, table) in zip(names, tables, strict=False):
            _table(book.add_worksheet(name), document, title, table, styles)
        if words or not tables:
            _words(book.add_worksheet(names[-1]), document, words, styles)
    return out.getvalue()


def _moment(day: date) -> "date":
    from datetime import datetime

    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the format knows no time zone


def _titled(document: Document) -> list[tuple[str, Table]]:
    """Each table with its name: its own title, or the heading before it, or the title of the document."""
    found = []
    for before, block in pairwise([None, *document.blocks]):
        if isinstance(block, Table):
            heading = before.text if isinstance(before, Heading) else ""
            found.append((block.title or heading or document.title, block))
    return found


def _facts(document: Document, count: int | None) -> str:
    facts = [document.subtitle, document.issued_by]
    facts.append(f"共 {count} 条" if count is not None else "")
    facts.append(f"截至 {day_in_words(document.issued_on)}" if document.issued_on else "")
    facts.append(f"编号：{document.number}" if document.number else "")
    return "    ".join(fact for fact in facts if fact)


def _table(sheet: Worksheet, document: Document, title: str, table: Table, styles: _Styles) -> None:
    last = max(len(table.headings) - 1, 0)
    shown_title = document.title if title == document.title else f"{document.title}：{title}"
    _across(sheet, 0, last, shown_title, styles.title)
    _across(sheet, 1, last, _facts(document, len(table.rows)), styles.note)
    sheet.set_row(0, 30)
    for place, (heading, width) in enumerate(zip(table.headings, layout.widths(Table(table.headings, table.rows)), strict=True)):
        sheet.set_column(place, place, min(max(width + 3, 8), 50))
        sheet.write_string(2, place, heading, styles.head)
    for number, row in enumerate(table.rows, start=3):
        for place, value in enumerate(row):
            _cell(sheet, number, place, value, layout.is_numeric(table, place), styles)
    if table.headings:
        sheet.autofilter(2, 0, 2 + len(table.rows), last)
    sheet.freeze_panes(3, 1)
    _print(sheet, document, len(table.rows))
    sheet.repeat_rows(2)


def _cell(sheet: Worksheet, row: int, place: int, value: object, numeric: bool, styles: _Styles) -> None:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**15:
        sheet.write_number(row, place, value, styles.number)
    elif value is None or value == "":
        sheet.write_blank(row, place, None, styles.text)
    else:
        sheet.write_string(row, place, shown(value)[:MOST_LETTERS], styles.text_right if numeric else styles.text)  # type: ignore[arg-type]


def _across(sheet: Worksheet, row: int, last: int, text: str, style: Format) -> None:
    if last:
        sheet.merge_range(row, 0, row, last, text, style)
    else:
        sheet.write_string(row, 0, text, style)


def _print(sheet: Worksheet, document: Document, count: int | None) -> None:
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.set_margins(left=0.7, right=0.7, top=0.8, bottom=0.8)
    sheet.fit_to_pages(1, 0)
    left = f"共 {count} 条" if count is not None else ""
    day = day_in_words(document.issued_on) if document.issued_on else ""
    sheet.set_footer(f"&L&10{left}  {day}&C&10— &P —&R&10{document.number.replace('&', '&&')}")


def _words(sheet: Worksheet, document: Document, words: list[Heading | Paragraph], styles: _Styles) -> None:
    sheet.set_column(0, 0, 100)
    sheet.write_string(0, 0, document.title, styles.title)
    sheet.write_string(1, 0, _facts(document, None), styles.note)
    row = 2
    for row, block in enumerate(words, start=2):
        sheet.write_string(row, 0, block.text[:MOST_LETTERS], styles.note)
    if document.verification:
        proof = f"内容摘要（SHA-256）：{document.verification.digest}\n查验网址：{document.verification.url}"
        sheet.write_string(row + 2, 0, proof, styles.note)
    _print(sheet, document, None)
