"""Verification in bulk for employers: lines of number and name, an answer for each, nothing kept.

Nobody can walk through numbers with it: a line is answered only where number AND name agree, an unknown number and a wrong name are answered
alike after the same work, lines a day and misses a day are limited by address, and the log gets counts only.
"""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from tongxing.audit.log import SystemActor, record
from tongxing.certificates.models import CertificateStatus
from tongxing.core.errors import Refused
from tongxing.core.identifiers import squeeze
from tongxing.core.limits import allow
from tongxing.files.scratch import private_folder
from tongxing.policy import provisions
from tongxing.sheets.reading import FLAG_MESSAGES, ColumnSpec, read

from .verification import agrees, looked_up

VISITOR = SystemActor("公众")
NO_MATCH, UNREADABLE = "no_match", "unreadable"
WORDS = {**dict(CertificateStatus.choices), NO_MATCH: "不符：没有编号和姓名都一致的证书", UNREADABLE: "读不出"}
COLUMNS = (
    ColumnSpec("number", "证书编号", ("编号", "证书号", "证书号码"), required=True, text_only=True),
    ColumnSpec("name", "姓名", ("持证人", "持证人姓名", "名字"), required=True),
)
MOST_BYTES = 2 * 1024 * 1024
LONGEST_NUMBER, LONGEST_NAME = 40, 64
DAY, HOUR = 24 * 3600, 3600
_APART = re.compile(r"[\t,，;；、 　]+")
_NUMBER = re.compile(r"[A-Za-z]{0,2}\d{10,}")


class Line(NamedTuple):
    """What was given: the line as its giver counts it, number and name; `flaw` says why it cannot be read."""

    place: int
    number: str
    name: str
    flaw: str = ""


class Answer(NamedTuple):
    """What is told of a line. Everything but `state` stays empty where number and name do not agree."""

    place: int
    number: str
    name: str
    state: str
    level: str = ""
    issued_on: date | None = None
    ground: str = ""
    ended_on: date | None = None

    @property
    def word(self) -> str:
        return str(WORDS[self.state]).partition("：")[0]

    @property
    def said(self) -> str:
        return str(WORDS[self.state]) + (f"：{self.ground}" if self.state == UNREADABLE else "")


def most_lines() -> int:
    return int(provisions.value("credentials.bulk_lines"))


def pasted(text: str) -> list[Line]:
    """Lines of number and name in either order, apart by blank, tab, comma or semicolon."""
    lines = []
    for place, raw in enumerate(text.splitlines(), 1):
        parts = [part for part in _APART.split(raw.strip()) if part]
        if not parts:
            continue
        numbers = [part for part in parts if _NUMBER.fullmatch(part)]
        name = "".join(part for part in parts if part not in numbers)
        flaw = "" if len(numbers) == 1 and name else "一行写一个编号和一个姓名，用空格、逗号或制表符隔开"
        lines.append(Line(place, "".join(numbers[:1])[:LONGEST_NUMBER], name[:LONGEST_NAME], flaw))
    return lines


def uploaded(file: "UploadedFile[Any]", most: int) -> list[Line]:
    """Lines of a workbook or text table; the clear copy that the reader needs is gone when this returns."""
    if (file.size or 0) > MOST_BYTES:
        raise Refused(f"文件超过 {MOST_BYTES >> 20} MB。名单只要编号和姓名两列，请删去其他内容后再上传。", code="too_large", status=413)
    with private_folder() as folder:
        copy = folder / f"list{Path(file.name or '').suffix.lower()[:6]}"
        copy.write_bytes(file.read())
        rows = read(copy, COLUMNS, name=file.name or "名单", row_limit=most, cell_limit=200, byte_limit=MOST_BYTES).rows
        return [
            Line(
                row.number,
                squeeze(row.cells.get("number", ""))[:LONGEST_NUMBER],
                row.cells.get("name", "")[:LONGEST_NAME],
                next((FLAG_MESSAGES[code] for code in row.flags.values()), ""),
            )
            for row in rows
        ]


def verify(lines: Sequence[Line], *, who: str) -> list[Answer]:
    """An answer for each line; `who` is the address that asks. One look-up, however many lines and whatever is in them."""
    most = most_lines()
    if not lines:
        raise Refused("没有要核验的内容。请粘贴名单，或选择文件。", code="nothing")
    if len(lines) > most:
        raise Refused(f"一次最多核验 {most} 行，您给了 {len(lines)} 行。请分次核验。", code="too_many_lines", status=413)
    misses = int(provisions.value("credentials.bulk_misses_per_day"))
    allow("portal.many", who, most=int(provisions.value("credentials.bulk_times_per_hour")), seconds=HOUR)
    allow("portal.many_misses", who, most=misses, seconds=DAY, uses=0)
    allow("portal.many_lines", who, most=int(provisions.value("credentials.bulk_lines_per_day")), seconds=DAY, uses=len(lines))
    answers = _answered(lines)
    counts = Counter(answer.state for answer in answers)
    _note(counts, len(lines))
    if counts[NO_MATCH]:
        # This answer was still given; the next one is not.
        allow("portal.many_misses", who, most=misses + most, seconds=DAY, uses=counts[NO_MATCH])
    return answers


def _answered(lines: Sequence[Line]) -> list[Answer]:
    answers = []
    for line, row in zip(lines, looked_up([line.number for line in lines]), strict=True):
        matched = agrees(row, line.number, line.name)
        if line.flaw:
            answers.append(Answer(line.place, line.number, line.name, UNREADABLE, ground=line.flaw))
        elif row and matched:
            facts = (row.get_level_display(), row.issued_on, row.public_ground, row.status_on)
            answers.append(Answer(line.place, line.number, line.name, row.status, *facts))
        else:
            answers.append(Answer(line.place, line.number, line.name, NO_MATCH))
    return answers


@transaction.atomic
def _note(counts: "Counter[str]", lines: int) -> None:
    """How many of which answer; neither the list nor who asked."""
    after = {"行数": lines} | {str(WORDS[state]).partition("：")[0]: count for state, count in counts.items()}
    record("portal.verify_many", by=VISITOR, object_type="portal.verification", label="批量核验", after=after)
