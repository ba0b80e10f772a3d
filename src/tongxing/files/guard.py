"""The guard of what many will read (public notices, dossiers of nominees): no ID number, phone or bank card number stands in it.

Text is read from what is typed and from Word, Excel, CSV and PDF; what cannot be read (pictures, scans) is not let through, because nobody can
vouch for it. What is a number of a person: core.personal.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from docx import Document
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from python_calamine import CalamineError, CalamineWorkbook

from tongxing.core.errors import Refused
from tongxing.core.personal import numbers_in
from tongxing.core.vault import mask

MOST_SHOWN = 5
BLANK_PAGE = 5
"""A page with fewer letters than this is a picture."""


class Leak(NamedTuple):
    """A number that must not be read by everybody; shown masked."""

    where: str
    what: str
    shown: str

    def __str__(self) -> str:
        return f"{self.where}有{self.what} {self.shown}"


def leaks_in(text: str, where: str) -> list[Leak]:
    """Personal numbers in a text, whatever blanks, dashes or full-width digits they are written with."""
    return [Leak(where, what, mask(number, 3, 2)) for number, what in numbers_in(text).items()]


def leaks_in_file(content: bytes, name: str) -> list[Leak]:
    """The same for an attachment. Raises Refused when the file cannot be read as text."""
    ending = name.lower().rpartition(".")[2]
    try:
        texts = list(_texts(content, ending))
    except (zipfile.BadZipFile, KeyError, ValueError, CalamineError, PyPdfError, OSError) as error:
        raise Refused(f"附件“{name}”打不开或已损坏，不能检查里面有没有个人号码。请重新生成后上传。", code="unreadable") from error
    found: dict[str, Leak] = {}
    for where, text in texts:
        for leak in leaks_in(text, f"附件“{name}”{where}"):
            found.setdefault(leak.shown + leak.what, leak)
    return list(found.values())


def _texts(content: bytes, ending: str) -> Iterator[tuple[str, str]]:
    if ending == "docx":
        yield from _of_word(content)
    elif ending in {"xlsx", "xls"}:
        yield from _of_excel(content)
    elif ending == "pdf":
        yield from _of_pdf(content)
    elif ending in {"csv", "txt"}:
        yield "", _decoded(content)
    else:
        raise Refused("附件只收 Word（docx）、Excel、PDF 和文本：图片里的号码无法检查。请换一种格式。", code="not_checkable")


def _of_word(content: bytes) -> Iterator[tuple[str, str]]:
    """All parts of the package that hold text: body, tables, headers, footnotes, comments, text boxes and properties."""
    Document(io.BytesIO(content))
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for part in package.namelist():
            if part.endswith(".xml"):
                markup = package.read(part).decode("utf-8", errors="replace")
                # Word breaks a number into runs at will: within a paragraph the pieces belong together.
                for paragraph in re.split(r"</w:p>|</w:tc>", markup):
                    yield "", re.sub(r"<[^>]+>", "", paragraph)
            elif part.startswith("word/media/"):
                raise Refused("附件里有图片，图片里的号码无法检查。请删去图片后重新上传。", code="not_checkable")


def _of_excel(content: bytes) -> Iterator[tuple[str, str]]:
    """Every cell of every sheet, hidden ones too; and in a package the notes, text boxes and properties."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    for name in book.sheet_names:
        for number, row in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False), start=1):
            for cell in row:
                yield f"（{name} 第 {number} 行）", f"{cell:.0f}" if isinstance(cell, float) and cell.is_integer() else str(cell)
    if zipfile.is_zipfile(io.BytesIO(content)):
        yield from _beside_cells(content)


def _beside_cells(content: bytes) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for part in package.namelist():
            if part.startswith("xl/media/"):
                raise Refused("附件里有图片，图片里的号码无法检查。请删去图片后重新上传。", code="not_checkable")
            if re.match(r"(xl/(comments|threadedComments|drawings)|docProps/).*\.xml$", part):
                yield "（批注、文本框或属性）", re.sub(r"<[^>]+>", "", package.read(part).decode("utf-8", errors="replace"))


def _of_pdf(content: bytes) -> Iterator[tuple[str, str]]:
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        raise Refused("附件加了密码，不能检查。请去掉密码后重新上传。", code="not_checkable")
    for number, page in enumerate(reader.pages, start=1):
        text = page.extract_text()
        if len(text.strip()) < BLANK_PAGE or len(page.images):
            raise Refused(f"附件第 {number} 页是图片或扫描件，里面的号码无法检查。请上传由文字生成的 PDF。", code="not_checkable")
        yield f"（第 {number} 页）", text


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError("text in no known encoding")


def refuse_leaks(leaks: Iterable[Leak], *, clause: str = "", doing: str = "发布") -> None:
    """Stops a publication, or whatever `doing` says; names the places, never the numbers."""
    found = list(leaks)
    if found:
        named = "；".join(map(str, found[:MOST_SHOWN])) + (f"；共 {len(found)} 处" if len(found) > MOST_SHOWN else "")
        raise Refused(f"不能{doing}：{named}。请删去或遮盖后再{doing}。", code="personal_data", clause=clause)
