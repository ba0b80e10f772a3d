"""Lessons: the list, one lesson with its questions on the way, making, retiring."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.listing import Column, Filter, ListPage
from tongxing.learning import authoring
from tongxing.learning.forms.lessons import CheckpointForm, LessonEditForm, LessonForm, county_of
from tongxing.learning.models import Checkpoint, Lesson, LessonKind
from tongxing.learning.rules import can_keep_lesson, insist
from tongxing.learning.standing import users_of
from tongxing.registry.views.act_page import act_page, posted
from tongxing.training.models import CourseLevel

from .found import seen_lesson
from .own import content_of


class LessonList(ListPage):
    key = "learning.lessons"
    title = "线上课件"
    intro = "视频、PDF 和图文；列入培训班以后，学员学完才计学时。"
    permission = "learning.view"
    export_permission = "registry.export"
    search_hint = "课名"
    default_sort = "title"
    empty = ("还没有线上课件", "先做一节课，再到培训班的“线上学习”里列入。", "learning:lesson-new", "制作课件")
    columns = (
        Column("title", "课名", value=lambda r: r.title, link=lambda r: reverse("learning:lesson", args=[r.uid]), sort="title", width=40),
        Column("kind", "形式", value=lambda r: r.get_kind_display(), sort="kind"),
        Column("minutes", "计入分钟", value=lambda r: r.minutes, sort="minutes", numeric=True, width=10),
        Column("topic", "课程内容", value=lambda r: r.topic.title, sort="topic__title", width=28),
        Column("level", "等级", value=lambda r: r.topic.course.get_level_display(), sort="topic__course__level", width=8),
        Column("provider", "机构", value=lambda r: r.provider.organisation.name if r.provider else "人社部门", width=30),
        Column("begun", "在学和学完", value=lambda r: r.begun, sort="begun", numeric=True, width=10),
        Column("state", "状态", value=lambda r: "停用" if r.retired_on else "在用", tone=lambda r: "grey" if r.retired_on else "teal"),
    )
    filters = (
        Filter.choice("kind", "形式", LessonKind.choices),
        Filter.choice("level", "等级", CourseLevel.choices, field="topic__course__level"),
    )
    actions = (("制作课件", "learning:lesson-new", "learning.teach"),)

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        rows = Lesson.objects.visible_to(user_of(request)).select_related("topic__course", "provider__organisation")
        return rows.annotate(begun=Count("progress"))

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        return rows.filter(title__icontains=text.strip())


@requires("learning.view")
@require_GET
def lesson(request: HttpRequest, uid: UUID) -> HttpResponse:
    found, user = seen_lesson(request, uid), user_of(request)
    counts = users_of(found)
    context = {
        "lesson": found,
        "counts": counts,
        "may_keep": user.may("learning.teach") and bool(can_keep_lesson(user, found)),
        "may_ask": user.may("learning.questions") and not counts.get("begun"),
        "checkpoints": found.checkpoints.select_related("question"),
        **content_of(found),
    }
    return render(request, "learning/lesson.html", context)


@requires("learning.teach")
def lesson_new(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    form = LessonForm(posted(request), request.FILES or None, user=user)

    def run(values: dict[str, Any]) -> str:
        area = county_of(user, "learning.teach", settings.PROGRAMME_AREA)
        made = authoring.make_lesson(values["topic"], by=user, **form.facts(area))
        return reverse("learning:lesson", args=[made.uid])

    hint = "做好以后列入培训班。视频和 PDF 只给本班学员在页面里看。"
    return act_page(request, form, run=run, back="", title="制作线上课件", hint=hint, done="已保存。", submit="保存", clause="notice:3.1.1")


@requires("learning.teach")
def lesson_edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = seen_lesson(request, uid)
    insist(can_keep_lesson(user_of(request), found))
    return act_page(
        request,
        LessonEditForm(posted(request), lesson=found),
        run=lambda v: authoring.change_lesson(found, by=user_of(request), **v),
        back=reverse("learning:lesson", args=[uid]),
        title=f"修改：{found.title}",
        hint="时长和文件不能改；要换文件，请另做一节课，停用这一节。",
        done="已保存。",
        watched=lambda: [found],
    )


@requires("learning.teach")
@require_POST
def lesson_retire(request: HttpRequest, uid: UUID) -> HttpResponse:
    authoring.retire_lesson(seen_lesson(request, uid), by=user_of(request))
    messages.success(request, "已停用：不能再列入新的班，正在学的不受影响。")
    return redirect("learning:lesson", uid)


@requires("learning.questions")
def checkpoint_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = seen_lesson(request, uid)
    insist(can_keep_lesson(user_of(request), found))
    return act_page(
        request,
        CheckpointForm(posted(request), lesson=found),
        run=lambda v: authoring.add_checkpoint(found, v["question"], by=user_of(request), second=v["minute"] * 60 + v["second"]),
        back=reverse("learning:lesson", args=[uid]),
        title=f"加随堂题：{found.title}",
        hint="学员学到这个位置，答对了才能往下学。",
        done="已加上。",
        submit="加上",
    )


@requires("learning.questions")
@require_POST
def checkpoint_drop(request: HttpRequest, pk: int) -> HttpResponse:
    seen = Lesson.objects.visible_to(user_of(request))
    row = get_object_or_404(Checkpoint.objects.filter(lesson__in=seen).select_related("lesson", "question"), pk=pk)
    authoring.drop_checkpoint(row, by=user_of(request))
    messages.success(request, "已去掉。")
    return redirect("learning:lesson", row.lesson.uid)
