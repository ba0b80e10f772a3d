"""Putting a paper of ours and the files that belong to it into one PDF."""

from collections.abc import Iterable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

from tongxing.files.scratch import private_folder
from tongxing.papers.render.pdf import typeset

IMAGES = {"image/png": "png", "image/jpeg": "jpg"}
PDF = "application/pdf"
PAGE = """#set page(paper: "a4", margin: 18mm)
#set text(font: "Noto Sans SC", size: 9pt)
#sys.inputs.name
#v(4mm)
#image("page.{ending}", width: 100%, height: 92%, fit: "contain")
"""


class Annex(NamedTuple):
    """A file as it lies in the store: its name, kind and bytes."""

    name: str
    content_type: str
    content: bytes


def joined(paper: bytes, annexes: Iterable[Annex], *, day: date) -> tuple[bytes, list[str]]:
    """The paper with its annexes behind it, and the names of those that cannot be joined (other kinds, damaged or locked files)."""
    whole, left = PdfWriter(clone_from=BytesIO(paper)), []
    for annex in annexes:
        try:
            pages = PdfReader(BytesIO(_as_pdf(annex, day)))
            whole.append(pages, outline_item=annex.name, import_outline=False)
        except (PyPdfError, RuntimeError, ValueError, KeyError):
            left.append(annex.name)
    made = BytesIO()
    whole.write(made)
    return made.getvalue(), left


def _as_pdf(annex: Annex, day: date) -> bytes:
    if annex.content_type == PDF:
        return annex.content
    if annex.content_type not in IMAGES:
        raise ValueError(annex.content_type)
    with private_folder() as folder:
        ending = IMAGES[annex.content_type]
        (Path(folder) / f"page.{ending}").write_bytes(annex.content)
        source = Path(folder) / "page.typ"
        source.write_text(PAGE.format(ending=ending), encoding="utf-8")
        return typeset(source, {"name": annex.name}, day=day)
