"""Acts on the day of the examination: who came, and the end of it."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused

from .models import AssessmentBatch, Attendance, BatchState, Candidate
from .moving import held, insist_move, insist_state, move
from .rules import can_manage, insist


class Mark(NamedTuple):
    attendance: str
    note: str = ""


@transaction.atomic
def mark_attendance(batch: AssessmentBatch, marks: Mapping[int, Mark], *, by: Actor) -> int:
    """Write down who came, by id of candidate; returns how many marks changed. A breach of the rules is described."""
    row = held(batch)
    insist(can_manage(by, row))
    insist_state(row, BatchState.FIXED, doing="登记到考")
    if timezone.localdate() < row.exam_on:
        raise Refused(f"考试日是 {row.exam_on}，还没有到，不能登记到考。", code="too_early")
    candidates = {one.pk: one for one in Candidate.objects.select_for_update(of=("self",)).filter(batch=row, pk__in=marks)}
    if len(candidates) < len(marks):
        raise Refused("名单里有不属于本批次的考生，没有保存。请刷新页面后重做。", code="other_batch")
    changed = []
    for key, mark in marks.items():
        one = candidates[key]
        if mark.attendance == Attendance.VIOLATION and not mark.note.strip():
            raise Refused(f"准考证 {one.ticket}：登记违纪须写明情况。", code="note_missing")
        if (one.attendance, one.attendance_note) != (mark.attendance, mark.note.strip()[:200]):
            one.attendance, one.attendance_note = Attendance(mark.attendance), mark.note.strip()[:200]
            changed.append(one)
    Candidate.objects.bulk_update(changed, ["attendance", "attendance_note"])
    if changed:
        record("evaluation.mark_attendance", by=by, of=row, after={one.ticket: one.attendance for one in changed})
    return len(changed)


@transaction.atomic
def finish_exam(batch: AssessmentBatch, *, by: Actor) -> AssessmentBatch:
    """End the examination once everybody's attendance is known; scores can be entered from then on."""
    row = held(batch)
    insist(can_manage(by, row))
    insist_move(row, "examine")
    if timezone.localdate() < row.exam_on:
        raise Refused(f"考试日是 {row.exam_on}，还没有到。", code="too_early")
    open_marks = Candidate.objects.filter(batch=row, attendance=Attendance.EXPECTED).count()
    if open_marks:
        raise Refused(f"还有 {open_marks} 名考生没有登记到考情况。请先登记完。", code="unmarked")
    move(row, "examine")
    present = Candidate.objects.filter(batch=row, attendance=Attendance.PRESENT).count()
    record("evaluation.examine", by=by, of=row, after={"state": row.state, "present": present})
    return row
