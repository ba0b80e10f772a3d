"""PDF by typst. User text reaches the typesetter only as JSON data, never as source, so that no sign in it can mean anything."""

import json
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import pylopdf_fonts_zh_cn
import typst

from tongxing.papers import qr
from tongxing.papers.document import Document, Table, content, day_in_words, shown

from . import layout

SOURCE = Path(__file__).with_name("paper.typ")
# A row with a longer cell may go over to the next page; others stay whole.
LONGEST_UNBROKEN = 300
# Marks for screen readers make a long list ten times as large; with more rows than this the Excel form serves them better.
MOST_TAGGED = 500
# Without this a process grows by 200 MB for each long list and gives them back only after a dozen other papers.
LONGEST_REMEMBERED, ROUNDS_UNTIL_FORGOTTEN = 50, 12
# The typesetter's caches are shared by the process; one document at a time keeps its memory flat.
_TURN = Lock()


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """The two packaged fonts; fonts of the machine only help out with characters that these lack."""
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=[Path(pylopdf_fonts_zh_cn.__file__).parent])


def typeset(source: Path, inputs: dict[str, str], *, day: date, tagged: bool = True) -> bytes:
    """A form of another room (`source`, typst) with its words as `sys.inputs`; the packaged fonts, one document at a time."""
    with _TURN:
        compiler = typst.Compiler(source, root=source.parent, font_paths=_fonts())
        moment = int(datetime.combine(day, time(), UTC).timestamp())
        made = compiler.compile(format="pdf", sys_inputs=inputs, pdf_tags=tagged, timestamp=moment)
    assert isinstance(made, bytes)
    return made


def picture(source: bytes, *, root: Path) -> bytes:
    """One page of typst as PNG, a pixel a point; `root` holds the files that it may name. Raises typst.TypstError."""
    with _TURN:
        made = typst.Compiler(source, root=root, font_paths=_fonts()).compile(format="png", ppi=72.0)
    assert isinstance(made, bytes)
    return made


def to_pdf(document: Document) -> bytes:
    """One PDF with embedded fonts; the same document gives the same bytes."""
    day = document.issued_on or datetime(2000, 1, 1, tzinfo=UTC).date()
    rows = sum(len(table.rows) for table in document.tables)
    words = {"paper": json.dumps(_data(document), ensure_ascii=False), "code": _code(document)}
    made = typeset(SOURCE, words, day=day, tagged=rows <= MOST_TAGGED)
    if rows > LONGEST_REMEMBERED:
        with _TURN:
            _forget()
    return made


def _forget() -> None:
    """Make the typesetter drop what it remembers of a long document: it does so only after some more documents were set."""
    compiler = typst.Compiler(b"x", font_paths=_fonts())
    for _ in range(ROUNDS_UNTIL_FORGOTTEN):
        compiler.compile(input=b"x", format="pdf")


def _code(document: Document) -> str:
    """The QR code as SVG; empty for a document that was not issued."""
    if document.verification is None:
        return ""
    return qr.svg(document.verification.url)


def _data(document: Document) -> dict[str, Any]:
    data = content(document)
    for stored, block in zip(data["blocks"], document.blocks, strict=True):
        if isinstance(block, Table):
            stored["size"], stored["widths"] = layout.fitted(block, layout.across(landscape=document.landscape))
            stored["rows"] = [[_breakable(shown(value)) for value in row] for row in stored["rows"]]
            stored["roomy"] = block.roomy
            stored["breakable"] = any(len(value) > LONGEST_UNBROKEN for row in stored["rows"] for value in row)
        elif stored["kind"] == "paragraph":
            stored["lines"] = [line for line in stored["text"].split("\n") if line.strip()]
    data["number"] = document.number
    data["day"] = day_in_words(document.issued_on) if document.issued_on else ""
    data["digest"] = document.verification.digest if document.verification else ""
    data["url"] = document.verification.url if document.verification else ""
    return data


def _breakable(text: str) -> str:
    """Runs of letters or digits longer than a cell get places to break; shorter ones (numbers, codes) stay whole."""
    parts = text.split(" ")
    return " ".join("\u200b".join(part[at : at + 12] for at in range(0, len(part), 12)) if _is_long_run(part) else part for part in parts)


def _is_long_run(part: str) -> bool:
    return len(part) > layout.LONGEST_WHOLE and part.isascii()
