"""The three forms of a document: readable again, in the official layout, and deaf to signs that mean something elsewhere."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from tongxing.papers.document import Document, Heading, Paragraph, Table, Verification, content, digest, restored, shown
from tongxing.papers.render import layout, to_docx, to_pdf, to_xlsx

pytestmark = pytest.mark.once

NASTY = '#eval("1") $x^2$ *b* _i_ <tag> @ref \\ `c` "q" ~ // [x] {y} &amp; =1+1 龘㐂'
ROWS = [[place, f"济源公司{place}", f"91419001MA{place:08d}", 12.5 * place, date(2026, 11, 22), None] for place in range(90)]
GAPS = Table(["序号", "单位名称", "统一社会信用代码", "营业收入（万元）", "到期日", "备注"], ROWS, numeric=(0, 3))
DOCUMENT = Document(
    title="劳动关系协调员覆盖情况报告",
    subtitle="2026年第四季度",
    blocks=[Heading("一、总体情况"), Paragraph(f"第一段。\n{NASTY}\x07\u202e"), Heading("二、缺口名单", 2), GAPS],
    number="同行-2026-000123",
    issued_by="济源示范区人力资源和社会保障局",
    issued_on=date(2026, 11, 22),
    verification=Verification("https://bureau.invalid/papers/verify/?number=1", "ab" * 32),
)
needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")


def run(tool: str, path: Path, *options: str) -> str:
    done = subprocess.run([tool, *options, str(path), *(["-"] if tool == "pdftotext" else [])], capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout


def as_pdf(tmp_path: Path, document: Document) -> Path:
    path = tmp_path / "paper.pdf"
    path.write_bytes(to_pdf(document))
    return path


@needs_poppler
def test_pdf_holds_the_words_with_embedded_fonts_on_numbered_pages(tmp_path: Path) -> None:
    path = as_pdf(tmp_path, DOCUMENT)
    text = run("pdftotext", path, "-layout")
    pages = text.split("\f")[:-1]
    assert len(pages) > 2
    assert ["".join(page.split()).endswith(f"—{number}—") for number, page in enumerate(pages, start=1)] == [True] * len(pages)
    assert all("统一社会信用代码" in page for page in pages[1:-1])
    flat = "".join(text.split())
    for words in ("编号：同行-2026-000123", "劳动关系协调员覆盖情况报告", "2026年11月22日", "91419001MA00000089", "ab" * 32):
        assert "".join(words.split()) in flat
    assert "".join(NASTY.split()) in flat
    fonts = [line.split() for line in run("pdffonts", path).splitlines()[2:]]
    assert {line[-5] for line in fonts} == {"yes"}
    assert {line[0].partition("+")[2].partition("-")[0] for line in fonts} == {"NotoSerifSC", "NotoSansSC"}


@needs_poppler
def test_pdf_keeps_the_margins_of_the_standard(tmp_path: Path) -> None:
    long = replace(DOCUMENT, blocks=[Paragraph("济" * 3000)], number="", verification=None)
    boxes = run("pdftotext", as_pdf(tmp_path, long), "-bbox", "-f", "2", "-l", "2")
    words = [line for line in boxes.splitlines() if "<word" in line and "济" in line]
    left = min(float(line.split('xMin="')[1].split('"')[0]) for line in words)
    right = max(float(line.split('xMax="')[1].split('"')[0]) for line in words)
    point = 25.4 / 72
    assert abs(left * point - 28) < 1
    assert abs(210 - right * point - 26) < 3
    wide = run("pdfinfo", as_pdf(tmp_path, replace(DOCUMENT, landscape=True)))
    assert "841.89 x 595.276 pts" in wide


def test_the_same_document_gives_the_same_bytes() -> None:
    assert to_pdf(DOCUMENT) == to_pdf(DOCUMENT)
    assert to_xlsx(DOCUMENT) == to_xlsx(DOCUMENT)


@settings(max_examples=25, deadline=None)
@given(text=st.text(max_size=200))
def test_no_text_breaks_a_renderer(text: str) -> None:
    document = Document(
        text, [Heading(text, 3), Paragraph(text), Table([text, "乙"], [[text, text], [1]], title=text)], subtitle=text, issued_by=text
    )
    assert to_pdf(document).startswith(b"%PDF")
    assert to_docx(document).startswith(b"PK")
    assert to_xlsx(document).startswith(b"PK")


def test_very_long_cells_and_many_columns_are_printed() -> None:
    wide = Table([f"第{place}列" for place in range(22)], [["很长" * 900, "x" * 900, *["九"] * 20]] * 2)
    document = Document("宽表", [wide, Table([], []), Table(["空表"], [])])
    assert to_pdf(document).startswith(b"%PDF")
    assert to_docx(document).startswith(b"PK")
    assert to_xlsx(document).startswith(b"PK")


@pytest.mark.slow
def test_what_is_left_of_the_page_goes_to_the_columns_that_were_wished_wide() -> None:
    account = "6200***********0164"
    rows = [(number, f"BT20260000{number:02d}", "济源市技能评价中心", account, "280.00", "已到账") for number in range(10, 40)]
    table = Table(("序号", "受理号", "收款人", "账号", "金额（元）", "结果"), rows, widths=(1, 3, 5, 4, 2.5, 2))
    _, found = layout.fitted(table, layout.across(landscape=False))
    assert sum(found) == pytest.approx(layout.across(landscape=False))
    least = layout.fitted(replace(table, widths=(1e-6, 1e-6, 1, 1e-6, 1e-6, 1e-6)), layout.across(landscape=False))[1]
    bound = (0, 1, 3)
    assert [found[place] for place in bound] == pytest.approx([least[place] for place in bound]), "numbers hold what they must, and no more"
    assert all(found[place] > least[place] for place in (4, 5)), "whatever was wished wider than it must be has its part"


@needs_poppler
def test_rows_to_be_signed_are_nine_millimetres_high(tmp_path: Path) -> None:
    table = Table(("姓名", "签名"), [(f"甲{number}", "") for number in range(10)])
    heights = []
    for one in (table, replace(table, roomy=True)):
        boxes = run("pdftotext", as_pdf(tmp_path, Document("签到表", [one])), "-bbox")
        tops = [float(top) for top in re.findall(r'yMin="([\d.]+)"[^>]*>甲\d<', boxes)]
        heights.append((tops[-1] - tops[0]) / 9 * 25.4 / 72)
    assert (heights[0] < 7, heights[1] > 8.9, content(Document("x", [table])) == content(Document("x", [replace(table, roomy=True)]))) == (
        True,
    ) * 3


def test_long_lists_do_not_pile_up_in_memory() -> None:
    import resource

    def made(name: str) -> int:
        to_pdf(Document(name, [Table(["序号", "单位"], [[number, f"{name}{number}"] for number in range(800)])]))
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10

    peaks = [made(name) for name in "甲乙丙丁戊"]
    assert peaks[-1] - peaks[1] < 60


def test_word_keeps_margins_fonts_head_rows_and_page_number() -> None:
    file = docx.Document(BytesIO(to_docx(DOCUMENT)))
    section = file.sections[0]
    measures = [round(value / Mm(1)) for value in (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)]
    assert measures == [37, 35, 28, 26]
    texts = [paragraph.text for paragraph in file.paragraphs]
    assert texts[:3] == ["编号：同行-2026-000123", "劳动关系协调员覆盖情况报告", "2026年第四季度"]
    assert NASTY in texts
    assert file.styles["Normal"].element.rPr.rFonts.get(qn("w:eastAsia")) == "仿宋_GB2312"
    table = file.tables[0]
    assert [cell.text for cell in table.rows[0].cells] == list(GAPS.headings)
    assert [cell.text for cell in table.rows[2].cells] == ["1", "济源公司1", "91419001MA00000001", "12.5", "2026-11-22", ""]
    assert len(table.rows) == 91
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert "PAGE" in section.footer._element.xml
    assert "PAGE" in section.even_page_footer._element.xml
    names = [part.blob for part in file.part.package.iter_parts() if str(part.partname) == "/word/fontTable.xml"]
    assert "仿宋_GB2312".encode() in names[0]
    assert 'w:altName w:val="仿宋"'.encode() in names[0]
    assert len(file.inline_shapes) == 1


def test_word_turns_the_page_for_wide_tables() -> None:
    section = docx.Document(BytesIO(to_docx(replace(DOCUMENT, landscape=True)))).sections[0]
    assert (round(section.page_width / Mm(1)), round(section.page_height / Mm(1))) == (297, 210)


def test_excel_is_ready_to_filter_and_to_print() -> None:
    data = to_xlsx(DOCUMENT)
    book = openpyxl.load_workbook(BytesIO(data))
    assert book.sheetnames == ["二、缺口名单", "说明"]
    sheet = book["二、缺口名单"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("B4", "A3:F93", "$3:$3")
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (
        sheet["A2"].value == "2026年第四季度    济源示范区人力资源和社会保障局    共 90 条    截至 2026年11月22日    编号：同行-2026-000123"
    )
    assert [cell.value for cell in sheet[5]] == [1, "济源公司1", "91419001MA00000001", 12.5, "2026-11-22", None]
    assert sheet["C5"].number_format == "@"
    assert "共 90 条" in sheet.oddFooter.left.text
    assert [cell.value for cell in book["说明"]["A"]][3].startswith("第一段。")
    rows = CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_index(0).to_python()
    assert rows[93 - 1][2] == "91419001MA00000089"


def test_excel_writes_no_formula_and_no_link() -> None:
    nasty = ["=1+1", "+1", "@SUM(A1)", "https://example.invalid", "=cmd|' /C calc'!A0"]
    book = openpyxl.load_workbook(BytesIO(to_xlsx(Document("名单", [Table(["甲"], [[value] for value in nasty])]))))
    cells = book.active["A"][3:]
    assert [(cell.value, cell.data_type, cell.hyperlink) for cell in cells] == [(value, "s", None) for value in nasty]


def test_the_digest_covers_what_is_said_and_survives_storage() -> None:
    stored = json.loads(json.dumps(content(DOCUMENT), ensure_ascii=False))
    back = restored(stored, number=DOCUMENT.number, verification=DOCUMENT.verification)
    assert digest(back) == digest(DOCUMENT) == digest(replace(DOCUMENT, number="", verification=None))
    assert to_pdf(back) == to_pdf(DOCUMENT)
    assert digest(replace(DOCUMENT, title="另一份")) != digest(DOCUMENT)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "是"),
        (3, "3"),
        (2.50, "2.5"),
        (Decimal("1000.10"), "1000.1"),
        (date(2026, 1, 2), "2026-01-02"),
        ("a\x00\tb", "a b"),
    ],
)
def test_values_are_shown_as_people_write_them(value: object, text: str) -> None:
    assert shown(value) == text


def test_whom_a_letter_addresses_stands_at_the_margin_and_older_digests_stay() -> None:
    plain, letter = (Document("函", [Paragraph("某单位：", flush=flush), Paragraph("正文")]) for flush in (False, True))
    assert content(plain)["blocks"][0] == {"kind": "paragraph", "text": "某单位："}
    assert restored(content(letter)).blocks == letter.blocks
    indents = [
        [
            paragraph.paragraph_format.first_line_indent
            for paragraph in docx.Document(BytesIO(to_docx(document))).paragraphs
            if paragraph.text
        ][1:]
        for document in (plain, letter)
    ]
    assert [[bool(one) for one in found] for found in indents] == [[True, True], [False, True]]
    assert to_pdf(plain) != to_pdf(letter)
