"""What people really have is read: encodings, title rows, odd headings, footers, hidden worksheets, dates and numbers."""

import csv
import datetime as dt
from io import BytesIO, StringIO
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongxing.core.errors import Refused
from tongxing.sheets.reading import ColumnSpec, Reading, read

pytestmark = pytest.mark.once

COLUMNS = [
    ColumnSpec("name", "单位名称", ("企业名称", "公司名称"), required=True),
    ColumnSpec("code", "统一社会信用代码", ("信用代码",), text_only=True),
    ColumnSpec("employees", "从业人员数", ("职工人数", "人数")),
    ColumnSpec("revenue", "营业收入(万元)", ("营业收入", "年营业额")),
    ColumnSpec("since", "任职时间"),
]
HEADINGS = ["单位名称", "统一社会信用代码", "从业人员数", "营业收入(万元)", "任职时间"]
FACTS = [["济源甲公司", "91410000MA00000001", "120", "35.5", "2022-09-15"], ["济源乙公司", "", "8", "", "2022年9月15日"]]


def book(path: Path, worksheets: dict[str, list[list[object]]], hidden: tuple[str, ...] = ()) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in worksheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
        if title in hidden:
            sheet.sheet_state = "hidden"
    made.save(path)
    return path


def facts(reading: Reading) -> list[list[str]]:
    return [[row.cells.get(column.key, "") for column in COLUMNS] for row in reading.rows]


def opened(path: Path, worksheet: str | None = None) -> Reading:
    return read(path, COLUMNS, name=path.name, worksheet=worksheet)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_in_every_encoding_and_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    out = StringIO()
    csv.writer(out, delimiter=delimiter).writerows([["济源企业名册"], HEADINGS, *FACTS])
    path = tmp_path / "a.csv"
    path.write_bytes(out.getvalue().encode(encoding))
    reading = opened(path)
    assert (reading.kind, reading.encoding, reading.delimiter, reading.header_row) == ("csv", encoding, delimiter, 2)
    assert facts(reading) == FACTS


def test_a_quoted_line_break_stays_in_its_line_as_in_excel(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes('单位名称,"从业人员数\r\n（人）"\r\n"甲\n公司, 总部",3\r\n\r\n乙公司,4\r\n'.encode("gb18030"))
    reading = opened(path)
    assert [(row.number, row.cells["name"], row.cells["employees"]) for row in reading.rows] == [
        (2, "甲\n公司, 总部", "3"),
        (4, "乙公司", "4"),
    ]
    assert (reading.skipped.blank, reading.skipped.total, reading.units) == (1, 1, {"employees": "人"})


def test_titles_odd_headings_numbering_and_footers(tmp_path: Path) -> None:
    rows = [
        ["济源示范区企业名册", None, None, None, None, None],
        ["填报单位：人社局", None, None, "2026年11月22日"],
        [],
        ["序号", "*单位 名称", "信用代码\n（必填）", "从业人员数\n(人)", "营业收入（元）", "来源"],
        [1, " 济源甲公司 ", "9141", 120.0, 1.25, "x"],
        [],
        [2, "小计有限公司", None, 3, None, None],
        [3],
        ["合  计", None, None, 123],
        ["填表人：张三", None, None, "联系电话：0391-1"],
        ["注：本表每季度报送"],
        ["2026年11月22日"],
        ["审核人（签字）："],
    ]
    reading = opened(book(tmp_path / "a.xlsx", {"名册": rows}))
    assert [(row.number, row.cells) for row in reading.rows] == [
        (5, {"name": "济源甲公司", "code": "9141", "employees": "120", "revenue": "1.25"}),
        (7, {"name": "小计有限公司", "code": "", "employees": "3", "revenue": ""}),
    ]
    assert (reading.header_row, reading.units) == (4, {"code": "必填", "employees": "人", "revenue": "元"})
    assert (reading.unknown_headings, reading.missing_headings) == (["来源"], ["任职时间"])
    assert (reading.skipped.blank, reading.skipped.footer) == (2, 5)
    assert reading.headings["name"] == "*单位名称"


@pytest.mark.parametrize(
    "name", ["总计科技有限公司", "合计", "2026年度企业", "注册会计师协会", "审核人才公司", "说明书印刷厂", "示范区管委会"]
)
def test_names_that_begin_like_a_footer(tmp_path: Path, name: str) -> None:
    reading = opened(book(tmp_path / "a.xlsx", {"名册": [HEADINGS, [name, None, 3], ["乙公司", None, 4]]}))
    expected = [["乙公司", "", "4", "", ""]]
    assert facts(reading) == (expected if name == "合计" else [[name, "", "3", "", ""], *expected])


def test_a_header_of_two_lines(tmp_path: Path) -> None:
    rows = [
        ["企业基本情况", None, "规模", None, "任职时间"],
        ["企业名称", "信用代码", "职工人数", "年营业额", None],
        ["甲公司", "9141", 5, 6, None],
    ]
    reading = opened(book(tmp_path / "a.xlsx", {"名册": rows}))
    assert (reading.header_row, facts(reading)) == (2, [["甲公司", "9141", "5", "6", ""]])
    rows = [["企业名称", "职工人数", "年营业额"], [None, "（人）", "（万元）"], ["甲公司", 5, 6]]
    reading = opened(book(tmp_path / "b.xlsx", {"名册": rows}))
    assert (reading.header_row, reading.units, facts(reading)) == (
        2,
        {"employees": "人", "revenue": "万元"},
        [["甲公司", "", "5", "6", ""]],
    )


def test_the_best_visible_worksheet_is_read_and_named(tmp_path: Path) -> None:
    sheets = {
        "旧名册": [HEADINGS, ["旧公司"]],
        "说明": [["请填写第二张表"]],
        "半张": [["单位名称", "人数"], ["半公司", 1]],
        "名册": [HEADINGS, ["新公司"]],
        "名册二": [HEADINGS, ["又一公司"]],
    }
    path = book(tmp_path / "a.xlsx", sheets, hidden=("旧名册",))
    reading = opened(path)
    assert (reading.worksheet, facts(reading)[0][0]) == ("名册", "新公司")
    assert [(sheet.name, sheet.hidden) for sheet in reading.worksheets] == [(name, name == "旧名册") for name in sheets]
    assert facts(opened(path, "名册二"))[0][0] == "又一公司"
    assert facts(opened(path, "旧名册"))[0][0] == "旧公司"


def test_numbers_dates_errors_and_booleans(tmp_path: Path) -> None:
    rows = [
        HEADINGS,
        ["甲", 914100001234567890, 120.0, 0.1 + 0.2, dt.date(2022, 9, 15)],
        ["乙", 91410000123456, 1e15, -3, dt.datetime(2022, 9, 15, 8, 30)],  # noqa: DTZ001 - cells know no zone
        [True, "9.14E+17", "#N/A", "=1+1", 44819],
        ["'丁", "０９１", "１２０", "1.0", None],
    ]
    reading = opened(book(tmp_path / "a.xlsx", {"名册": rows}))
    first, second, third, fourth = reading.rows
    assert (list(first.cells.values()), first.flags) == (
        ["甲", "914100001234567936", "120", "0.3", "2022-09-15"],
        {"code": "number_digits_lost"},
    )
    assert (list(second.cells.values()), second.flags) == (["乙", "91410000123456", "1000000000000000", "-3", "2022-09-15 08:30:00"], {})
    assert third.flags == {"code": "number_digits_lost", "employees": "error_value"}
    assert (third.cells["name"], third.cells["since"]) == ("是", "44819")
    assert list(fourth.cells.values()) == ["'丁", "０９１", "１２０", "1.0", ""]


def test_cached_values_of_formulas(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ["甲"])
        sheet.write_formula(1, 2, "=100+20", None, 120)
        sheet.write_formula(1, 1, '="91"&"41"', None, "9141")
        sheet.write_formula(1, 3, "=1/0", None, "#DIV/0!")
    row = next(opened(path).rows)
    assert (row.cells["employees"], row.cells["code"], row.flags) == ("120", "9141", {"revenue": "error_value"})


def test_an_old_workbook(tmp_path: Path) -> None:
    made = xlwt.Workbook()
    hidden = made.add_sheet("旧")
    hidden.visibility = 1
    sheet = made.add_sheet("名册")
    rows = [["济源企业名册"], HEADINGS, ["甲公司", 914100001234567890, 120, 2.5, dt.date(2022, 9, 15)], ["乙公司", "9141", 5, 1, ""]]
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            style = xlwt.easyxf(num_format_str="yyyy/m/d") if isinstance(value, dt.date) else xlwt.Style.default_style
            sheet.write(number, column, value, style)
    made.active_sheet = 1
    path = tmp_path / "a.xls"
    made.save(str(path))
    reading = opened(path)
    first, second = reading.rows
    assert (reading.kind, reading.worksheet, reading.header_row, first.number, second.number) == ("xls", "名册", 4, 5, 6)
    assert (first.cells["since"], first.cells["employees"], first.flags) == ("2022-09-15", "120", {"code": "number_digits_lost"})
    assert [sheet.hidden for sheet in reading.worksheets] == [True, False]


def test_content_decides_and_the_name_does_not(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"名册": [HEADINGS, *FACTS]})
    for name in ("名册.xls", "名册.csv", "名册", "名册.et"):
        assert facts(read(path, COLUMNS, name=name)) == FACTS


def test_an_overlong_cell_is_flagged_and_cut(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"名册": [HEADINGS, ["甲" * 5000]]})
    row = next(read(path, COLUMNS, name="a", cell_limit=100).rows)
    assert (len(row.cells["name"]), row.flags) == (100, {"name": "cell_too_long"})


def test_two_spellings_of_one_column_prefer_the_proper_one(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"名册": [["企业名称", "单位名称", "人数"], ["别名", "正名", 1]]})
    reading = opened(path)
    assert (next(reading.rows).cells["name"], reading.unknown_headings) == ("正名", ["企业名称"])


CELL = st.text(st.characters(categories=["Lo", "Nd"]), min_size=1, max_size=8).map(lambda text: f"甲{text}")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations(range(5)),
    junk=st.lists(st.lists(st.sampled_from(["", "济源名册", "二〇二六年", "12"]), max_size=4), max_size=6),
    rows=st.lists(st.lists(CELL, min_size=5, max_size=5), min_size=1, max_size=5),
    extra=st.lists(st.sampled_from(["来源", "备用", "附加栏"]), unique=True, max_size=3),
    kind=st.sampled_from(["csv", "xlsx"]),
)
def test_order_and_junk_do_not_change_the_facts(
    tmp_path: Path, order: list[int], junk: list[list[str]], rows: list[list[str]], extra: list[str], kind: str
) -> None:
    lines = [*junk, [*(HEADINGS[place] for place in order), *extra], *([*(row[place] for place in order), *extra] for row in rows)]
    path = tmp_path / f"a.{kind}"
    if kind == "csv":
        out = StringIO()
        csv.writer(out).writerows(lines)
        path.write_text(out.getvalue(), encoding="utf-8")
    else:
        book(path, {"名册": lines})
    reading = opened(path)
    assert reading.header_row == len(junk) + 1
    assert facts(reading) == rows


REAL = [
    ColumnSpec("name", "单位名称", ("name",), required=True),
    ColumnSpec("code", "统一社会信用代码", ("uscc",), text_only=True),
    ColumnSpec("address", "地址", ("address",)),
]


@pytest.mark.shared
@pytest.mark.parametrize("kind", ["csv", "gb18030", "xlsx", "xls"])
def test_real_enterprises_in_every_form(shared: Path, tmp_path: Path, kind: str) -> None:
    source = shared / "data/enterprises/henan_sample.csv"
    with source.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    path = tmp_path / "real"
    if kind == "csv":
        path = source
    elif kind == "gb18030":
        path.write_bytes(source.read_text(encoding="utf-8-sig").encode("gb18030"))
    elif kind == "xlsx":
        book(path, {"名册": lines})
    else:
        made = xlwt.Workbook()
        sheet = made.add_sheet("名册")
        for number, line in enumerate(lines):
            for column, value in enumerate(line):
                sheet.write(number, column, value)
        out = BytesIO()
        made.save(out)
        path.write_bytes(out.getvalue())
    try:
        reading = read(path, REAL, name="henan")
    except Refused as refused:
        pytest.fail(refused.message)
    rows = list(reading.rows)
    assert [(row.number, row.cells["name"], row.cells["code"]) for row in rows] == [
        (number, line[0].strip(), line[1].strip()) for number, line in enumerate(lines[1:], start=2)
    ]
    assert (len(rows), reading.skipped.total) == (1971, 0)
