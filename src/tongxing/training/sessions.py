"""Acts on sessions (课次): plan, move, drop, without anybody or any room being in two places at once."""

from datetime import date, datetime, time, timedelta
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone

from tongxing.accounts.holders import accounts_of_people
from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.notices import inbox
from tongxing.policy import provisions

from .clashes import clashes_of
from .holding import locked
from .models import Room, Session, Topic, Trainer, TrainingClass
from .models.classes import PLANNABLE, ClassState
from .rules import can_run
from .telling import own_address


class SessionFacts(TypedDict):
    """When, what, by whom, where."""

    on: date
    begins: time
    ends: time
    hours: int
    topic: Topic | None
    trainer: Trainer | None
    room: Room | None
    is_online: bool


def hours_between(begins: time, ends: time, on: date | None = None) -> int:
    """Whole class hours that fit into a time (provision `training.minutes_per_hour`; facts §10: 45 minutes)."""
    day = on or timezone.localdate()
    minutes = (datetime.combine(day, ends) - datetime.combine(day, begins)).total_seconds() / 60
    return int(minutes // int(provisions.value("training.minutes_per_hour", on)))


@transaction.atomic
def plan_session(training_class: TrainingClass, *, by: Actor, **facts: Unpack[SessionFacts]) -> Session:
    """Add a session. Refused outside the class's days, for more class hours than its time holds, and for any clash."""
    held = _plannable(training_class, by)
    values = dict(facts)
    _judge(held, values)
    session = Session.objects.create(training_class=held, **values)
    record("training.plan_session", by=by, of=session, after=_audited(session))
    return session


@transaction.atomic
def move_session(session: Session, *, by: Actor, reason: str = "", **facts: Unpack[SessionFacts]) -> Session:
    """Change a session; once the class was let through the trainees are told. Refused when attendance stands already."""
    held = _plannable(session.training_class, by)
    session = Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
    if session.attendance.exists():
        raise Refused("这次课已经有考勤记录，不能再改。", code="attended")
    values = dict(facts)
    _judge(held, values, but=session.pk)
    before = _audited(session)
    for field, value in values.items():
        setattr(session, field, value)
    session.save(update_fields=list(values))
    record("training.move_session", by=by, of=session, before=before, after=_audited(session), reason=reason)
    _tell(held, f"调课：{held.title}", f"{before['when']} 的课改为 {session}。{reason}")
    return session


@transaction.atomic
def drop_session(session: Session, *, by: Actor, reason: str = "") -> None:
    held = _plannable(session.training_class, by)
    if session.attendance.exists():
        raise Refused("这次课已经有考勤记录，不能删除。", code="attended")
    record("training.drop_session", by=by, of=session, before=_audited(session), reason=reason)
    _tell(held, f"课次取消：{held.title}", f"{session} 的课取消。{reason}")
    session.delete()


def shift_sessions(held: TrainingClass, days: int) -> None:
    """All sessions so many days later, as the class was postponed; clashes stop the filing (filing.py)."""
    moved = list(held.sessions.all())
    for session in moved:
        session.on += timedelta(days=days)
    Session.objects.bulk_update(moved, ["on"])


def _plannable(training_class: TrainingClass, by: Actor) -> TrainingClass:
    held = locked(training_class)
    insist(can_run(by, held))
    if held.state not in PLANNABLE:
        raise Refused(f"这个班现在是“{held.get_state_display()}”，不能排课或调课。", code="not_plannable")
    return held


def _judge(held: TrainingClass, facts: dict[str, Any], but: int | None = None) -> None:
    on, begins, ends, trainer, room = facts["on"], facts["begins"], facts["ends"], facts["trainer"], facts["room"]
    if ends <= begins:
        raise Refused("结束时间应晚于开始时间，请核对。", code="bad_times", status=422)
    if not held.starts_on <= on <= held.ends_on:
        raise Refused(f"课次应在 {held.starts_on} 至 {held.ends_on} 之间，请核对日期。", code="outside_class", status=422)
    fitting = hours_between(begins, ends, on)
    if not 1 <= facts["hours"] <= fitting:
        raise Refused(f"这段时间最多合 {fitting} 学时（每学时 45 分钟），请核对学时或起止时间。", code="too_many_hours", status=422)
    _judge_parts(held, facts["topic"], trainer, room)
    # Two classes that plan at once would both find the trainer free: their rows are held until the end.
    if trainer:
        Trainer.objects.select_for_update().get(pk=trainer.pk)
    if room:
        Room.objects.select_for_update().get(pk=room.pk)
    clashes = clashes_of(held, on, begins, ends, trainer, room, but=but)
    if clashes:
        raise Refused("时间冲突：" + "".join(clashes) + "请改时间，或换教师、教室。", code="clash")


def _judge_parts(held: TrainingClass, topic: Topic | None, trainer: Trainer | None, room: Room | None) -> None:
    for thing in (trainer, room):
        if thing and (thing.provider_id != held.provider_id or not thing.is_active):
            raise Refused(f"“{thing}”不属于这家机构或已停用，请另选。", code="foreign", status=422)
    if topic and topic.course_id != held.course_id:
        raise Refused("所选内容不在这门课程的大纲里，请另选。", code="foreign", status=422)
    if room and room.seats < held.capacity:
        raise Refused(f"教室{room}有 {room.seats} 个座位，少于名额 {held.capacity}，请换一间。", code="room_too_small")


def _audited(session: Session) -> dict[str, Any]:
    return {
        "when": str(session),
        "hours": session.hours,
        "topic": str(session.topic or ""),
        "trainer": str(session.trainer or ""),
        "room": "线上" if session.is_online else str(session.room or ""),
    }


def _tell(held: TrainingClass, title: str, body: str) -> None:
    if held.state in {ClassState.APPROVED, ClassState.RUNNING}:
        people = accounts_of_people(held.enrolments.holding_places().values_list("person_id", flat=True))
        inbox.tell(people, title=title, body=body, url=own_address(held), kind="warning")
