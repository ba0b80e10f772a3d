"""What about attendance deserves a look: each flag says in plain Chinese what was found. Nothing is refused because of a flag."""

from collections import defaultdict
from typing import NamedTuple

from django.db.models import F

from tongxing.policy import provisions

from .models import Attendance, AttendanceState, Source, TrainingClass
from .models.attendance import EARNING


class Flag(NamedTuple):
    kind: str
    text: str


def flags_of(held: TrainingClass) -> list[Flag]:
    """All flags of a class, in three queries."""
    return [*_elsewhere(held), *_one_device(held), *_absent_but_signed(held)]


def _elsewhere(held: TrainingClass) -> list[Flag]:
    """Attendance of one person in two classes at one time."""
    mine = Attendance.objects.filter(session__training_class=held, state__in=EARNING)
    rows = (
        Attendance.objects.filter(
            state__in=EARNING,
            enrolment__person__in=mine.values("enrolment__person"),
            session__on__in=held.sessions.values("on"),
        )
        .annotate(person=F("enrolment__person_id"), name=F("enrolment__person__name"), title=F("session__training_class__title"))
        .select_related("session")
        .order_by("session__on", "session__begins", "pk")
    )
    by_person: dict[tuple[int, object], list[Attendance]] = defaultdict(list)
    for row in rows:
        by_person[row.person, row.session.on].append(row)
    found = []
    for together in by_person.values():
        for place, first in enumerate(together):
            for second in together[place + 1 :]:
                both, ours = (first.session, second.session), held.pk in {first.session.training_class_id, second.session.training_class_id}
                if ours and both[0].training_class_id != both[1].training_class_id and both[0].ends > both[1].begins:
                    names = (first.name, first.title, both[0], second.title, both[1])  # type: ignore[attr-defined]
                    found.append(Flag("overlap", "{}同一时间在两处到课：{} {}；{} {}。".format(*names)))
    return found


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
    """Marked absent although the person had signed in, or the other way round."""
    rows = Attendance.objects.filter(session__training_class=held, changes__isnull=False).distinct()
    found = []
    for row in rows.select_related("session", "enrolment__person").prefetch_related("changes"):
        for change in row.changes.all():
            signed = change.source_before in {Source.QR, Source.PAPER} and change.before in EARNING
            if signed and change.after == AttendanceState.ABSENT:
                why = change.reason or "没有写原因"
                found.append(Flag("absent", f"{row.session} {row.enrolment.person.name}签到后被改为缺课（{change.by}，{why}）。"))
            elif change.source == Source.QR and change.before == change.after and row.state not in EARNING:
                found.append(Flag("absent", f"{row.session} {row.enrolment.person.name}记为{row.get_state_display()}，但本人扫了码。"))
    return found
