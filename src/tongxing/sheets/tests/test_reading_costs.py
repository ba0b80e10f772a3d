"""Files that would cost much before they turn out to be no roster: each is refused within 300 MiB and 20 seconds."""

import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from tongxing.core.errors import Refused
from tongxing.sheets.reading import read

from .test_reading_refusals import COLUMNS, HEADINGS, good, measured, refusal

pytestmark = pytest.mark.once


def costly(kind: str) -> bytes:
    """Files within the limit of size that would cost much before they turn out to be no roster."""
    text = {
        "a line of millions of cells": lambda: "单位名称," * 4_000_000,
        "a cell without end": lambda: "单位名称,从业人员数\n" + "x" * 40_000_000,
        "a quotation mark without end": lambda: "单位名称,从业人员数\n" + '"' + "甲,\n" * 8_000_000,
        "many quoted cells over many lines": lambda: "单位名称,从业人员数\n" + '"甲\n",' * 6_000_000,
        "more lines than Excel has": lambda: "单位名称,从业人员数\n" + "甲,1\n" * 1_100_000,
        "no header in millions of lines": lambda: "1,2\n" * 8_000_000,
    }
    if kind in text:
        return text[kind]().encode()
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(good())) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name in source.namelist():
            if name != "xl/sharedStrings.xml":
                target.writestr(name, source.read(name))
        with target.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            part.write(b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">')
            for start in range(0, 8_000_000, 100_000):
                part.write(b"".join(b"<si><t>text number %d</t></si>" % number for number in range(start, start + 100_000)))
    return out.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("a line of millions of cells", "truncated"),
        ("a cell without end", "truncated"),
        ("a quotation mark without end", "truncated"),
        ("many quoted cells over many lines", "truncated"),
        ("no header in millions of lines", "no_header"),
        ("strings that are never closed", "truncated"),
        ("more lines than Excel has", "too_many_rows"),
    ],
)
def test_a_refusal_is_cheap(tmp_path: Path, kind: str, code: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(costly(kind))
    assert path.stat().st_size < 50 << 20
    assert measured(path) == (code, 0)


def test_a_line_wider_than_a_worksheet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("单位名称,从业人员数\n" + "1," * 16_385)
    with pytest.raises(Refused) as refused:
        list(read(path, COLUMNS, name="a.csv").rows)
    assert refused.value.code == "too_large"


def test_a_list_of_names_alone_is_read_and_a_hidden_worksheet_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("单位名称\n甲厂\n乙厂\n")
    assert [row.cells["name"] for row in read(path, COLUMNS, name="a.csv").rows] == ["甲厂", "乙厂"]
    book = openpyxl.Workbook()
    book.active.title = "底册"
    book.active.append(HEADINGS)
    book.active.sheet_state = "hidden"
    book.create_sheet("说明").append(["请勿修改", "说明"])
    book.save(tmp_path / "a.xlsx")
    assert "隐藏的工作表“底册”没有读取" in refusal(tmp_path / "a.xlsx").message
