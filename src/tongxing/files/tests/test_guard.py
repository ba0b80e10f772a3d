"""Nothing with an ID number, a phone or a card number in it is published, however it is written and wherever it hides."""

import io
import zipfile

import docx
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter import Workbook

from tongxing.core.errors import Refused
from tongxing.core.identifiers import id_check_digit
from tongxing.files.guard import leaks_in, leaks_in_file
from tongxing.papers.document import Document, Paragraph
from tongxing.papers.render import to_docx, to_pdf
from tongxing.subsidies.tests.scene import a_card, an_id_number

ID = an_id_number(7)
CARD = a_card(7)


@pytest.mark.parametrize(
    "text",
    [
        f"张三 {ID}",
        f"张三{ID}李四",
        " ".join(ID),
        f"{ID[:6]} {ID[6:14]} {ID[14:]}",
        ID.translate({ord(str(n)): ord("０") + n for n in range(10)}),
        "41900119900307051x",
        "身份证 419001900307051",
        "电话13800138000",
        "138-0013-8000",
        "+86 138 0013 8000",
        f"卡号 {CARD[:4]} {CARD[4:8]} {CARD[8:12]} {CARD[12:]}",
    ],
)
def test_numbers_are_found_however_they_are_written(text: str) -> None:
    assert leaks_in(text, "正文")


@pytest.mark.parametrize(
    "text",
    [
        "419001********1234",
        "济管人社办〔2022〕121号",
        "0391-6636515",
        "证书 S000041000012263000001",
        "统一社会信用代码 91419001MA3X1234XY",
        "补贴 1600 元，共 128 人，合计 204,800.00 元",
        "2026-11-23 至 2026-11-30",
        "BT2026000123",
    ],
)
def test_what_may_be_read_by_everybody_passes(text: str) -> None:
    assert leaks_in(text, "正文") == []


@given(st.text(alphabet="0123456789 -年月日元", max_size=12).filter(lambda text: len([c for c in text if c.isdigit()]) < 11))
def test_short_numbers_never_stop_a_notice(text: str) -> None:
    assert leaks_in(text, "正文") == []


@given(st.integers(0, 10**17 - 1), st.sampled_from(["", " ", "-"]))
def test_every_valid_id_is_found(seed: int, gap: str) -> None:
    first17 = f"4190011990{1 + seed % 9:02d}{1 + seed % 27:02d}{seed % 1000:03d}"
    number = first17 + id_check_digit(first17)
    assert leaks_in(f"，{gap.join(number)}。", "正文")


def workbook(write: str) -> bytes:
    buffer = io.BytesIO()
    book = Workbook(buffer, {"in_memory": True})
    book.add_worksheet("公示").write(0, 0, "名单")
    hidden = book.add_worksheet("底表")
    hidden.write(3, 2, write)
    hidden.hide()
    book.close()
    return buffer.getvalue()


def word(text: str) -> bytes:
    document = docx.Document()
    cell = document.add_table(1, 1).cell(0, 0).paragraphs[0]
    for piece in (text[:5], text[5:11], text[11:]):
        cell.add_run(piece)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def test_a_hidden_sheet_is_read_too() -> None:
    assert [leak.where for leak in leaks_in_file(workbook(ID), "名单.xlsx")] == ["附件“名单.xlsx”（底表 第 4 行）"]
    assert leaks_in_file(workbook("419001********1234"), "名单.xlsx") == []


def test_a_number_that_excel_holds_as_a_number() -> None:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["电话", 13800138000])
    book.save(buffer)
    assert leaks_in_file(buffer.getvalue(), "a.xlsx")


def test_word_in_pieces_in_a_table() -> None:
    assert leaks_in_file(word(ID), "名单.docx")
    assert leaks_in_file(word("没有号码，只有姓名"), "名单.docx") == []


def test_our_own_papers() -> None:
    clean, dirty = (Document("公示", [Paragraph(f"张三 {number} 评价补贴 280 元")]) for number in ("419001********1234", ID))
    for form, render in (("pdf", to_pdf), ("docx", to_docx)):
        assert leaks_in_file(render(dirty), f"公示.{form}")
        assert leaks_in_file(render(clean), f"公示.{form}") == []


def test_text_in_the_encodings_of_the_country() -> None:
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        assert leaks_in_file(f"张三,{ID}\n".encode(encoding), "名单.csv"), encoding


@pytest.mark.parametrize(("name", "content"), [("a.jpg", b"\xff\xd8\xff"), ("a.doc", b"x"), ("a.zip", b"PK")])
def test_what_cannot_be_read_is_not_let_through(name: str, content: bytes) -> None:
    with pytest.raises(Refused, match="附件只收"):
        leaks_in_file(content, name)


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.xlsx"])
def test_a_broken_file_is_not_let_through(name: str) -> None:
    with pytest.raises(Refused, match="不能检查里面有没有个人号码"):
        leaks_in_file(b"%PDF-1.4 broken" if name.endswith("pdf") else b"PK\x03\x04broken", name)


def test_a_picture_inside_word_is_not_let_through() -> None:
    buffer = io.BytesIO(word("名单"))
    with zipfile.ZipFile(buffer, "a") as package:
        package.writestr("word/media/image1.png", b"\x89PNG")
    with pytest.raises(Refused, match="图片里的号码无法检查"):
        leaks_in_file(buffer.getvalue(), "名单.docx")


def test_a_workbook_hides_nothing_beside_its_cells() -> None:
    def made(note: str, picture: bytes = b"") -> bytes:
        buffer = io.BytesIO()
        with Workbook(buffer) as book:
            sheet = book.add_worksheet("名单")
            sheet.write_comment("A1", note)
            sheet.insert_textbox("C1", "说明")
        if picture:
            with zipfile.ZipFile(buffer, "a") as package:
                package.writestr("xl/media/image1.png", picture)
        return buffer.getvalue()

    assert leaks_in_file(made("核对过"), "名单.xlsx") == []
    assert [leak.where for leak in leaks_in_file(made(f"证件 {ID}"), "名单.xlsx")] == ["附件“名单.xlsx”（批注、文本框或属性）"]
    with pytest.raises(Refused, match="图片里的号码无法检查"):
        leaks_in_file(made("核对过", b"\x89PNG"), "名单.xlsx")
