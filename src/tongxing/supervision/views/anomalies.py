"""Anomalies: the list, one with its figures and what to do next, and the three ways out."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.core.listing import Column, Filter, ListPage
from tongxing.policy import provisions
from tongxing.registry.views.act_page import act_page, posted
from tongxing.supervision import rectifying, watching
from tongxing.supervision.drawing import visit_address
from tongxing.supervision.forms import IssueForm, ReasonForm, VisitForm
from tongxing.supervision.models import Anomaly, AnomalyState, Rule
from tongxing.supervision.rules import can_manage, insist

from .fetching import anomaly_of, tone
from .subjects import subjects

LIMITS = {
    Rule.VOLUME: ("volume_factor", "volume_least", "volume_weeks"),
    Rule.SEATS: ("seats_days",),
    Rule.PASSES: ("passes_days", "passes_least", "chance"),
    Rule.ACCOUNT: ("account_people",),
    Rule.PHONE: ("phone_people",),
    Rule.ADDRESS: ("address_payees",),
    Rule.SAME_SCORES: ("same_people", "same_share"),
    Rule.FLAT_SCORES: ("flat_people", "flat_spread"),
    Rule.LAST_DIGIT: ("digit_scores", "chance"),
    Rule.RUSH: ("rush_applications", "rush_hours"),
}


def address(row: Anomaly) -> str:
    return reverse("supervision:anomaly", args=[row.uid])


class AnomalyList(ListPage):
    key = "supervision.anomalies"
    title = "异常线索"
    intro = "系统每天两次对照发证、考试、补贴和培训的数据。线索不是结论，要核实。"
    permission = "supervision.watch"
    export_permission = "registry.export"
    search_hint = "机构、内容"
    default_sort = "-seen_on"
    empty = ("没有异常线索", "系统每天自动监测，有发现会通知经办。", "", "")
    columns = (
        Column("text", "发现", value=lambda a: a.text, link=address, width=60),
        Column("rule", "规则", value=lambda a: a.get_rule_display(), sort="rule", width=18),
        Column("body", "机构", value=lambda a: a.organisation.name if a.organisation else None, sort="organisation__name", width=28),
        Column("state", "状态", value=lambda a: a.get_state_display(), tone=tone, sort="state", width=14),
        Column("seen_on", "发现日期", value=lambda a: a.seen_on, sort="seen_on"),
        Column("gone_on", "不再出现", value=lambda a: a.gone_on, sort="gone_on", default=False),
        Column("settled_by", "办理人", value=lambda a: a.settled_by, default=False),
    )
    filters = (
        Filter.choice("state", "状态", AnomalyState.choices),
        Filter.choice("rule", "规则", Rule.choices),
        Filter.area("area", "区划"),
        Filter.days("seen", "发现", field="seen_on"),
    )

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        return Anomaly.objects.visible_to(user_of(request)).select_related("organisation")

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        return rows.filter(Q(text__icontains=text.strip()) | Q(organisation__name__icontains=text.strip()))


@requires("supervision.watch")
@require_GET
def anomaly(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = anomaly_of(request, uid)
    limits = [provisions.provision(f"supervision.watch.{name}") for name in LIMITS.get(Rule(row.rule), ())]
    context = {
        "anomaly": row,
        "tone": tone(row),
        "figures": [(name, "、".join(map(str, value)) if isinstance(value, list) else value) for name, value in row.figures.items()],
        "subjects": subjects(row, user_of(request)),
        "limits": limits,
        "findings": row.findings.all(),
        "open": row.state == AnomalyState.OPEN and bool(can_manage(user_of(request), row.area_id)),
    }
    return render(request, "supervision/anomaly.html", context)


@requires("supervision.manage")
def anomaly_dismiss(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = anomaly_of(request, uid)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: watching.dismiss(row, by=user_of(request), **v),
        back=address(row),
        title="排除异常线索",
        hint=f"{row.text} 写明核实了什么、怎样解释；同一件事不会再提示。",
        done="已排除。",
        submit="排除",
    )


@requires("supervision.manage")
def anomaly_visit(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = anomaly_of(request, uid)
    insist(can_manage(user_of(request), row.area_id))
    if row.organisation is None:
        raise Refused("这条线索没有指向一家机构，不能安排现场检查。请核实后排除，或到补贴页面处理。", code="no_body")
    return act_page(
        request,
        VisitForm(posted(request), organisation=row.organisation, initial={"reason": "核实异常线索"}),
        run=lambda v: visit_address(watching.to_visit(row, list(v.pop("inspectors")), by=user_of(request), **v)),
        back="",
        title=f"安排现场检查：{row.organisation.name}",
        hint=row.text,
        done="已安排计划外检查，督导员收到通知。",
        submit="安排检查",
    )


@requires("supervision.manage")
def anomaly_issue(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = anomaly_of(request, uid)
    return act_page(
        request,
        IssueForm(posted(request), initial={"text": row.text, "severity": "serious"}),
        run=lambda v: rectifying.address(watching.to_issue(row, by=user_of(request), **v)),
        back="",
        title="转为问题整改",
        hint=row.advice,
        done="已下达整改，机构收到通知。",
        submit="下达整改",
    )
