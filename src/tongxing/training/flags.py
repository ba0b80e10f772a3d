"""What about attendance deserves a look: each flag says in plain Chinese what was found. Nothing is refused because of a flag."""

from collections import defaultdict
from typing import NamedTuple

from tongxing.policy import provisions

from .models import Attendance, AttendanceChange, AttendanceState, Source, TrainingClass
from .models.attendance import EARNING
from .presence import doubled, presences

SAID = {Source.TAP: "点名", Source.OFFLINE: "离线点名", Source.PAPER: "签到表", Source.SHEET: "考勤表"}


class Flag(NamedTuple):
    kind: str
    text: str


def flags_of(held: TrainingClass) -> list[Flag]:
    """All flags of a class, in a constant number of queries."""
    return [*_elsewhere(held), *_one_device(held), *_absent_but_signed(held)]


def _elsewhere(held: TrainingClass) -> list[Flag]:
    """Attendance of one person in two classes at one time."""
    people = Attendance.objects.filter(session__training_class=held, state__in=EARNING).values_list("enrolment__person", flat=True)
    attended = presences(people, days=held.sessions.values_list("on", flat=True))
    return [
        Flag("overlap", f"{first.name}同一时间在两处到课：{first}；{second}。")
        for sessions in attended.values()
        for first, second in doubled(sessions)
        if held.pk in {first.class_id, second.class_id}
    ]


def _one_device(held: TrainingClass) -> list[Flag]:
    """Many people who signed in to one session with one telephone."""
    most = int(provisions.value("training.people_per_device"))
    scanned = Attendance.objects.filter(session__training_class=held).exclude(device="")
    groups: dict[tuple[int, str], list[Attendance]] = defaultdict(list)
    for row in scanned.select_related("session", "enrolment__person").order_by("session_id", "enrolment__serial"):
        groups[row.session_id, row.device].append(row)
    return [
        Flag("device", f"{rows[0].session} 同一台手机为 {len(rows)} 人扫码：{'、'.join(row.enrolment.person.name for row in rows)}。")
        for rows in groups.values()
        if len(rows) > most
    ]


def _absent_but_signed(held: TrainingClass) -> list[Flag]:
    """Marked absent although the person had signed in, or marked one way and said another way by whatever came later."""
    rows = Attendance.objects.filter(session__training_class=held, changes__isnull=False).distinct()
    found = []
    for row in rows.select_related("session", "enrolment__person").prefetch_related("changes"):
        for change in row.changes.all():
            signed = change.source_before in {Source.QR, Source.PAPER} and change.before in EARNING
            if signed and change.after == AttendanceState.ABSENT:
                why = change.reason or "没有写原因"
                found.append(Flag("absent", f"{row.session} {row.enrolment.person.name}签到后被改为缺课（{change.by}，{why}）。"))
            elif _still_contradicts(row, change):
                other = (
                    "本人扫了码"
                    if change.source == Source.QR
                    else f"{SAID[Source(change.source)]}是{change.get_claimed_display()}（{change.by}）"
                )
                found.append(Flag("absent", f"{row.session} {row.enrolment.person.name}记为{row.get_state_display()}，但{other}。"))
    return found


def _still_contradicts(row: Attendance, change: AttendanceChange) -> bool:
    """Whether hours hang on what was said otherwise, in whatever way it came. Who scanned was there, whatever else is kept of it."""
    claimed = change.claimed or (AttendanceState.PRESENT if change.source == Source.QR and change.before == change.after else "")
    return bool(claimed) and (claimed in EARNING) != (row.state in EARNING)
