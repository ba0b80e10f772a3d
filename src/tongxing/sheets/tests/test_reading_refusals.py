"""Files that cannot be read are refused in words, quickly and without eating the machine's memory."""

import json
import random
import struct
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongxing.core.errors import Refused
from tongxing.sheets.reading import ColumnSpec, Reading, read

pytestmark = pytest.mark.once

COLUMNS = [
    ColumnSpec("name", "单位名称", ("企业名称",), required=True),
    ColumnSpec("code", "统一社会信用代码", ("信用代码",), text_only=True),
    ColumnSpec("employees", "从业人员数"),
]
HEADINGS = ["单位名称", "统一社会信用代码", "从业人员数"]


def refusal(path: Path, name: str | None = None, **limits: int) -> Refused:
    with pytest.raises(Refused) as caught:
        list(read(path, COLUMNS, name=name or path.name, **limits).rows)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in caught.value.message)
    return caught.value


def xlsx(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def good() -> bytes:
    return xlsx([HEADINGS, *[[f"济源公司{i}", f"91410000{i:010d}", i] for i in range(200)]])


def with_part(data: bytes, part: str, content: bytes) -> bytes:
    """The same workbook with one part replaced."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            if member.filename != part:
                new.writestr(member.filename, old.read(member.filename))
        new.writestr(part, content)
    return out.getvalue()


def zipped(**members: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_DOT_", "."), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.xlsx", b"", "empty"),
        ("a.csv", b" \r\n\r\n", "empty"),
        ("a.csv", b"\xef\xbb\xbf", "empty"),
        ("a.xlsx", b"%PDF-1.7 ...", "not_a_spreadsheet"),
        ("a.xlsx", b"\x89PNG\r\n\x1a\n\x00\x00", "not_a_spreadsheet"),
        ("a.xlsx", b"Rar!\x1a\x07\x00", "not_a_spreadsheet"),
        ("a.xls", b"<html><table><tr><td>\xe5\x8d\x95</td></tr></table>", "unsupported"),
        ("a.xls", b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "unsupported"),
        ("a.docx", zipped(word__document_DOT_xml=b"<w/>"), "not_a_spreadsheet"),
        ("a.ods", zipped(mimetype=b"x", content_DOT_xml=b"<w/>"), "unsupported"),
        ("a.xlsb", zipped(xl__workbook_DOT_bin=b"x"), "unsupported"),
        ("a.zip", zipped(other=b"x"), "not_a_spreadsheet"),
        ("a.et", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "unsupported"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "truncated"),
        ("a.csv", b"\x81\xff\xfe\x80" * 400, "not_a_spreadsheet"),
        ("a.csv", "天气,心情\n晴,好\n".encode(), "no_header"),
        ("a.csv", "统一社会信用代码,从业人员数\n9141,3\n".encode(), "missing_columns"),
        ("a.csv", "单位名称,从业人员数\n".encode(), "header_only"),
        ("a.csv", "单位名称,从业人员数\n合计,\n,,\n".encode(), "header_only"),
        ("a.csv", "单位名称,单位名称,从业人员数\n甲,乙,3\n".encode(), "duplicate_columns"),
        ("a.csv", ('单位名称,从业人员数\n甲,"3\n' + "乙,4\n" * 100_000).encode(), "truncated"),
        ("a.xlsx", xlsx([HEADINGS]), "header_only"),
        ("a.xlsx", xlsx([]), "empty"),
        ("a.xlsx", xlsx([["天气", "心情"], ["晴", "好"]]), "no_header"),
        ("a.xlsx", good()[:2000], "truncated"),
        ("a.xlsx", good()[:-30], "truncated"),
    ],
)
def test_a_file_that_is_no_roster_is_refused_with_its_code(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert refusal(path).code == code


def test_limits_of_size_and_lines_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(good())
    assert refusal(path, byte_limit=1000).code == "too_large"
    assert refusal(path, row_limit=150).code == "too_many_rows"
    assert refusal(path, expanded_limit=5000).code == "bomb"
    assert len(list(read(path, COLUMNS, name="a.xlsx", row_limit=200).rows)) == 200


def test_an_unknown_worksheet_is_named_with_those_that_exist(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(good())
    with pytest.raises(Refused, match="现有：Sheet") as caught:
        read(path, COLUMNS, name="a.xlsx", worksheet="名册")
    assert caught.value.code == "no_worksheet"


def test_a_password_is_recognised_in_both_containers(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(compound({"EncryptionInfo": b"x", "EncryptedPackage": b"x"}))
    assert refusal(path).code == "encrypted"
    path.write_bytes(compound({"Workbook": struct.pack("<HHHH", 0x809, 4, 0x600, 5) + struct.pack("<HH", 0x2F, 0) + b"\x00" * 5000}))
    assert refusal(path).code == "encrypted"
    path.write_bytes(compound({"WordDocument": b"x"}))
    assert refusal(path).code == "not_a_spreadsheet"


def compound(streams: dict[str, bytes]) -> bytes:
    """A minimal OLE container: header, one table sector, one directory sector, then the streams (all treated as long)."""
    entries, sectors, table, place = b"", [], [0xFFFFFFFD, 0xFFFFFFFE], 2
    for name, content in streams.items():
        raw = (name + "\x00").encode("utf-16-le")
        entries += raw.ljust(64, b"\x00") + struct.pack("<H", len(raw)) + b"\x02" + b"\x00" * 49 + struct.pack("<IQ", place, len(content))
        for at in range(0, len(content), 512):
            sectors.append(content[at : at + 512].ljust(512, b"\x00"))
            place += 1
            table.append(place)
        table[-1] = 0xFFFFFFFE
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 22 + struct.pack("<H", 9) + b"\x00" * 12 + struct.pack("<II", 1, 1)
    head = head.ljust(68, b"\x00") + struct.pack("<II", 0xFFFFFFFE, 0) + struct.pack("<I", 0) + b"\xff" * 432
    listing = entries.ljust(512, b"\x00")
    return head + struct.pack("<128I", *table, *[0xFFFFFFFF] * (128 - len(table))) + listing + b"".join(sectors)


@pytest.mark.parametrize(
    "declaration",
    [
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE lolz [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;">]>',
    ],
)
@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_entities_are_refused_wherever_they_stand(tmp_path: Path, part: str, declaration: bytes) -> None:
    with zipfile.ZipFile(BytesIO(good())) as archive:
        content = archive.read(part) if part in archive.namelist() else b"<sst/>"
    start = content.index(b"?>") + 2 if content.startswith(b"<?xml") else 0
    path = tmp_path / "a.xlsx"
    path.write_bytes(with_part(good(), part, content[:start] + declaration + content[start:]))
    assert refusal(path).code == "external_entity"


def test_entities_in_utf_16_are_seen_too(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(with_part(good(), "xl/styles.xml", '<?xml version="1.0"?><!DOCTYPE x []><styleSheet/>'.encode("utf-16")))
    assert refusal(path).code == "external_entity"


MEASURE = """
import json, os, resource, sys, time
os.environ["DJANGO_SETTINGS_MODULE"] = "tongxing.config.settings"
import django
django.setup()
from pathlib import Path
from tongxing.core.errors import Refused
from tongxing.sheets.reading import ColumnSpec, read
import tongxing.sheets.reading.excel
columns = [ColumnSpec("name", "单位名称", required=True), ColumnSpec("code", "统一社会信用代码"), ColumnSpec("employees", "从业人员数")]
before, start, code, count = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic(), "", 0
try:
    for row in read(Path(sys.argv[1]), columns, name="a").rows:
        count += 1
except Refused as error:
    code = error.code
print(json.dumps([code, count, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10, time.monotonic() - start]))
"""


def measured(path: Path) -> tuple[str, int]:
    """Code and number of lines, read in a process of its own within 300 MiB and 20 seconds."""
    done = subprocess.run(  # noqa: S603 - our own interpreter on our own script
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, timeout=60, check=True
    )
    code, count, megabytes, seconds = json.loads(done.stdout)
    assert megabytes <= 300
    assert seconds <= 20
    return code, count


def sheet_xml(*cells: tuple[str, str]) -> bytes:
    rows = "".join(
        f'<row r="{reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}"><c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c></row>'
        for reference, text in cells
    )
    return (
        f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'.encode()
    )


HEADER_CELLS = (("A1", "单位名称"), ("B1", "统一社会信用代码"), ("A2", "济源公司"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ((*HEADER_CELLS, ("XFD1048576", "远")), ("bomb", 0)),
        ((*HEADER_CELLS, ("ZZ1048576", "远")), ("bomb", 0)),
        ((*HEADER_CELLS, ("XFD3", "远")), ("", 2)),
        ((*HEADER_CELLS, ("A9000", "末")), ("", 2)),
        ((("A1", "甲"), ("XFD1048576", "远")), ("no_header", 0)),
    ],
)
def test_a_far_cell_does_not_blow_the_memory(tmp_path: Path, cells: tuple[tuple[str, str], ...], expected: tuple[str, int]) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(with_part(good(), "xl/worksheets/sheet1.xml", sheet_xml(*cells)))
    assert measured(path) == expected


@pytest.mark.slow
def test_a_claimed_dimension_and_formatted_emptiness_are_harmless(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    content = sheet_xml(*HEADER_CELLS).replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')
    content = content.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>')
    path.write_bytes(with_part(good(), "xl/worksheets/sheet1.xml", content))
    assert measured(path) == ("", 1)


@pytest.mark.slow
def test_a_million_lines_with_nothing_but_borders_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    empty = "".join(f'<row r="{row}"><c r="A{row}" s="0"/><c r="B{row}" s="0"/><c r="AC{row}" s="0"/></row>' for row in range(3, 1_048_577))
    path.write_bytes(
        with_part(good(), "xl/worksheets/sheet1.xml", sheet_xml(*HEADER_CELLS).replace(b"</sheetData>", empty.encode() + b"</sheetData>"))
    )
    assert measured(path) == ("", 1)


@pytest.mark.parametrize("cell", ['<x:c r="{}{}" t="str"><x:v>{}</x:v></x:c>', '<x:c t="str" r="{}{}"><x:v>{}</x:v></x:c>'])
def test_prefixed_and_oddly_ordered_xml_is_read(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "a.xlsx"
    rows = "".join(
        f'<x:row r="{row}">' + cell.format("A", row, name) + cell.format("B", row, number) + "</x:row>"
        for row, (name, number) in enumerate([("单位名称", "从业人员数"), ("济源公司", 12)], start=1)
    )
    content = (
        f'<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>{rows}</x:sheetData></x:worksheet>'
    )
    path.write_bytes(with_part(good(), "xl/worksheets/sheet1.xml", content.encode()))
    assert [row.cells for row in read(path, COLUMNS, name="a").rows] == [{"name": "济源公司", "employees": "12"}]


@pytest.mark.slow
def test_cells_without_references_are_followed(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    wide = b"<c><v>1</v></c>" * 16_384
    content = sheet_xml(*HEADER_CELLS).replace(
        b"</sheetData>", b"<row>" + wide + b'</row><row r="1048576"><c><v>1</v></c></row></sheetData>'
    )
    path.write_bytes(with_part(good(), "xl/worksheets/sheet1.xml", content))
    assert measured(path) == ("bomb", 0)


@pytest.mark.slow
def test_bombs_are_refused_before_they_are_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    out = BytesIO(good())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/media/a.bin", "w", force_zip64=True) as part:
        for _ in range(400):
            part.write(b" " * (1 << 20))
    path.write_bytes(out.getvalue())
    assert measured(path) == ("bomb", 0)


@pytest.mark.slow
def test_an_old_workbook_with_a_far_cell_is_refused(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("名册")
    for column, heading in enumerate(HEADINGS):
        sheet.write(0, column, heading)
    sheet.write(1, 0, "济源公司")
    sheet.write(65535, 255, "远")
    path = tmp_path / "a.xls"
    book.save(str(path))
    assert measured(path) == ("bomb", 0)


@pytest.mark.slow
def test_a_million_lines_of_text_are_streamed_flat(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", encoding="gb18030") as file:
        file.write("单位名称,统一社会信用代码,从业人员数\n")
        file.writelines(f"济源公司{i},,{i % 90}\n" for i in range(1_000_000))
    assert measured(path) == ("", 1_000_000)


ANY_FILE = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def judged(path: Path, data: bytes, name: str) -> None:
    """Any bytes are either read to the end or refused; nothing else comes out."""
    path.write_bytes(data)
    try:
        reading = read(path, COLUMNS, name=name)
        assert isinstance(reading, Reading)
        for row in reading.rows:
            assert row.number > 0
    except Refused as error:
        refused = error
    else:
        return
    assert refused.code
    assert refused.message


@ANY_FILE
@given(data=st.binary(max_size=2000) | st.text(max_size=500).map(lambda text: ("单位名称,从业人员数\n" + text).encode("utf-8", "ignore")))
def test_any_bytes_are_read_or_refused(tmp_path: Path, data: bytes) -> None:
    judged(tmp_path / "any", data, "any.csv")


def old() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("名册")
    for row, line in enumerate([HEADINGS, *[[f"公司{i}", "", i] for i in range(150)]]):
        for column, value in enumerate(line):
            sheet.write(row, column, value)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("make", [good, old])
def test_damaged_workbooks_are_read_or_refused(tmp_path: Path, make: object) -> None:
    original = make()
    chance = random.Random(7)
    for _ in range(400):
        data = bytearray(original)
        if chance.random() < 0.3:
            del data[chance.randrange(len(data)) :]
        for _ in range(chance.randrange(12)):
            if data:
                data[chance.randrange(len(data))] = chance.randrange(256)
        judged(tmp_path / "any", bytes(data), "any")


@pytest.mark.slow
def test_damaged_xml_inside_a_sound_container_is_read_or_refused(tmp_path: Path) -> None:
    chance = random.Random(11)
    with zipfile.ZipFile(BytesIO(good())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name.endswith((".xml", ".rels"))}
    for _ in range(150):
        name = chance.choice(sorted(parts))
        content = bytearray(parts[name])
        for _ in range(chance.randrange(1, 6)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        judged(tmp_path / "any", with_part(good(), name, bytes(content)), "any.xlsx")
