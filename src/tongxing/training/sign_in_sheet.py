"""The printed sign-in sheet (签到表): a code on every line, by which the signed sheet is typed back.

A code is the trainee's number and two digits that only this session gives: a code of another sheet, or one misread, is noticed.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from django.utils.crypto import salted_hmac

from tongxing.core.values import half_width
from tongxing.papers.document import Document, Paragraph, Table

from .models import AttendanceState, Enrolment, Session
from .models.enrolments import PLACE_HELD

WORDS = {
    "迟": AttendanceState.LATE,
    "假": AttendanceState.LEAVE,
    "缺": AttendanceState.ABSENT,
    "到": AttendanceState.PRESENT,
    "√": AttendanceState.PRESENT,
    "×": AttendanceState.ABSENT,
    "△": AttendanceState.LATE,
    "○": AttendanceState.LEAVE,
}
"""What may stand behind a code; nothing means present (facts §11: √ ○ × △)."""


class Typed(NamedTuple):
    """What was typed from a signed sheet: states by enrolment, and lines that cannot be taken."""

    states: dict[int, str]
    problems: list[str]


def code_of(session: Session, serial: int) -> str:
    digest = salted_hmac("tongxing.training.sheet", f"{session.uid}:{serial}", algorithm="sha256").hexdigest()
    return f"{serial:03d}{int(digest[:8], 16) % 97:02d}"


def roster(session: Session) -> list[Enrolment]:
    """Who holds a place, by number."""
    rows = session.training_class.enrolments.filter(state__in=PLACE_HELD).select_related("person", "organisation")
    return list(rows.order_by("serial"))


def sheet_of(session: Session) -> Document:
    """The sheet to print: number, name, employer, code, and room to sign. It holds no document number."""
    held = session.training_class
    place = "线上" if session.is_online else str(session.room or held.place)
    rows = [
        (row.serial, row.person.name, row.organisation.name if row.organisation else "", code_of(session, row.serial or 0), "", "")
        for row in roster(session)
    ]
    headings = ("学号", "姓名", "单位", "行代码", "签名", "备注")
    return Document(
        title="培训签到表",
        subtitle=held.title,
        blocks=[
            Paragraph(f"时间：{session}　内容：{session.topic or '综合'}　教师：{session.trainer or '未定'}　地点：{place}"),
            Table(headings, rows, widths=(5, 9, 29, 8, 16, 9), roomy=True),
            Paragraph("签完后在系统“签到表补录”中输入行代码；迟到、请假、缺课在备注栏注明，补录时写在代码后面，例如 00142迟。"),
        ],
        issued_by=held.provider.organisation.name,
        issued_on=session.on,
    )


def read_typed(session: Session, text: str) -> Typed:
    """Codes as they were typed, in any arrangement: 00142 00291迟, one a line or many."""
    known = {code_of(session, row.serial or 0): row for row in roster(session)}
    states: dict[int, str] = {}
    problems = []
    for piece in (piece for piece in re.split(r"[\s,，、;；]+", half_width(text)) if piece):
        code, word = re.fullmatch(r"(\d*)(.*)", piece).groups()  # type: ignore[union-attr]
        row = known.get(code)
        state = WORDS.get(word[:1], "") if word else AttendanceState.PRESENT
        if row is None:
            problems.append(_unknown(session, piece, code))
        elif not state:
            problems.append(f"“{piece}”后面的字看不懂，请写迟、假、缺，或不写。")
        elif states.get(row.pk, state) != state:
            problems.append(f"{row.person.name}（{code}）写了两次，而且不一样，请核对。")
        else:
            states[row.pk] = state
    return Typed(states, problems)


def _unknown(session: Session, piece: str, code: str) -> str:
    others: Iterable[Session] = session.training_class.sessions.exclude(pk=session.pk)
    for other in others:
        if len(code) == 5 and code == code_of(other, int(code[:3])):
            return f"“{piece}”是 {other} 那次课的签到表，不是这次课的。请换一张表，或到那次课补录。"
    return f"“{piece}”不是这张签到表上的代码，请对照纸面重输。"
