"""Nobody teaches, and no room is used, and nobody sits in two sessions at one time."""

from collections.abc import Iterable
from datetime import date, time

from django.db.models import QuerySet

from .models import Enrolment, Room, Session, Trainer, TrainingClass
from .models.classes import OVER, ClassState
from .models.enrolments import PLACE_HELD


def overlapping(on: date, begins: time, ends: time) -> "QuerySet[Session]":
    """Sessions of classes that take place which overlap these hours; one that ends when the other begins does not."""
    held = Session.objects.filter(on=on, begins__lt=ends, ends__gt=begins).exclude(training_class__state=ClassState.CANCELLED)
    return held.select_related("training_class", "trainer", "room")


def clashes_of(
    training_class: TrainingClass, on: date, begins: time, ends: time, trainer: Trainer | None, room: Room | None, but: int | None = None
) -> list[str]:
    """What stands against a session at this time, in Chinese sentences: the class itself, the trainer, the room, trainees."""
    others = [session for session in overlapping(on, begins, ends) if session.pk != but]
    found = []
    for other in others:
        where = f"{other.training_class.title} {other}"
        if other.training_class_id == training_class.pk:
            found.append(f"本班这个时间已有课（{other}）。")
        if trainer and other.trainer_id == trainer.pk:
            found.append(f"教师{trainer}这个时间在上课：{where}。")
        if room and other.room_id == room.pk:
            found.append(f"教室{room}这个时间已被占用：{where}。")
    return found + _trainees_twice(training_class, others)


def _trainees_twice(training_class: TrainingClass, others: list[Session]) -> list[str]:
    classes = {session.training_class_id for session in others} - {training_class.pk}
    if not classes:
        return []
    mine = training_class.enrolments.holding_places().values("person_id")
    rows = Enrolment.objects.filter(training_class_id__in=classes, state__in=PLACE_HELD, person_id__in=mine)
    names = sorted(set(rows.values_list("person__name", flat=True)))
    if not names:
        return []
    shown = "、".join(names[:5]) + (f"等 {len(names)} 人" if len(names) > 5 else "")
    return [f"学员{shown}这个时间在另一个班上课。"]


def clashes_within(training_class: TrainingClass) -> list[str]:
    """All clashes of a class's sessions as they stand; one query for the sessions of the same days, whatever their number."""
    mine = list(training_class.sessions.select_related("trainer", "room"))
    if not mine:
        return []
    days = {session.on for session in mine}
    others = Session.objects.filter(on__in=days).exclude(training_class__state=ClassState.CANCELLED).exclude(training_class=training_class)
    found: list[str] = []
    met: list[Session] = []
    for other in others.select_related("training_class"):
        for session in mine:
            if session.on != other.on or session.begins >= other.ends or session.ends <= other.begins:
                continue
            met.append(other)
            if session.trainer_id and session.trainer_id == other.trainer_id:
                found.append(f"冲突：{session} 教师{session.trainer}在“{other.training_class}”上课。")
            if session.room_id and session.room_id == other.room_id:
                found.append(f"冲突：{session} 教室{session.room}已被“{other.training_class}”占用。")
    return found + _trainees_twice(training_class, met)


def classes_in_the_way(person_ids: Iterable[int], training_class: TrainingClass) -> dict[int, str]:
    """Person → title of another class whose sessions overlap this one's and in which the person holds a place."""
    mine = list(training_class.sessions.all())
    days = {session.on for session in mine}
    if not days:
        return {}
    others = Session.objects.filter(on__in=days).exclude(training_class=training_class).exclude(training_class__state__in=OVER)
    titles = {
        other.training_class_id: other.training_class.title
        for other in others.select_related("training_class")
        if any(session.on == other.on and session.begins < other.ends and session.ends > other.begins for session in mine)
    }
    rows = Enrolment.objects.filter(training_class_id__in=titles, state__in=PLACE_HELD, person_id__in=list(person_ids))
    return {person: titles[held] for person, held in rows.values_list("person_id", "training_class_id")}
