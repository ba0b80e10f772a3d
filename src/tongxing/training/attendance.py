"""Acts on attendance (facts §10: signed in by name every day): take it down, correct it with a reason. Nothing is written over without trace."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused

from .holding import locked
from .models import Attendance, AttendanceChange, AttendanceState, ClassState, Enrolment, Session, Source
from .models.enrolments import PLACE_HELD
from .rules import can_run


class Mark(NamedTuple):
    """One person's mark as it comes in; `at` is when it was made (a tap without a line may arrive later)."""

    state: str
    at: datetime
    device: str = ""


@dataclass
class Taken:
    """What became of the marks: ids of enrolments that now stand as marked, and why others do not."""

    new: int = 0
    changed: int = 0
    same: int = 0
    saved: list[int] = field(default_factory=list)
    conflicts: dict[int, str] = field(default_factory=dict)


OVERWRITING = frozenset({Source.TAP, Source.OFFLINE})
"""The trainer in front of the class may change a mark on the day; every other way only adds what is not there yet."""


@transaction.atomic
def take_attendance(session: Session, marks: Mapping[int, Mark], *, by: Actor, source: str) -> Taken:
    """Take down who was there (enrolment id → mark). One audit entry; what contradicts an earlier record is told, not written."""
    insist(can_run(by, session.training_class))
    return write_marks(session, marks, by=by, source=source)


def write_marks(session: Session, marks: Mapping[int, Mark], *, by: Actor, source: str) -> Taken:
    """As `take_attendance`, for those whose right was judged already; runs inside the caller's transaction."""
    held = locked(session.training_class)
    _must_be_taking(held.state, session)
    if any(mark.state not in AttendanceState.values for mark in marks.values()):
        raise Refused("考勤只有到课、迟到、请假、缺课四种，请重新选择。", code="bad_state", status=422)
    rows = {row.pk: row for row in held.enrolments.filter(pk__in=list(marks), state__in=PLACE_HELD).select_related("person")}
    if len(rows) < len(marks):
        raise Refused("其中有不是本班学员的人，没有保存。请刷新页面，按现在的名册点名。", code="not_in_class", status=422)
    known = {row.enrolment_id: row for row in session.attendance.select_for_update()}
    done, fresh = Taken(), []
    for pk, mark in marks.items():
        old = known.get(pk)
        if old is None:
            fresh.append(_new(session, pk, mark, by, source))
        elif old.state == mark.state:
            done.same += 1
        elif refusal := _standing(old, mark, source, session):
            done.conflicts[pk] = refusal
            _note(old, mark.state, by=by, source=source)
            continue
        else:
            _change(old, mark, by=by, source=source)
            done.changed += 1
        done.saved.append(pk)
    Attendance.objects.bulk_create(fresh)
    done.new = len(fresh)
    if done.new or done.changed:
        counts = {"new": done.new, "changed": done.changed, "source": Source(source).label}
        after = {**counts, "marks": {rows[pk].person.name: marks[pk].state for pk in done.saved}}
        record("training.take_attendance", by=by, of=session, after=after)
    return done


def _must_be_taking(state: str, session: Session) -> None:
    if state != ClassState.RUNNING:
        raise Refused(f"这个班现在是“{ClassState(state).label}”，不能记考勤。", code="not_running")
    if session.on > timezone.localdate():
        raise Refused(f"{session} 的课还没有上，到那一天再点名。", code="too_early")


def _new(session: Session, enrolment_id: int, mark: Mark, by: Actor, source: str) -> Attendance:
    return Attendance(
        session=session,
        enrolment_id=enrolment_id,
        state=mark.state,
        source=source,
        at=mark.at,
        by=by.display_name[:60],
        device=mark.device,
    )


def _standing(old: Attendance, mark: Mark, source: str, session: Session) -> str:
    """Why an earlier record stays; empty when it may be changed."""
    was = f"已记为“{old.get_state_display()}”（{old.get_source_display()}，{timezone.localtime(old.at):%H:%M}，{old.by}）"
    if source not in OVERWRITING:
        return f"{was}，没有改动。要改请用“更正”并写明原因。"
    if timezone.localdate(mark.at) != session.on:
        return f"{was}。上课当天之后要改，请用“更正”并写明原因。"
    if old.at > mark.at:
        return f"{was}，比这次点名晚，以它为准。"
    return ""


def _note(row: Attendance, claimed: str, *, by: Actor, source: str) -> None:
    """The record stays, and what contradicts it is kept beside it, once for each way it came (flags.py shows it)."""
    facts = {"before": row.state, "after": row.state, "source_before": row.source, "source": source, "claimed": claimed}
    if not row.changes.filter(**facts).exists():
        reason = f"{Source(source).label}为“{AttendanceState(claimed).label}”，与已有记录不一致"
        AttendanceChange.objects.create(attendance=row, **facts, reason=reason, by=by.display_name[:60])


def _change(row: Attendance, mark: Mark, *, by: Actor, source: str, reason: str = "") -> None:
    who = by.display_name[:60]
    AttendanceChange.objects.create(
        attendance=row, before=row.state, after=mark.state, source_before=row.source, source=source, reason=reason, by=who
    )
    row.state, row.source, row.at, row.recorded_at, row.by = mark.state, source, mark.at, timezone.now(), who
    row.device = mark.device or row.device
    row.save(update_fields=["state", "source", "at", "recorded_at", "by", "device"])


@transaction.atomic
def correct_attendance(session: Session, enrolment: Enrolment, state: str, *, by: Actor, reason: str) -> Attendance:
    """Put a mark right afterwards, or add one that is missing; the reason and what stood there are kept."""
    insist(can_run(by, session.training_class))
    held = locked(session.training_class)
    _must_be_taking(held.state, session)
    if not reason.strip():
        raise Refused("更正考勤必须写明原因。", code="reason_missing", status=422)
    if state not in AttendanceState.values or enrolment.training_class_id != held.pk or enrolment.state not in PLACE_HELD:
        raise Refused("不是本班学员，或考勤不在四种之内，请刷新页面。", code="not_in_class", status=422)
    mark = Mark(state, timezone.now())
    row = session.attendance.select_for_update().filter(enrolment=enrolment).first()
    before = row.state if row else None
    if row is None:
        row = _new(session, enrolment.pk, mark, by, Source.CORRECTION)
        row.save()
    elif row.state == state:
        raise Refused(f"现在就是“{row.get_state_display()}”，不需要更正。", code="same")
    else:
        _change(row, mark, by=by, source=Source.CORRECTION, reason=reason.strip()[:200])
    after = {"session": str(session), "state": state}
    record("training.correct_attendance", by=by, of=enrolment, before={"state": before}, after=after, reason=reason)
    return row
