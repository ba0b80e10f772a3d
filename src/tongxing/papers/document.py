"""A document as plain data: what it says, not how it looks. The renderers of `papers.render` make PDF, Word and Excel of it."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Value = str | int | float | Decimal | date | None
# What XML, PDF and Excel cannot hold, and marks that would turn the direction of a line around.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 (一、), 2 ((一)) or 3 (1.)."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`flush`: at the margin, as whom a letter addresses stands (GB/T 9704-2012, 7.3.2)."""

    text: str
    flush: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text, numbers or days. `widths`: relative; `numeric`: places of the columns to set flush right.

    `roomy`: rows high enough to be signed by hand, in PDF; neither hashed nor held with a stored paper.
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[Value]]
    widths: Sequence[float] | None = None
    numeric: Sequence[int] = ()
    title: str = ""
    roomy: bool = field(default=False, compare=False)


Block = Heading | Paragraph | Table


@dataclass(frozen=True, slots=True)
class Verification:
    """How a reader proves a paper: the address behind its QR code and the digest of its content."""

    url: str
    digest: str


@dataclass(frozen=True, slots=True)
class Document:
    """`landscape` turns the page for wide tables; `verification` is set by `register.issue`."""

    title: str
    blocks: Sequence[Block]
    subtitle: str = ""
    number: str = ""
    issued_by: str = ""
    issued_on: date | None = None
    landscape: bool = False
    verification: Verification | None = field(default=None, compare=False)

    @property
    def tables(self) -> list[Table]:
        return [block for block in self.blocks if isinstance(block, Table)]


def printable(text: str) -> str:
    """Without characters that cannot be printed; line breaks stay."""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))


def shown(value: Value) -> str:
    """A value as it is printed: days as 2026-11-22, numbers without needless zeros, nothing as an empty cell."""
    if value is None:
        return ""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, date):
        return value.strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime) else value.isoformat()
    return _counted(value)


def _counted(value: float | Decimal) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value) if isinstance(value, int) else f"{value:.4f}".rstrip("0").rstrip(".")


def day_in_words(day: date) -> str:
    """2026年11月22日, as GB/T 9704-2012 7.3.5 writes it: without leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


def content(document: Document) -> dict[str, Any]:
    """The document as JSON values, everything printable: what the hash covers and what a stored paper holds."""
    return {
        "title": printable(document.title),
        "subtitle": printable(document.subtitle),
        "issued_by": printable(document.issued_by),
        "issued_on": document.issued_on.isoformat() if document.issued_on else "",
        "landscape": document.landscape,
        "blocks": [_block(block) for block in document.blocks],
    }


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"kind": "heading", "text": printable(block.text), "level": min(max(block.level, 1), 3)}
    if isinstance(block, Paragraph):
        stored: dict[str, Any] = {"kind": "paragraph", "text": printable(block.text)}
        # Left out where it is not so: papers issued before keep their digests.
        return stored | {"flush": True} if block.flush else stored
    width = len(block.headings)
    return {
        "kind": "table",
        "title": printable(block.title),
        "headings": [printable(heading) for heading in block.headings],
        "widths": [float(part) for part in block.widths] if block.widths else [],
        "numeric": sorted(set(block.numeric)),
        "rows": [[_stored(value) for value in (*row, *[""] * (width - len(row)))[:width]] for row in block.rows],
    }


def _stored(value: Value) -> str | int | float:
    """Whole numbers and floats stay numbers (Excel adds them up); everything else is text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if isinstance(value, Decimal) and value.is_finite():
        return float(value)
    return shown(value)


def restored(stored: dict[str, Any], *, number: str = "", verification: Verification | None = None) -> Document:
    """The document that `content` was made of."""
    blocks: list[Block] = []
    for block in stored["blocks"]:
        if block["kind"] == "heading":
            blocks.append(Heading(block["text"], block["level"]))
        elif block["kind"] == "paragraph":
            blocks.append(Paragraph(block["text"], block.get("flush", False)))
        else:
            blocks.append(Table(block["headings"], block["rows"], block["widths"] or None, block["numeric"], block["title"]))
    return Document(
        title=stored["title"],
        blocks=blocks,
        subtitle=stored["subtitle"],
        number=number,
        issued_by=stored["issued_by"],
        issued_on=date.fromisoformat(stored["issued_on"]) if stored["issued_on"] else None,
        landscape=stored["landscape"],
        verification=verification,
    )


def digest(document: Document) -> str:
    """SHA-256 over the canonical form of the content: the same for PDF, Word and Excel, and for every later print."""
    text = json.dumps(content(document), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
