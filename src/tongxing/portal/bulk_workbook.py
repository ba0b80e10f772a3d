"""The answers of a verification in bulk as a workbook. Every cell is text, marked as such, so that nothing typed becomes a formula."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

from xlsxwriter import Workbook

from .bulk import Answer

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = (
    ("行号", 8),
    ("证书编号", 28),
    ("姓名", 14),
    ("核验结果", 36),
    ("等级", 26),
    ("发证日期", 14),
    ("失效原因类别", 28),
    ("失效日期", 14),
)
NOTE = "按本机关登记册的状态回答；正式结果以国家官网为准。编号和姓名都一致才有结果。"
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def written(answers: Sequence[Answer], at: datetime) -> bytes:
    """`at` is the moment at which the register was asked."""
    buffer = BytesIO()
    book = Workbook(buffer, _OPTIONS)
    sheet, text = book.add_worksheet("核验结果"), book.add_format({"quote_prefix": True, "num_format": "@"})
    head = book.add_format({"bold": True, "bg_color": "#E3EEF0", "border": 1})
    sheet.write_string(0, 0, f"核验时间：{at:%Y-%m-%d %H:%M}。{NOTE}")
    for place, (title, width) in enumerate(COLUMNS):
        sheet.write_string(1, place, title, head)
        sheet.set_column(place, place, width)
    for number, answer in enumerate(answers, 2):
        for place, value in enumerate(_cells(answer)):
            sheet.write_string(number, place, value, text)
    sheet.freeze_panes(2, 3)
    book.close()
    return buffer.getvalue()


def _cells(answer: Answer) -> tuple[str, ...]:
    issued = answer.issued_on.isoformat() if answer.issued_on else ""
    ended = answer.ended_on.isoformat() if answer.ended_on else ""
    ground = answer.ground if answer.level else ""
    return (str(answer.place), answer.number, answer.name, answer.said, answer.level, issued, ground, ended)
