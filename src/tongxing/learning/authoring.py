"""Acts on lessons: make one from a text, a film or a PDF, put questions on the way, retire it, plan it for a class."""

from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.core.values import clean_text
from tongxing.files.store import keep
from tongxing.training.models import OnlineLesson, Provider, Topic, TrainingClass
from tongxing.training.online import plan_online

from .filming import pictures_of, seconds_of
from .models import ANSWERED, Checkpoint, Lesson, LessonKind, LessonPage, Progress, Question, QuestionState
from .rules import can_keep_lesson, can_make_lesson, insist

LONGEST_TEXT = 60_000


@transaction.atomic
def make_lesson(
    topic: Topic,
    *,
    by: Actor,
    area: Area,
    title: str,
    kind: str,
    minutes: int,
    provider: Provider | None = None,
    text: str = "",
    upload: "File[bytes] | None" = None,
) -> Lesson:
    """A new lesson of a topic. The minutes that count never exceed a film's own length."""
    insist(can_make_lesson(by, area.code, provider))
    lesson = Lesson(topic=topic, provider=provider, area=area, title=clean_text(title, longest=120), kind=kind, minutes=minutes)
    lesson.made_by, lesson.seconds = by.display_name[:60], minutes * 60
    if minutes < 1:
        raise Refused("计入分钟至少为 1。", code="no_minutes", status=422)
    if kind == LessonKind.TEXT:
        lesson.text = _text(text)
        lesson.save()
    else:
        _with_file(lesson, upload, by)
    record("learning.make_lesson", by=by, of=lesson, area_code=area.code, after={"kind": kind, "minutes": minutes, "topic": topic.title})
    return lesson


def _text(raw: str) -> str:
    text = raw.replace("\r\n", "\n").strip()
    if not text or len(text) > LONGEST_TEXT:
        raise Refused(f"请填写正文，最多 {LONGEST_TEXT} 字。", code="no_text", status=422)
    return text


def _with_file(lesson: Lesson, upload: "File[bytes] | None", by: Actor) -> None:
    if upload is None:
        raise Refused("请选择要上传的文件。", code="no_file", status=422)
    ending = (upload.name or "").rpartition(".")[2].lower()
    if ending not in (("mp4", "m4a", "webm") if lesson.kind == LessonKind.VIDEO else ("pdf",)):
        raise Refused("视频课请上传 MP4 或 WebM（也可以是 M4A 录音），课件请上传 PDF。", code="file_kind", status=422)
    facts: dict[str, Any] = {"purpose": "learning.lesson", "by": by, "area_code": lesson.area_id, "opens_with": "learning.view"}
    lesson.file = keep(upload, name=upload.name or "", **facts)
    if lesson.kind == LessonKind.VIDEO:
        with lesson.file.open() as source:
            lesson.seconds = seconds_of(source)
        if lesson.minutes * 60 > lesson.seconds + 59:
            long = f"{lesson.seconds // 60} 分 {lesson.seconds % 60} 秒"
            raise Refused(f"视频只有 {long}，不能计 {lesson.minutes} 分钟。请改小计入分钟。", code="too_many_minutes", status=422)
        lesson.save()
        return
    with lesson.file.open() as source:
        pictures = pictures_of(source.read())
    lesson.save()
    files = [keep(picture, name=f"{number}.png", **facts) for number, picture in enumerate(pictures, start=1)]
    LessonPage.objects.bulk_create(LessonPage(lesson=lesson, number=number, file=file) for number, file in enumerate(files, start=1))


@transaction.atomic
def add_checkpoint(lesson: Lesson, question: Question, *, by: Actor, second: int) -> Checkpoint:
    """Put a question on the way. Refused once somebody studies the lesson: all have the same way to go."""
    held = _changeable(lesson, by)
    if question.state != QuestionState.IN_USE or question.kind not in ANSWERED or question.case_id:
        raise Refused("随堂题只能选在用的单选、多选或判断题，请另选。", code="bad_question", status=422)
    if not 0 < second < held.seconds:
        raise Refused(f"位置应在开头与结尾（{held.seconds // 60} 分 {held.seconds % 60} 秒）之间，请核对。", code="bad_place", status=422)
    if held.checkpoints.filter(second=second).exists():
        raise Refused("这个位置已有一道随堂题，请换一个位置。", code="place_taken")
    row = Checkpoint.objects.create(lesson=held, question=question, second=second)
    record("learning.add_checkpoint", by=by, of=held, after={"second": second, "question": question.code})
    return row


@transaction.atomic
def drop_checkpoint(checkpoint: Checkpoint, *, by: Actor) -> None:
    held = _changeable(checkpoint.lesson, by)
    record("learning.drop_checkpoint", by=by, of=held, before={"second": checkpoint.second, "question": checkpoint.question.code})
    checkpoint.delete()


def _changeable(lesson: Lesson, by: Actor) -> Lesson:
    held = Lesson.objects.select_for_update(of=("self",)).select_related("provider").get(pk=lesson.pk)
    insist(can_keep_lesson(by, held))
    if Progress.objects.filter(lesson=held).exists():
        raise Refused("已有学员在学这节课，随堂题不能再改。请另做一节课，停用这一节。", code="studied")
    return held


@transaction.atomic
def change_lesson(lesson: Lesson, *, by: Actor, title: str, text: str = "") -> Lesson:
    """Mend the title, and the words of a text; length and file stay, so that what was studied stays true."""
    held = Lesson.objects.select_for_update(of=("self",)).select_related("provider").get(pk=lesson.pk)
    insist(can_keep_lesson(by, held))
    before = {"title": held.title, "length": len(held.text)}
    held.title, held.version = clean_text(title, longest=120), held.version + 1
    if held.kind == LessonKind.TEXT:
        held.text = _text(text)
    held.save(update_fields=["title", "text", "version"])
    record("learning.change_lesson", by=by, of=held, before=before, after={"title": held.title, "length": len(held.text)})
    return held


@transaction.atomic
def retire_lesson(lesson: Lesson, *, by: Actor) -> None:
    """No new class may plan it; who studies it goes on."""
    held = Lesson.objects.select_for_update(of=("self",)).select_related("provider").get(pk=lesson.pk)
    insist(can_keep_lesson(by, held))
    if held.retired_on:
        raise Refused("这节课已经停用，请刷新页面。", code="retired")
    held.retired_on, held.version = timezone.localdate(), held.version + 1
    held.save(update_fields=["retired_on", "version"])
    record("learning.retire_lesson", by=by, of=held, after={"on": held.retired_on.isoformat()})


def plan_for_class(lesson: Lesson, training_class: TrainingClass, *, by: Actor) -> OnlineLesson:
    """Put the lesson into the plan of a class: training judges who may and counts its minutes."""
    if lesson.retired_on:
        raise Refused("这节课已经停用，请另选。", code="retired")
    if lesson.provider_id and lesson.provider_id != training_class.provider_id:
        raise Refused("这节课是别的机构做的，请另选。", code="foreign", status=422)
    return plan_online(training_class, lesson.topic, by=by, key=lesson.uid, title=lesson.title, minutes=lesson.minutes)
