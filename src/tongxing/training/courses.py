"""Acts on courses: what is taught for a level, topic by topic (notice:3.1.1; facts §10: class hours of 45 minutes)."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.core.values import clean_text
from tongxing.policy import provisions

from .models import Course, CourseLevel, Session, Topic, TrainingClass
from .models.classes import OVER
from .rules import can_manage_at


class TopicLine(NamedTuple):
    """A line of a syllabus as it is written down."""

    title: str
    hours: int
    is_practice: bool = False


def hours_required(level: int, on: date | None = None) -> int:
    """The class hours that a course of this level must have at least (provision `training.hours_level_…`)."""
    return int(provisions.value(f"training.hours_level_{level}", on))


@transaction.atomic
def create_course(*, by: Actor, name: str, level: int, topics: Sequence[TopicLine], summary: str = "") -> Course:
    """A new course with its syllabus; refused when its class hours fall short of what the level asks for."""
    insist(can_manage_at(by, settings.PROGRAMME_AREA))
    if level not in CourseLevel.values:
        raise Refused("等级只有一级至四级，请重新选择。", code="bad_level", status=422)
    _judge(level, topics)
    try:
        with transaction.atomic():
            course = Course.objects.create(name=clean_text(name, longest=80), level=level, summary=clean_text(summary, longest=300))
    except IntegrityError:
        raise Refused(f"{CourseLevel(level).label}已有名为“{name}”的课程，请换一个名称。", code="course_exists") from None
    _write(course, topics)
    record("training.create_course", by=by, of=course, after={"level": level, "topics": _audited(topics)})
    return course


@transaction.atomic
def change_course(course: Course, *, by: Actor, topics: Sequence[TopicLine], summary: str, version: int) -> Course:
    """Another syllabus. Refused while a class that is not over plans sessions by the present one: its hours would lose their topics."""
    insist(can_manage_at(by, settings.PROGRAMME_AREA))
    course = Course.objects.select_for_update().get(pk=course.pk)
    if course.version != version:
        raise Refused("您打开表单之后，别人修改过这门课程，所以没有保存。请刷新后核对，再保存一次。", code="edit_conflict")
    before = [TopicLine(t.title, t.hours, t.is_practice) for t in course.topics.all()]
    if before != list(topics):
        _judge(course.level, topics)
        if Session.objects.filter(topic__course=course).exists():
            raise Refused("已有培训班按这份大纲排课，大纲不能再改。请停用这门课程，另建一门新课程。", code="course_in_use")
        try:
            course.topics.all().delete()
        except ProtectedError:
            raise Refused(
                "已有线上课件或班级按这份大纲安排，大纲不能再改。请停用这门课程，另建一门新课程。", code="course_in_use"
            ) from None
        _write(course, topics)
    course.summary, course.version = clean_text(summary, longest=300), course.version + 1
    course.save(update_fields=["summary", "version"])
    record("training.change_course", by=by, of=course, before={"topics": _audited(before)}, after={"topics": _audited(topics)})
    return course


@transaction.atomic
def retire_course(course: Course, *, by: Actor, reason: str = "") -> None:
    """No new classes of this course; refused while one is still going on."""
    insist(can_manage_at(by, settings.PROGRAMME_AREA))
    if course.retired_on:
        raise Refused("这门课程已经停用，请刷新页面。", code="retired")
    if TrainingClass.objects.filter(course=course).exclude(state__in=OVER).exists():
        raise Refused("还有没有结束的培训班使用这门课程，结业或取消后再停用。", code="course_in_use")
    course.retired_on = timezone.localdate()
    course.save(update_fields=["retired_on"])
    record("training.retire_course", by=by, of=course, after={"on": course.retired_on.isoformat()}, reason=reason)


def _judge(level: int, topics: Sequence[TopicLine]) -> None:
    if not topics:
        raise Refused("课程没有内容，请至少填写一行“内容，学时”。", code="no_topics", status=422)
    total, required = sum(topic.hours for topic in topics), hours_required(level)
    if total < required:
        raise Refused(
            f"各项内容合计 {total} 学时，少于{CourseLevel(level).label}要求的 {required} 学时。请补足内容，或核对政策参数。",
            code="too_few_hours",
            clause="notice:3.1.1",
            status=422,
        )


def _write(course: Course, topics: Sequence[TopicLine]) -> None:
    Topic.objects.bulk_create(
        Topic(course=course, position=place, title=line.title, hours=line.hours, is_practice=line.is_practice)
        for place, line in enumerate(topics, start=1)
    )


def _audited(topics: Sequence[TopicLine]) -> list[dict[str, Any]]:
    return [line._asdict() for line in topics]
