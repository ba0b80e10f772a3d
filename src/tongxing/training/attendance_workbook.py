"""The table of attendance of one class to fill in: timetable and people stand in it already, and what is marked; goes back through the sheet."""

from django.utils import timezone

from tongxing.papers.book import Book

from .models import Attendance, TrainingClass
from .models.enrolments import PLACE_HELD

COLUMNS = ("班级代码", "课次", "学号", "姓名")
ASKED = ("状态", "备注")


def workbook_of(held: TrainingClass) -> bytes:
    """One line for each session up to today and each trainee; three queries. It holds no document number."""
    sessions = list(held.sessions.filter(on__lte=timezone.localdate()))
    people = list(held.enrolments.filter(state__in=PLACE_HELD).select_related("person").order_by("serial"))
    marks = {(row.session_id, row.enrolment_id): row for row in Attendance.objects.filter(session__training_class=held)}
    rows = []
    for session in sessions:
        for row in people:
            mark = marks.get((session.pk, row.pk))
            said = (mark.get_state_display(), mark.remark) if mark else ("", "")
            rows.append((held.code, f"{session.on} {session.begins:%H:%M}", row.serial, row.person.name, *said))
    book = Book()
    book.sheet("考勤表", f"{held.title} 考勤表（状态填到课、迟到、请假、缺课；没有填的行删去）", COLUMNS, rows, ASKED)
    return book.finish()
