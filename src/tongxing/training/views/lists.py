"""The lists of classes, of people in classes, of providers and of courses."""

from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts.requests import user_of
from tongxing.core.listing import Bulk, Column, Filter, ListPage
from tongxing.registry.views.act_page import uid_of
from tongxing.registry.views.people_list import search_people
from tongxing.training.figures import year_plan
from tongxing.training.models import (
    ClassState,
    Course,
    CourseLevel,
    Eligibility,
    Enrolment,
    EnrolmentState,
    Funding,
    Mode,
    Provider,
    TrainingClass,
)
from tongxing.training.models.classes import left_open
from tongxing.training.models.enrolments import PLACE_HELD

CLASS_TONES: dict[str, str] = {
    ClassState.DRAFT: "grey",
    ClassState.FILED: "amber",
    ClassState.RETURNED: "red",
    ClassState.APPROVED: "teal",
    ClassState.RUNNING: "teal",
    ClassState.FINISHED: "green",
    ClassState.ARCHIVED: "grey",
    ClassState.CANCELLED: "red",
    ClassState.POSTPONED: "amber",
}
ENROLMENT_TONES: dict[str, str] = {
    EnrolmentState.INVITED: "grey",
    EnrolmentState.APPLIED: "amber",
    EnrolmentState.WAITING: "amber",
    EnrolmentState.ADMITTED: "teal",
    EnrolmentState.COMPLETED: "green",
    EnrolmentState.INCOMPLETE: "red",
    EnrolmentState.WITHDRAWN: "grey",
    EnrolmentState.REFUSED: "red",
}


def with_places(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """With how many hold a place and how many wait."""
    held = Enrolment.objects.filter(training_class=OuterRef("pk")).order_by().values("training_class")
    taken = held.filter(state__in=PLACE_HELD).annotate(n=Count("pk")).values("n")
    waiting = held.filter(state__in=(EnrolmentState.WAITING, EnrolmentState.APPLIED)).annotate(n=Count("pk")).values("n")
    annotated: QuerySet[Any] = rows.annotate(taken=Coalesce(Subquery(taken), 0), waiting=Coalesce(Subquery(waiting), 0))
    return annotated


def _by_year(rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
    return rows.filter(starts_on__year=int(value))


def _by_over(rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
    return rows.filter(left_open(timezone.localdate())) if value == "1" else rows


def _years(request: HttpRequest) -> list[tuple[int, str]]:
    this = timezone.localdate().year
    return [(year, f"{year} 年") for year in range(this + 1, this - 6, -1)]


class ClassList(ListPage):
    key = "training.classes"
    title = "培训班"
    permission = "training.view"
    export_permission = "registry.export"
    search_hint = "班名、承办机构"
    default_sort = "-starts_on"
    empty = ("还没有培训班", "先登记培训机构和课程，再新建培训班。", "training:class-new", "新建培训班")
    above = "training/plan.html"
    columns = (
        Column("title", "班名", value=lambda c: c.title, link=lambda c: reverse("training:class", args=[c.uid]), sort="title", width=40),
        Column("state", "状态", value=lambda c: c.get_state_display(), tone=lambda c: CLASS_TONES[c.state], sort="state", width=12),
        Column("starts_on", "开班", value=lambda c: c.starts_on, sort="starts_on"),
        Column("ends_on", "结束", value=lambda c: c.ends_on, sort="ends_on"),
        Column("level", "等级", value=lambda c: c.course.get_level_display(), sort="course__level", width=8),
        Column("provider", "承办机构", value=lambda c: c.provider.organisation.name, sort="provider__organisation__name", width=36),
        Column("taken", "已录取", value=lambda c: c.taken, sort="taken", numeric=True, width=10),
        Column("capacity", "名额", value=lambda c: c.capacity, sort="capacity", numeric=True, width=10),
        Column("waiting", "待录取", value=lambda c: c.waiting, sort="waiting", numeric=True, width=10),
        Column("mode", "方式", value=lambda c: c.get_mode_display(), sort="mode", default=False),
        Column("area", "主管区划", value=lambda c: c.area.short_name, sort="area_id", default=False),
        Column("place", "地点", value=lambda c: c.place, default=False, width=30),
        Column("code", "班级代码", value=lambda c: c.code, default=False),
        Column("review_due_on", "审核期限", value=lambda c: c.review_due_on, sort="review_due_on", default=False),
    )
    filters = (
        Filter.choice("state", "状态", ClassState.choices),
        Filter.custom("over", "到期未结业", [("1", "是")], apply=_by_over),
        Filter.custom("year", "年度", _years, apply=_by_year),
        Filter.choice("level", "等级", CourseLevel.choices, field="course__level"),
        Filter.choice("mode", "方式", Mode.choices),
        Filter.area("area", "主管区划"),
        Filter.days("starts", "开班日期", field="starts_on", quiet=True),
    )
    actions = (
        ("新建培训班", "training:class-new", "training.run"),
        ("培训机构", "training:providers", "training.view"),
        ("课程", "training:courses", "training.view"),
        ("学员", "training:people", "training.view"),
    )

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        return with_places(TrainingClass.objects.visible_to(user_of(request)).select_related("course", "provider__organisation", "area"))

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        return rows.filter(Q(title__icontains=text) | Q(provider__organisation__name__icontains=text) | Q(code=text))

    def context(self, request: HttpRequest) -> dict[str, Any]:
        user = user_of(request)
        roots = user.scope("training.view").roots
        return {"plans": [year_plan(root, timezone.localdate().year) for root in roots[:3]]}


class PeopleList(ListPage):
    """People in classes; with ?class= those of one class, on which bulk acts work."""

    key = "training.people"
    title = "参训人员"
    permission = "training.view"
    export_permission = "registry.export"
    search_hint = "姓名、拼音首字母、证件号、手机号"
    default_sort = "applied_at"
    empty = ("还没有人报名", "在培训班页面添加学员、开放报名，或从缺口清单邀请。", "training:classes", "培训班")
    frame = ("class",)
    bulk = (Bulk("录取", "training:admit", permission="training.run"),)
    columns = (
        Column(
            "person", "姓名", value=lambda e: e.person.name, link=lambda e: reverse("training:enrolment", args=[e.uid]), sort="person__name"
        ),
        Column("state", "状态", value=lambda e: e.get_state_display(), tone=lambda e: ENROLMENT_TONES[e.state], sort="state"),
        Column("serial", "学号", value=lambda e: e.serial, sort="serial", numeric=True, width=8),
        Column("class", "培训班", value=lambda e: e.training_class.title, sort="training_class__title", width=36),
        Column(
            "organisation", "报送单位", value=lambda e: e.organisation.name if e.organisation else "", sort="organisation__name", width=32
        ),
        Column("funding", "费用", value=lambda e: e.get_funding_display(), sort="funding"),
        Column("applied_at", "报名时间", value=lambda e: e.applied_at, sort="applied_at"),
        Column("area", "区划", value=lambda e: e.person.area.short_name, sort="person__area_id"),
        Column("hours", "结业学时", value=lambda e: e.hours, sort="hours", numeric=True),
        Column("score", "成绩", value=lambda e: e.test_score, sort="test_score", numeric=True),
        Column("completed_on", "结业日期", value=lambda e: e.completed_on, sort="completed_on"),
        Column("id_number", "证件号码", value=lambda e: e.person.id_masked, default=False, width=24),
        Column("phone", "手机号", value=lambda e: e.person.phone_masked, default=False),
        Column("reason", "说明", value=lambda e: e.reason, default=False, width=30),
    )
    filters = (
        Filter.choice("state", "状态", EnrolmentState.choices),
        Filter.choice("funding", "费用", Funding.choices),
        Filter.choice("level", "等级", CourseLevel.choices, field="training_class__course__level"),
        Filter.area("area", "区划", field="person__area_id"),
        Filter.days("completed", "结业日期", field="completed_on"),
        Filter.days("applied", "报名日期", field="applied_at", quiet=True),
    )
    held: TrainingClass | None = None

    def prepare(self, request: HttpRequest, **kwargs: Any) -> None:
        if wanted := request.GET.get("class"):
            self.held = TrainingClass.objects.visible_to(user_of(request)).filter(uid=uid_of(wanted)).first()
            if self.held is None:
                raise Http404
            self.title = f"学员：{self.held.title}"

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        rows = Enrolment.objects.visible_to(user_of(request)).select_related("person__area", "training_class", "organisation")
        return rows.filter(training_class=self.held) if self.held else rows

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        return search_people(rows, text, "person__")


class ProviderList(ListPage):
    key = "training.providers"
    title = "培训机构"
    permission = "training.view"
    export_permission = "registry.export"
    search_hint = "机构名称"
    default_sort = "name"
    empty = ("还没有培训机构", "登记承办培训的机构，再认定它本年度可以承办的等级。", "training:provider-new", "登记培训机构")
    columns = (
        Column(
            "name",
            "培训机构",
            value=lambda p: p.organisation.name,
            link=lambda p: reverse("training:provider", args=[p.uid]),
            sort="organisation__name",
            width=40,
        ),
        Column("levels", "本年度可承办", value=lambda p: p.levels or "无资格", tone=lambda p: "green" if p.levels else "red"),
        Column("area", "区划", value=lambda p: p.organisation.area.short_name, sort="organisation__area_id"),
        Column("classes", "培训班", value=lambda p: p.classes, sort="classes", numeric=True),
        Column("remark", "备注", value=lambda p: p.remark, default=False, width=30),
    )
    filters = (Filter.area("area", "区划", field="organisation__area_id"),)
    actions = (("登记培训机构", "training:provider-new", "training.manage"),)

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        rows = Provider.objects.visible_to(user_of(request)).select_related("organisation__area")
        held = TrainingClass.objects.filter(provider=OuterRef("pk")).order_by().values("provider").annotate(n=Count("pk")).values("n")
        return rows.annotate(classes=Coalesce(Subquery(held), 0))

    def described(self, rows: list[Any], request: HttpRequest) -> list[Any]:
        year = timezone.localdate().year
        eligible = Eligibility.objects.filter(provider__in=[row.pk for row in rows], year=year, withdrawn_on=None)
        levels: dict[int, list[str]] = {}
        for held in eligible.order_by("-level"):
            levels.setdefault(held.provider_id, []).append(held.get_level_display())
        for row in rows:
            row.levels = "、".join(levels.get(row.pk, []))
        return rows

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        return rows.filter(organisation__name__icontains=text)


class CourseList(ListPage):
    key = "training.courses"
    title = "课程"
    permission = "training.view"
    search_hint = "课程名称"
    default_sort = "level"
    empty = ("还没有课程", "按等级建立课程和大纲，培训班按大纲排课。", "training:course-new", "新建课程")
    columns = (
        Column("name", "课程", value=lambda c: c.name, link=lambda c: reverse("training:course", args=[c.uid]), sort="name", width=40),
        Column("level", "等级", value=lambda c: c.get_level_display(), sort="level"),
        Column("hours", "学时", value=lambda c: c.total, sort="total", numeric=True),
        Column("classes", "培训班", value=lambda c: c.classes, sort="classes", numeric=True),
        Column("retired", "停用", value=lambda c: c.retired_on, sort="retired_on"),
    )
    filters = (Filter.choice("level", "等级", CourseLevel.choices),)
    actions = (("新建课程", "training:course-new", "training.manage"),)

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        held = TrainingClass.objects.filter(course=OuterRef("pk")).order_by().values("course").annotate(n=Count("pk")).values("n")
        return Course.objects.annotate(total=Coalesce(Sum("topics__hours"), 0), classes=Coalesce(Subquery(held), 0))
