"""Mock examinations: the list, one with its blueprint and figures, its attempts, and the acts on it."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Avg, Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.core.listing import Column, Filter, ListPage
from tongxing.learning import examining
from tongxing.learning.banking import bank_version
from tongxing.learning.drawing import RULE, paper_of
from tongxing.learning.forms.bank import ExamForm, LineForm
from tongxing.learning.forms.lessons import area_of, county_of
from tongxing.learning.models import Attempt, BlueprintLine, Exam, ExamState
from tongxing.learning.rules import can_keep_exam, insist
from tongxing.registry.views.act_page import act_page, posted
from tongxing.registry.views.people_list import search_people
from tongxing.training.models import CourseLevel

from .found import seen_exam

TONES: dict[str, str] = {ExamState.DRAFT: "amber", ExamState.OPEN: "teal", ExamState.CLOSED: "grey"}
DONE = Q(sittings__submitted_at__isnull=False)


class ExamList(ListPage):
    key = "learning.exams"
    title = "模拟考试"
    intro = "按命题蓝图从题库抽题；种子公开，谁都能重新抽出同一份试卷。"
    permission = "learning.view"
    export_permission = "registry.export"
    search_hint = "名称"
    default_sort = "-created_at"
    empty = ("还没有模拟考试", "新建一场，写好蓝图后开放。", "learning:exam-new", "新建模拟考试")
    columns = (
        Column("title", "名称", value=lambda e: e.title, link=lambda e: reverse("learning:exam", args=[e.uid]), sort="title", width=36),
        Column("state", "状态", value=lambda e: e.get_state_display(), tone=lambda e: TONES[e.state], sort="state"),
        Column("level", "等级", value=lambda e: e.get_level_display(), sort="level", width=8),
        Column("class", "培训班", value=lambda e: e.training_class.title if e.training_class else "不限班级", width=30),
        Column("minutes", "时限", value=lambda e: e.minutes, sort="minutes", numeric=True, width=8),
        Column("sat", "交卷", value=lambda e: e.sat, sort="sat", numeric=True, width=8),
        Column("passed", "合格", value=lambda e: e.passed, sort="passed", numeric=True, width=8),
        Column("closes_on", "截止", value=lambda e: e.closes_on, sort="closes_on"),
        Column("created_at", "建立", value=lambda e: e.created_at, sort="created_at", default=False),
    )
    filters = (Filter.choice("state", "状态", ExamState.choices), Filter.choice("level", "等级", CourseLevel.choices))
    actions = (("新建模拟考试", "learning:exam-new", "learning.teach"),)

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        rows = Exam.objects.visible_to(user_of(request)).select_related("training_class")
        return rows.annotate(sat=Count("sittings", filter=DONE), passed=Count("sittings", filter=Q(sittings__passed=True)))

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        return rows.filter(title__icontains=text.strip())


def _result(attempt: Attempt) -> str | None:
    return reverse("learning:check", args=[attempt.uid]) if attempt.submitted_at else None


def _said(attempt: Attempt) -> str:
    return "在考" if attempt.submitted_at is None else "合格" if attempt.passed else "不合格"


def _tone(attempt: Attempt) -> str:
    return "amber" if attempt.submitted_at is None else "green" if attempt.passed else "red"


class AttemptList(ListPage):
    key = "learning.attempts"
    title = "答卷"
    permission = "learning.view"
    export_permission = "registry.export"
    search_hint = "姓名、拼音首字母、证件号、手机号"
    default_sort = "-started_at"
    empty = ("还没有人考", "开放以后，学员在“我的学习”里开始。", "", "")
    columns = (
        Column("person", "姓名", value=lambda a: a.person.name, link=_result, sort="person__name"),
        Column("number", "第几次", value=lambda a: a.number, sort="number", numeric=True, width=8),
        Column("started_at", "开始", value=lambda a: a.started_at, sort="started_at"),
        Column("submitted_at", "交卷", value=lambda a: a.submitted_at, sort="submitted_at"),
        Column("points", "得分", value=lambda a: a.points, sort="points", numeric=True, width=8),
        Column("total", "满分", value=lambda a: a.total, numeric=True, width=8),
        Column("passed", "结果", value=_said, tone=_tone, sort="passed", width=10),
        Column("area", "区划", value=lambda a: a.person.area.short_name, sort="person__area_id", default=False),
    )
    filters = (Filter.flag("passed", "合格"),)

    def prepare(self, request: HttpRequest, **kwargs: Any) -> None:
        self.exam = seen_exam(request, kwargs["uid"])
        self.title = f"答卷：{self.exam.title}"

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        return Attempt.objects.filter(exam=self.exam).select_related("person__area")

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        return search_people(rows, text, "person__")


@requires("learning.view")
@require_GET
def exam(request: HttpRequest, uid: UUID) -> HttpResponse:
    found, user = seen_exam(request, uid), user_of(request)
    lines = list(found.blueprint.all())
    draft = found.state == ExamState.DRAFT
    short = paper_of(found, "", bank_version())[1] if draft else []
    sat = found.sittings.filter(submitted_at__isnull=False)
    context = {
        "exam": found,
        "tone": TONES[found.state],
        "lines": lines,
        "total": sum(line.count * line.points for line in lines if line.kind != "case"),
        "has_cases": any(line.kind == "case" for line in lines),
        "short": examining.shortage(found, short),
        "figures": sat.aggregate(number=Count("pk"), passed=Count("pk", filter=Q(passed=True)), mean=Avg("points")),
        "running": found.sittings.filter(submitted_at=None).count(),
        "rule": RULE,
        "may_keep": user.may("learning.teach") and bool(can_keep_exam(user, found)),
    }
    return render(request, "learning/exam.html", context)


@requires("learning.teach")
def exam_new(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    form = ExamForm(posted(request), user=user)

    def run(values: dict[str, Any]) -> str:
        held = values["training_class"]
        area = area_of(held.provider) if held else county_of(user, "learning.teach", settings.PROGRAMME_AREA)
        made = examining.make_exam(by=user, area=held.area if held else area, **values)
        return reverse("learning:exam", args=[made.uid])

    return act_page(
        request, form, run=run, back="", title="新建模拟考试", done="已建好，接着写命题蓝图。", submit="新建", clause="notice:3.1.4"
    )


@requires("learning.teach")
def line_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = seen_exam(request, uid)
    insist(can_keep_exam(user_of(request), found))
    return act_page(
        request,
        LineForm(posted(request)),
        run=lambda v: examining.add_line(found, by=user_of(request), **v),
        back=reverse("learning:exam", args=[uid]),
        title=f"加蓝图：{found.title}",
        done="已加上。",
        submit="加上",
    )


@requires("learning.teach")
@require_POST
def line_drop(request: HttpRequest, pk: int) -> HttpResponse:
    seen = Exam.objects.visible_to(user_of(request))
    line = get_object_or_404(BlueprintLine.objects.filter(exam__in=seen).select_related("exam"), pk=pk)
    examining.drop_line(line, by=user_of(request))
    return redirect("learning:exam", line.exam.uid)


@requires("learning.teach")
@require_POST
def exam_move(request: HttpRequest, uid: UUID, act: str) -> HttpResponse:
    """`open` (with a seed that was drawn elsewhere, if wished) or `close`; what the rules refuse is said on the page."""
    found, user = seen_exam(request, uid), user_of(request)
    try:
        if act == "open":
            examining.open_exam(found, by=user, seed=request.POST.get("seed", ""))
            messages.success(request, "已开放，种子已公布。")
        else:
            examining.close_exam(found, by=user)
            messages.success(request, "已结束：不再接受新的答卷，正在答的可以答完。")
    except Refused as refused:
        if refused.status == 403:
            raise
        messages.error(request, refused.message)
    return redirect("learning:exam", uid)
