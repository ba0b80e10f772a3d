"""The two workbooks a sheet hands out: the template to fill in, and the lines that were sent back."""

import re
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from tongxing.core.worksheets import worksheet_name
from tongxing.files.scratch import private_folder

from .reading import ColumnSpec

REASON_HEADING = "退回原因"
EXAMPLE_MARK = "示例："
FONT = "宋体"
# As far down as drop-downs and text format reach; the reader itself takes up to a million lines.
PREPARED_LINES = 20_000
# Excel keeps a list of choices inside the cell only up to this many characters, commas included.
LONGEST_INLINE_LIST = 250
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def template(
    title: str,
    columns: Sequence[ColumnSpec],
    *,
    choices: Mapping[str, Sequence[str]],
    example: Mapping[str, str],
    notes: Mapping[str, str],
) -> bytes:
    """An xlsx to fill in: `choices`, `example` and `notes` by column key. The example line is left out when the file is read."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        sheet = book.add_worksheet(_sheet_name(title))
        styles = _Styles(book)
        sheet.merge_range(0, 0, 0, max(len(columns) - 1, 1), title, styles.title)
        sheet.set_row(0, 30)
        sheet.set_row(1, 32)
        lists = _Lists(book)
        for place, column in enumerate(columns):
            _column(sheet, place, column, styles, example.get(column.key, ""))
            shown = f"*{column.heading}" if column.required else column.heading
            sheet.write_string(1, place, shown, styles.required if column.required else styles.heading)
            if note := _note(column, notes.get(column.key, ""), choices.get(column.key, ())):
                sheet.write_comment(1, place, note, {"x_scale": 2, "y_scale": 1.5, "font_name": FONT, "font_size": 10})
            sheet.write_string(2, place, _example(place, example.get(column.key, "")), styles.example)
            lists.offer(sheet, place, choices.get(column.key, ()))
        lists.finish()
        sheet.freeze_panes(2, 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(1)
    return out.getvalue()


# Text stays text: nothing that a user typed may turn into a formula or a link.
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


class _Styles:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        cell = {"font_name": FONT, "font_size": 11, "valign": "vcenter"}
        head = {**cell, "bold": True, "border": 1, "align": "center", "text_wrap": True}
        self.title: Format = book.add_format({**cell, "font_size": 16, "bold": True, "align": "center"})
        self.heading: Format = book.add_format({**head, "bold": False, "bg_color": "#E8F1F0"})
        self.required: Format = book.add_format({**head, "bg_color": "#CFE5E3"})
        self.example: Format = book.add_format({**cell, "italic": True, "font_color": "#808080", "num_format": "@"})
        self.text: Format = book.add_format({**cell, "num_format": "@"})
        self.reason: Format = book.add_format({**cell, "font_color": "#B00020", "text_wrap": True})


def _sheet_name(title: str) -> str:
    return worksheet_name(title) or "Sheet1"


def _column(sheet: Worksheet, place: int, column: ColumnSpec, styles: _Styles, example: str) -> None:
    widest = max(len(column.heading) * 2 + 4, sum(2 if letter > "\u2e80" else 1 for letter in example) + 2, 10)
    # Text format everywhere: an 18-digit number typed into a plain cell would lose its last digits.
    sheet.set_column(place, place, min(widest, 48), styles.text)


def _example(place: int, value: str) -> str:
    return f"{EXAMPLE_MARK}{value}" if place == 0 else value


def _note(column: ColumnSpec, note: str, choices: Sequence[str]) -> str:
    said = ["必填。" if column.required else "", note, "请按文本录入，不要用数字格式。" if column.text_only else ""]
    if 0 < len(choices) <= 20:
        said.append("可填：" + "、".join(choices) + "。")
    return "".join(said)


class _Lists:
    """Drop-downs: short ones inside the cell, long ones on a hidden worksheet."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.lists: list[Sequence[str]] = []

    def offer(self, sheet: Worksheet, place: int, choices: Sequence[str]) -> None:
        if not choices:
            return
        source: list[str] | str = list(choices)
        if len(",".join(choices)) > LONGEST_INLINE_LIST or any("," in choice for choice in choices):
            name = xl_col_to_name(len(self.lists), col_abs=True)
            self.lists.append(choices)
            source = f"=选项!{name}$1:{name}${len(choices)}"
        rule = {
            "validate": "list",
            "source": source,
            "error_type": "warning",
            "error_title": "不在选项中",
            "error_message": "请从下拉列表中选择；确需填写其他内容可以继续。",
        }
        sheet.data_validation(3, place, PREPARED_LINES, place, rule)

    def finish(self) -> None:
        if not self.lists:
            return
        hidden = self.book.add_worksheet("选项")
        for place, choices in enumerate(self.lists):
            hidden.write_column(0, place, choices)
        hidden.hide()


def failed_rows(headings: Sequence[str], rows: Iterable[tuple[Sequence[str], str]], *, title: str = "退回") -> bytes:
    """An xlsx of only the bad lines: pairs of (original values in the order of `headings`, reason), streamed.

    Every value is written as text, so that nothing becomes a formula; the reason column is ignored when the file is read again.
    """
    out = BytesIO()
    with (
        private_folder() as folder,
        xlsxwriter.Workbook(out, {**_OPTIONS, "in_memory": False, "constant_memory": True, "tmpdir": str(folder)}) as book,
    ):
        sheet = book.add_worksheet(_sheet_name(title))
        styles = _Styles(book)
        sheet.set_column(0, 0, 48, styles.reason)
        sheet.set_column(1, max(len(headings), 1), 18, styles.text)
        sheet.freeze_panes(1, 1)
        for place, heading in enumerate([REASON_HEADING, *headings]):
            sheet.write_string(0, place, _clean(heading), styles.required)
        for number, (values, reason) in enumerate(rows, start=1):
            sheet.write_string(number, 0, _clean(reason), styles.reason)
            for place, value in enumerate(values, start=1):
                if value:
                    sheet.write_string(number, place, _clean(value), styles.text)
    return out.getvalue()


def _clean(text: str) -> str:
    """XML cannot hold control characters; Excel cannot hold more than 32,767 letters."""
    return _CONTROL.sub("\ufffd", text)[:32_000]
