"""Attendance that comes as a table (xlsx, xls, csv): judged line by line; one bad line and nothing is taken, so that it can be sent again."""

from datetime import date, datetime, time
from pathlib import Path
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils import timezone

from tongxing.audit.log import Actor
from tongxing.core.values import clean_date, half_width
from tongxing.sheets.reading import ColumnSpec, SourceRow, read

from .attendance import Mark, Taken, take_attendance
from .models import AttendanceState, Enrolment, Session, Source, TrainingClass
from .models.enrolments import PLACE_HELD

COLUMNS = (
    ColumnSpec("code", "班级代码", ("班级编号", "班号"), required=True, text_only=True),
    ColumnSpec("on", "日期", ("上课日期",), required=True),
    ColumnSpec("begins", "开始时间", ("上课时间", "时间", "开始"), required=True),
    ColumnSpec("serial", "学号", ("编号",), required=True),
    ColumnSpec("name", "姓名", ("学员姓名", "学员"), required=True),
    ColumnSpec("state", "考勤", ("出勤", "出勤情况", "状态"), required=True),
)
STATES = {label: value for value, label in AttendanceState.choices} | {
    "√": AttendanceState.PRESENT,
    "出勤": AttendanceState.PRESENT,
    "正常": AttendanceState.PRESENT,
    "△": AttendanceState.LATE,
    "○": AttendanceState.LEAVE,
    "×": AttendanceState.ABSENT,
    "旷课": AttendanceState.ABSENT,
    "缺勤": AttendanceState.ABSENT,
}


class BadLine(NamedTuple):
    line: int
    problem: str


class Judged(NamedTuple):
    """What a file says, and what is wrong with it."""

    marks: dict[int, dict[int, str]]
    """Session id → enrolment id → state."""
    bad: list[BadLine]


def judge(path: Path, name: str, held: TrainingClass) -> Judged:
    """Hold every line against this class; two queries, however long the file. Raises Refused for a file that cannot be read."""
    sessions = {(session.on, session.begins): session for session in held.sessions.all()}
    people = {row.serial: row for row in held.enrolments.filter(state__in=PLACE_HELD).select_related("person")}
    marks: dict[int, dict[int, str]] = {}
    bad = []
    for row in read(path, COLUMNS, name=name, row_limit=20_000).rows:
        try:
            session, enrolment, state = _judged(row, held, sessions, people)
            if marks.setdefault(session.pk, {}).setdefault(enrolment.pk, state) != state:
                raise ValidationError("同一人同一课次写了两次，而且不一样，请核对。")
        except ValidationError as error:
            bad.append(BadLine(row.number, "".join(error.messages)))
    return Judged(marks, bad)


def _judged(
    row: SourceRow, held: TrainingClass, sessions: dict[tuple[date, time], Session], people: dict[int | None, Enrolment]
) -> tuple[Session, Enrolment, str]:
    cells = {column.key: row.cells.get(column.key, "").strip() for column in COLUMNS}
    empty = [column.heading for column in COLUMNS if not cells[column.key]]
    if empty:
        raise ValidationError(f"“{'、'.join(empty)}”没有填，请补填。")
    if half_width(cells["code"]) != held.code:
        raise ValidationError(f"这一行是班级代码 {cells['code'][:20]} 的考勤，不是“{held.title}”（{held.code}）的。请到那个班导入。")
    session = sessions.get((clean_date(cells["on"]), read_time(cells["begins"])))
    if session is None:
        raise ValidationError(f"本班没有 {cells['on']} {cells['begins']} 开始的课，请核对日期和开始时间。")
    serial = half_width(cells["serial"]).removesuffix(".0")
    enrolment = people.get(int(serial)) if serial.isdecimal() and len(serial) < 6 else None
    if enrolment is None:
        raise ValidationError(f"本班没有学号 {cells['serial'][:10]}，请核对。")
    if enrolment.person.name != cells["name"]:
        raise ValidationError(f"学号 {serial} 在本班是“{enrolment.person.name}”，这一行写的是“{cells['name'][:20]}”，请核对。")
    if cells["state"] not in STATES:
        raise ValidationError(f"考勤“{cells['state'][:10]}”看不懂，请写到课、迟到、请假或缺课。")
    return session, enrolment, STATES[cells["state"]]


def read_time(raw: str) -> time:
    """08:30, 8：30, 8.30, 08:30:00, or a spreadsheet's part of a day (0.354166)."""
    text = half_width(raw).strip()
    for form in ("%H:%M", "%H:%M:%S", "%H.%M"):
        try:
            return datetime.strptime(text, form).time()  # noqa: DTZ007 - a time of day has no zone
        except ValueError:
            continue
    try:
        part = float(text)
    except ValueError:
        raise ValidationError("开始时间看不懂，请写成 08:30 这样的形式。", code="time_form") from None
    minutes = round(part % 1 * 24 * 60)
    return time(minutes // 60 % 24, minutes % 60)


def take_sheet(held: TrainingClass, marks: dict[int, dict[int, str]], *, by: Actor) -> Taken:
    """Write what `judge` found, session by session; runs inside the caller's transaction. What stands otherwise already is told."""
    total = Taken()
    now = timezone.now()
    for session in held.sessions.filter(pk__in=marks):
        states = marks[session.pk]
        done = take_attendance(session, {pk: Mark(state, now) for pk, state in states.items()}, by=by, source=Source.SHEET)
        total.new, total.same = total.new + done.new, total.same + done.same
        total.conflicts |= {pk: f"{session}：{why}" for pk, why in done.conflicts.items()}
    return total
