"""The template and the workbook of bad lines: both go back through the reader without a complaint."""

from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from tongxing.core.errors import Refused
from tongxing.sheets.reading import ColumnSpec, read
from tongxing.sheets.workbooks import REASON_HEADING, failed_rows, template

COLUMNS = [
    ColumnSpec("name", "单位名称", ("企业名称",), required=True),
    ColumnSpec("code", "统一社会信用代码", ("信用代码",), text_only=True),
    ColumnSpec("town", "所属镇街", ("镇街",)),
    ColumnSpec("kind", "类别"),
]
TOWNS = [f"第{number}个很长名字的街道办事处" for number in range(60)]


def made() -> bytes:
    return template(
        "企业名册",
        COLUMNS,
        choices={"kind": ["大型", "中型"], "town": TOWNS},
        example={"name": "济源某某有限公司", "code": "91419001MA00000000", "kind": "中型"},
        notes={"code": "18 位。"},
    )


def test_the_template_reads_back_with_its_example_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(made())
    with pytest.raises(Refused) as caught:
        read(path, COLUMNS, name="a.xlsx")
    assert caught.value.code == "header_only"
    book = openpyxl.load_workbook(path)
    book.active.append(["济源甲公司", "91419001MA00000001", TOWNS[3], "大型"])
    book.save(path)
    reading = read(path, COLUMNS, name="a.xlsx")
    assert [list(row.cells.values()) for row in reading.rows] == [["济源甲公司", "91419001MA00000001", TOWNS[3], "大型"]]
    assert (reading.unknown_headings, reading.missing_headings, reading.skipped.example) == ([], [], 1)
    assert (reading.header_row, reading.worksheet) == (2, "企业名册")


def test_the_template_helps_who_fills_it_in() -> None:
    book = openpyxl.load_workbook(BytesIO(made()))
    sheet = book["企业名册"]
    assert [cell.value for cell in sheet[2]] == ["*单位名称", "统一社会信用代码", "所属镇街", "类别"]
    assert (sheet["A2"].font.bold, sheet["B2"].font.bold, sheet.freeze_panes) == (True, False, "B3")
    assert sheet["B3"].number_format == sheet.column_dimensions["B"].number_format == "@"
    assert "18 位。请按文本录入" in sheet["B2"].comment.text
    assert [rule.formula1 for rule in sheet.data_validations.dataValidation] == ["=选项!$A$1:$A$60".lstrip("="), '"大型,中型"']
    assert (book["选项"].sheet_state, [cell.value for cell in book["选项"]["A"]]) == ("hidden", TOWNS)


def test_bad_lines_come_back_as_they_were_and_read_again(tmp_path: Path) -> None:
    nasty = ["=1+1", "@SUM(A1)", '=HYPERLINK("http://x")', "https://example.invalid/", "00123", "控\x07制"]
    path = tmp_path / "a.xlsx"
    path.write_bytes(
        failed_rows(["企业名称", "信用代码", "来源"], (([value, "914100001234567890", ""], "说明：校验码不对") for value in nasty))
    )
    sheet = openpyxl.load_workbook(path).active
    assert [cell.value for cell in sheet[1]] == [REASON_HEADING, "企业名称", "信用代码", "来源"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
    assert [cell.hyperlink for cell in sheet["B"]] == [None] * 7
    reading = read(path, COLUMNS, name="a.xlsx")
    rows = list(reading.rows)
    assert [row.cells["name"] for row in rows] == [value.replace("\x07", "\ufffd") for value in nasty]
    assert {row.cells["code"] for row in rows} == {"914100001234567890"}
    assert [row.flags for row in rows] == [{}] * 6
    assert reading.unknown_headings == ["来源"]
