"""Acts on online lessons of a class: plan one, drop one, credit what was studied. Called by the room that holds the lessons."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused

from .holding import locked
from .models import ClassState, Enrolment, EnrolmentState, Mode, OnlineCredit, OnlineLesson, Topic, TrainingClass
from .models.classes import PLANNABLE
from .rules import can_run


@transaction.atomic
def plan_online(training_class: TrainingClass, topic: Topic, *, by: Actor, key: UUID, title: str, minutes: int) -> OnlineLesson:
    """Put a lesson into the plan of a class under a topic of its syllabus; its minutes count as planned from now on."""
    held = _plannable(training_class, by)
    if held.mode == Mode.OFFLINE:
        raise Refused("这个班是线下班，不能安排线上课。请先在班级信息里把方式改为线上或线上线下结合。", code="offline")
    if topic.course_id != held.course_id:
        raise Refused("这节课的内容不在本班课程的大纲里，请另选。", code="foreign", status=422)
    if minutes < 1:
        raise Refused("线上课至少 1 分钟，请核对时长。", code="no_minutes", status=422)
    if held.online_lessons.filter(key=key).exists():
        raise Refused(f"“{title}”已经在这个班的线上课里，不必再加。", code="planned")
    row = OnlineLesson.objects.create(training_class=held, topic=topic, key=key, title=title[:120], minutes=minutes)
    record("training.plan_online", by=by, of=held, after={"lesson": row.title, "topic": topic.title, "minutes": minutes})
    return row


@transaction.atomic
def drop_online(lesson: OnlineLesson, *, by: Actor) -> None:
    """Take a lesson out of the plan; refused once somebody has credit for it."""
    held = _plannable(lesson.training_class, by)
    if lesson.credits.exists():
        raise Refused(f"已有学员学完“{lesson}”并计入学时，不能再从班里去掉。", code="credited")
    record("training.drop_online", by=by, of=held, before={"lesson": lesson.title, "minutes": lesson.minutes})
    lesson.delete()


@transaction.atomic
def credit_online_minutes(enrolment: Enrolment, key: UUID, minutes: int, *, by: Actor) -> OnlineCredit:
    """Credit what a trainee has studied of the lesson `key`, under the topic that the plan names, never more than the plan's minutes.

    Idempotent: once per enrolment and lesson; a later call may only raise the minutes. Only while the class is running.
    """
    held = locked(enrolment.training_class)
    row = Enrolment.objects.select_for_update(of=("self",)).get(pk=enrolment.pk)
    if not (isinstance(by, User) and by.person_id == row.person_id and by.may("training.own")):
        insist(can_run(by, held))
    lesson = held.online_lessons.filter(key=key).first()
    if lesson is None:
        raise Refused("这节课不在本班的线上课里，不能计学时。请刷新页面。", code="not_planned")
    if held.state != ClassState.RUNNING or row.state != EnrolmentState.ADMITTED:
        raise Refused("只有开班期间的在班学员才计线上学时。", code="not_running")
    earned = max(0, min(minutes, lesson.minutes))
    credit, fresh = OnlineCredit.objects.get_or_create(lesson=lesson, enrolment=row, defaults={"minutes": earned})
    before = 0 if fresh else credit.minutes
    if earned > before and not fresh:
        credit.minutes, credit.at = earned, timezone.now()
        credit.save(update_fields=["minutes", "at"])
    if fresh or earned > before:
        record("training.credit_online", by=by, of=row, before={"minutes": before}, after={"lesson": lesson.title, "minutes": earned})
    return credit


def _plannable(training_class: TrainingClass, by: Actor) -> TrainingClass:
    held = locked(training_class)
    insist(can_run(by, held))
    if held.state not in PLANNABLE:
        raise Refused(f"这个班现在是“{held.get_state_display()}”，不能安排线上课。", code="not_plannable")
    return held
