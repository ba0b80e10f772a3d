"""Word by python-docx, in the same layout; opens in Word and WPS with the fonts that Chinese offices have."""

# python-docx has no public way to East Asian fonts, fields and tables of thousands of rows: its XML elements are used directly.
# ruff: noqa: SLF001

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt

from tongxing.papers import qr
from tongxing.papers.document import Document, Heading, Table, content, day_in_words, printable, restored, shown

from . import layout

BODY_FONT, TITLE_FONT, HEAD_FONT, SECOND_FONT = "仿宋_GB2312", "方正小标宋简体", "黑体", "楷体_GB2312"
# What an office without the official fonts shows instead; Word and WPS read these from the font table.
INSTEAD = {BODY_FONT: "仿宋", TITLE_FONT: "宋体", SECOND_FONT: "楷体"}
LINE = Pt(28.95)


def to_docx(document: Document) -> bytes:
    """One Word file; the verification block stands at its end."""
    document = restored(content(document), number=printable(document.number), verification=document.verification)
    file = docx.Document()
    _page(file, document)
    _style(file)
    _title(file, document)
    for block in document.blocks:
        if isinstance(block, Table):
            _table(file, document, block)
        elif isinstance(block, Heading):
            words = _paragraph(file, block.text, SECOND_FONT if block.level == 2 else HEAD_FONT, layout.BODY_SIZE, indent=True)
            words.paragraph_format.keep_with_next = True
        else:
            for line in block.text.split("\n"):
                _paragraph(file, line, BODY_FONT, layout.BODY_SIZE, indent=not block.flush)
    _signature(file, document)
    _proof(file, document)
    _properties(file, document)
    out = BytesIO()
    file.save(out)
    return out.getvalue()


def _page(file: Any, document: Document) -> None:
    section = file.sections[0]
    section.page_width, section.page_height = (Mm(297), Mm(210)) if document.landscape else (Mm(210), Mm(297))
    section.orientation = WD_ORIENT.LANDSCAPE if document.landscape else WD_ORIENT.PORTRAIT
    if document.landscape:
        margins = layout.LANDSCAPE_TOP, layout.LANDSCAPE_BOTTOM, layout.LANDSCAPE_LEFT, layout.LANDSCAPE_RIGHT
    else:
        margins = layout.TOP, layout.BOTTOM, layout.LEFT, layout.RIGHT
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = (Mm(margin) for margin in margins)
    # 7.5: the page number stands 7 mm below the text area.
    section.footer_distance = Mm(margins[1] - 7 - 5)
    file.settings.odd_and_even_pages_header_footer = True
    for footer, side in ((section.footer, WD_ALIGN_PARAGRAPH.RIGHT), (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)):
        footer.is_linked_to_previous = False
        _page_number(footer.paragraphs[0], side)


def _page_number(paragraph: Any, side: Any) -> None:
    paragraph.alignment = side
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Pt(layout.PAGE_NUMBER_SIZE)
    _run(paragraph, "— ", "宋体", layout.PAGE_NUMBER_SIZE)
    run = _run(paragraph, "", "宋体", layout.PAGE_NUMBER_SIZE)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        element = OxmlElement("w:instrText" if text else "w:fldChar")
        if text:
            element.set(qn("xml:space"), "preserve")
            element.text = text
        else:
            element.set(qn("w:fldCharType"), kind)
        run._r.append(element)
    _run(paragraph, " —", "宋体", layout.PAGE_NUMBER_SIZE)


def _style(file: Any) -> None:
    style = file.styles["Normal"]
    style.font.name = "Times New Roman"
    style.font.size = Pt(layout.BODY_SIZE)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), BODY_FONT)
    style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
    for part in file.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            part._blob = _with_substitutes(part.blob)


def _with_substitutes(table: bytes) -> bytes:
    """The font table with a substitute for each font that not every office has."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/><w:family w:val="auto"/></w:font>'
        for name, other in INSTEAD.items()
    )
    return table.replace(b"</w:fonts>", fonts.encode() + b"</w:fonts>")


def _run(paragraph: Any, text: str, font: str, size: float, *, bold: bool = False) -> Any:
    run = paragraph.add_run(text)
    run.font.name = "Times New Roman"
    run.font.size = Pt(size)
    run.font.bold = bold or None
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    return run


def _paragraph(file: Any, text: str, font: str, size: float, *, indent: bool = False, side: Any = None) -> Any:
    paragraph = file.add_paragraph()
    form = paragraph.paragraph_format
    form.alignment = side
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, LINE if size <= layout.BODY_SIZE else Pt(size * 1.6)
    if indent:
        form.first_line_indent = Pt(size * 2)
    _run(paragraph, text, font, size)
    return paragraph


def _title(file: Any, document: Document) -> None:
    if document.number:
        _paragraph(file, f"编号：{document.number}", HEAD_FONT, layout.NOTE_SIZE, side=WD_ALIGN_PARAGRAPH.RIGHT)
    _paragraph(file, document.title, TITLE_FONT, layout.TITLE_SIZE, side=WD_ALIGN_PARAGRAPH.CENTER)
    if document.subtitle:
        _paragraph(file, document.subtitle, SECOND_FONT, 14, side=WD_ALIGN_PARAGRAPH.CENTER)
    _paragraph(file, "", BODY_FONT, layout.NOTE_SIZE)


def _table(file: Any, document: Document, block: Table) -> None:
    if block.title:
        caption = _paragraph(file, block.title, HEAD_FONT, layout.NOTE_SIZE, side=WD_ALIGN_PARAGRAPH.CENTER)
        caption.paragraph_format.keep_with_next = True
    if not block.headings:
        return
    size, measures = layout.fitted(block, layout.across(landscape=document.landscape))
    twips = [round(measure * 56.69) for measure in measures]
    table = file.add_table(rows=1, cols=len(block.headings))
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, twips, strict=True):
        column._gridCol.set(qn("w:w"), str(width))
    head = table.rows[0]._tr
    table._tbl.remove(head)
    rows = _Rows(twips, size, set(block.numeric))
    for element in rows.elements(block.headings, [[shown(value) for value in row] for row in block.rows]):
        table._tbl.append(element)


class _Rows:
    """Writes the rows as one piece of XML: python-docx's own cells cost a millisecond each. Every text is escaped."""

    def __init__(self, twips: list[int], size: float, numeric: set[int]) -> None:
        self.twips, self.half_points, self.numeric = twips, round(size * 2), numeric

    def elements(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Any]:
        parts = [f"<w:body {nsdecls('w')}>", self.line(headings, "黑体", "<w:cantSplit/><w:tblHeader/>", heading=True)]
        parts.extend(self.line(row, "宋体", "<w:cantSplit/>") for row in rows)
        return list(parse_xml("".join([*parts, "</w:body>"])))

    def line(self, values: Sequence[str], font: str, properties: str, *, heading: bool = False) -> str:
        cells = []
        for place, (value, width) in enumerate(zip(values, self.twips, strict=False)):
            side = "center" if heading else "right" if place in self.numeric else "left"
            text = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in value.split("\n"))
            cells.append(
                f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr><w:p><w:pPr><w:jc w:val="{side}"/></w:pPr>'
                f'<w:r><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="{font}"/>'
                f'<w:sz w:val="{self.half_points}"/></w:rPr>{text}</w:r></w:p></w:tc>'
            )
        return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def _signature(file: Any, document: Document) -> None:
    lines = [document.issued_by, day_in_words(document.issued_on) if document.issued_on else ""]
    if any(lines):
        _paragraph(file, "", BODY_FONT, layout.BODY_SIZE)
    for line in filter(None, lines):
        paragraph = _paragraph(file, line, BODY_FONT, layout.BODY_SIZE, side=WD_ALIGN_PARAGRAPH.RIGHT)
        paragraph.paragraph_format.right_indent = Pt(layout.BODY_SIZE * 2)


def _proof(file: Any, document: Document) -> None:
    if document.verification is None:
        return
    file.add_paragraph()
    file.add_picture(BytesIO(qr.png(document.verification.url, border=2)), width=Mm(24))
    for line in (
        "扫描二维码，或打开下列网址输入编号，可以查验本件的真伪。",
        f"编号：{document.number}",
        f"内容摘要（SHA-256）：{document.verification.digest}",
        f"网址：{document.verification.url}",
    ):
        paragraph = file.add_paragraph()
        _run(paragraph, line, "宋体", 9)


def _properties(file: Any, document: Document) -> None:
    properties = file.core_properties
    properties.title, properties.author, properties.comments = document.title[:255], document.issued_by[:255], document.number
    properties.last_modified_by = document.issued_by[:255]
    if document.issued_on:
        day = document.issued_on
        properties.created = properties.modified = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - stored as UTC
