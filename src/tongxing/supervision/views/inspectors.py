"""Inspectors: the list, entering one, ending, interests."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.listing import Column, Filter, ListPage
from tongxing.registry.models.coordinators import holds_on
from tongxing.registry.views.act_page import act_page, posted
from tongxing.supervision import inspecting
from tongxing.supervision.forms import EndForm, InspectorForm, InterestForm
from tongxing.supervision.models import Inspector

from .fetching import inspector_of


def _working(rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
    query = holds_on(timezone.localdate())
    return rows.filter(query) if value == "1" else rows.exclude(query)


def end_address(row: Inspector) -> str:
    return reverse("supervision:inspector-end", args=[row.uid])


def interest_address(row: Inspector) -> str:
    return reverse("supervision:inspector-interest", args=[row.uid])


class InspectorList(ListPage):
    key = "supervision.inspectors"
    title = "督导员"
    intro = "谁能被抽去检查，哪些机构要回避。任职、考评、授课关系由系统自动识别，亲属等关系在这里登记。"
    permission = "supervision.plans"
    export_permission = "registry.export"
    search_hint = "姓名"
    default_sort = "-since"
    empty = ("还没有督导员", "先由系统管理员给账号授“督导员”岗位，再在这里聘用。", "supervision:inspector-new", "聘用督导员")
    columns: tuple[Column, ...] = (
        Column("name", "姓名", value=lambda i: i.user.name, sort="user__name"),
        Column("organisation", "所在单位", value=lambda i: i.organisation.name if i.organisation else None, width=30),
        Column("area", "督导范围", value=lambda i: i.area.short_name, sort="area_id"),
        Column("since", "聘用自", value=lambda i: i.since, sort="since"),
        Column("until", "至", value=lambda i: i.until or "长期", sort="until"),
        Column("interests", "登记的回避", value=lambda i: i.declared, link=interest_address, sort="declared", numeric=True),
        Column("remark", "专长或备注", value=lambda i: i.remark, width=24),
        Column("end", "办理", value=lambda i: "结束聘用" if i.until is None else None, link=end_address, width=12),
    )
    filters = (
        Filter.custom("working", "在聘", (("1", "在聘"), ("0", "不在聘")), apply=_working),
        Filter.area("area", "区划"),
    )
    actions = (("聘用督导员", "supervision:inspector-new", "supervision.manage"), ("抽查计划", "supervision:plans", "supervision.plans"))

    def prepare(self, request: HttpRequest, **kwargs: Any) -> None:
        """Who may only look has no links to acts."""
        if not user_of(request).may("supervision.manage"):
            self.columns = tuple(replace(column, link=None) for column in self.columns if column.key != "end")

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        rows = Inspector.objects.visible_to(user_of(request)).select_related("user", "organisation", "area")
        return rows.annotate(declared=Count("interests"))

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        return rows.filter(user__name__icontains=text.strip())


@requires("supervision.manage")
def inspector_new(request: HttpRequest) -> HttpResponse:
    return act_page(
        request,
        InspectorForm(posted(request), user=user_of(request)),
        run=lambda v: inspecting.appoint(v.pop("user"), by=user_of(request), **v),
        back=reverse("supervision:inspectors"),
        title="聘用督导员",
        done="已聘用。下次公告时列入候选。",
        submit="聘用",
    )


@requires("supervision.manage")
def inspector_end(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = inspector_of(request, uid)
    declared = "；".join(f"{one.organisation.name}（{one.reason}）" for one in row.interests.select_related("organisation"))
    return act_page(
        request,
        EndForm(posted(request)),
        run=lambda v: inspecting.dismiss(row, by=user_of(request), **v),
        back=reverse("supervision:inspectors"),
        title=f"结束聘用：{row.user.name}",
        hint=f"{row.since} 起聘用。登记的回避：{declared or '没有'}。",
        done="已结束聘用。",
        submit="结束聘用",
        watched=lambda: [row],
    )


@requires("supervision.manage")
def inspector_interest(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = inspector_of(request, uid)
    declared = "；".join(f"{one.organisation.name}（{one.reason}）" for one in row.interests.select_related("organisation"))
    return act_page(
        request,
        InterestForm(posted(request), user=user_of(request)),
        run=lambda v: inspecting.declare(row, v["organisation"], by=user_of(request), reason=v["reason"]),
        back=reverse("supervision:inspectors"),
        title=f"登记回避：{row.user.name}",
        hint=f"已登记：{declared or '没有'}。任职、考评、授课关系不用登记，系统自动识别。",
        done="已登记回避。",
        submit="登记",
    )
