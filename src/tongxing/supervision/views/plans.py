"""Plans and draws: the list, one plan with what was promised and what came out, and the steps."""

from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.audit import history
from tongxing.audit.names import act_name
from tongxing.core.access import requires
from tongxing.core.listing import Column, Filter, ListPage
from tongxing.registry.views.act_page import act_page, posted
from tongxing.supervision import drawing, lottery, planning
from tongxing.supervision.forms import BeaconForm, PlanForm, ReasonForm, RedrawForm
from tongxing.supervision.models import Plan, PlanState, VisitState
from tongxing.supervision.rules import can_manage

from .fetching import plan_of, pressed, tone


def address(plan: Plan) -> str:
    return reverse("supervision:plan", args=[plan.uid])


class PlanList(ListPage):
    key = "supervision.plans"
    title = "抽查计划"
    intro = "随机抽取检查对象、随机选派督导员，抽查情况向社会公开。"
    permission = "supervision.plans"
    export_permission = "registry.export"
    search_hint = "计划编号、名称"
    default_sort = "-visit_from"
    empty = ("还没有抽查计划", "先登记督导员，再做计划、发公告、抽取。", "supervision:plan-new", "新建抽查计划")
    columns = (
        Column("title", "计划", value=lambda p: p.title, link=address, sort="title", width=36),
        Column("code", "编号", value=lambda p: p.code, sort="code"),
        Column("state", "状态", value=lambda p: p.get_state_display(), tone=tone, sort="state", width=16),
        Column("beacon_on", "抽取日期", value=lambda p: p.beacon_on, sort="beacon_on"),
        Column("visit_from", "检查开始", value=lambda p: p.visit_from, sort="visit_from"),
        Column("visit_until", "检查截止", value=lambda p: p.visit_until, sort="visit_until"),
        Column("visits", "检查", value=lambda p: p.all_visits or None, sort="all_visits", numeric=True, width=8),
        Column("done", "已完成", value=lambda p: p.done_visits if p.all_visits else None, sort="done_visits", numeric=True, width=8),
        Column("area", "区划", value=lambda p: p.area.short_name, sort="area_id"),
    )
    filters = (
        Filter.choice("state", "状态", PlanState.choices),
        Filter.area("area", "区划"),
        Filter.days("visit", "检查", field="visit_from"),
    )
    actions = (("新建抽查计划", "supervision:plan-new", "supervision.manage"), ("督导员", "supervision:inspectors", "supervision.plans"))

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        standing = ~Q(visits__state=VisitState.CANCELLED)
        rows = Plan.objects.visible_to(user_of(request)).select_related("area")
        return rows.annotate(
            all_visits=Count("visits", filter=standing), done_visits=Count("visits", filter=Q(visits__state=VisitState.DONE))
        )

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        return rows.filter(Q(code__icontains=text.strip()) | Q(title__icontains=text.strip()))


@requires("supervision.plans")
@require_GET
def plan(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = plan_of(request, uid, managed=False)
    standing = drawing.standing(row)
    context = {
        "plan": row,
        "tone": tone(row),
        "draw": standing,
        "pool": lottery.parsed(standing.candidates_text) if standing else None,
        "candidates": standing.candidates.order_by("place", "key") if standing else [],
        "faults": drawing.verified(standing) if standing and standing.drawn_at else None,
        "secret": standing.secret if standing and standing.published_at else "",
        "voided": row.draws.filter(voided_at__isnull=False),
        "visits": [(one, tone(one)) for one in row.visits.prefetch_related("inspectors__inspector__user").order_by("id")],
        "may_manage": bool(can_manage(user_of(request), row.area_id)),
        "history": [(entry, act_name(entry.act)) for entry in history.of(row)],
    }
    return render(request, "supervision/plan.html", context)


@requires("supervision.manage")
def plan_new(request: HttpRequest) -> HttpResponse:
    form = PlanForm(posted(request), user=user_of(request))
    return act_page(
        request,
        form,
        run=lambda v: address(planning.make_plan(v["area"], by=user_of(request), **form.facts())),
        back="",
        title="新建抽查计划",
        done="计划已建好。核对后发布公告。",
        submit="建立计划",
        clause="notice:3.1.4",
    )


@requires("supervision.manage")
def plan_edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = plan_of(request, uid)
    form = PlanForm(posted(request), user=user_of(request), initial=PlanForm.initial_of(row))
    return act_page(
        request,
        form,
        run=lambda _: planning.change_plan(row, by=user_of(request), **form.facts()),
        back=address(row),
        title=f"修改计划 {row.code}",
        hint="区划不能改；要换区划请另建计划。",
        done="计划已修改。",
        watched=lambda: [row],
    )


@requires("supervision.manage")
@require_POST
def plan_announce(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = plan_of(request, uid)
    said = "公告已发布：候选名单和种子摘要已经固定，公开页面可以看到。"
    return pressed(request, lambda: planning.announce(row, by=user_of(request)), said, address(row))


@requires("supervision.manage")
def plan_draw(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = plan_of(request, uid)
    return act_page(
        request,
        BeaconForm(posted(request)),
        run=lambda v: drawing.draw(row, by=user_of(request), **v),
        back=address(row),
        title=f"抽取：{row.title}",
        hint=f"{row.beacon_source}，{row.beacon_on}。抽取只有一次，重抽要写明原因并公开。",
        done="已抽取，检查任务已派给督导员。结果在检查结束后公布。",
        submit="抽取",
    )


@requires("supervision.manage")
def plan_redraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = plan_of(request, uid)
    return act_page(
        request,
        RedrawForm(posted(request)),
        run=lambda v: drawing.redraw(row, by=user_of(request), **v),
        back=address(row),
        title=f"作废并重抽：{row.title}",
        hint="原来的抽取作废但保留，和原因一起公开；候选名单重新固定，种子重新生成。",
        done="已作废，新的种子摘要和候选名单已公布。",
        submit="作废并重抽",
        watched=lambda: [row],
    )


@requires("supervision.manage")
@require_POST
def plan_publish(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = plan_of(request, uid)
    return pressed(request, lambda: drawing.publish(row, by=user_of(request)), "结果和种子已公布，任何人都可以复算。", address(row))


@requires("supervision.manage")
def plan_cancel(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = plan_of(request, uid)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: planning.cancel_plan(row, by=user_of(request), **v),
        back=address(row),
        title=f"取消计划 {row.code}",
        done="计划已取消。",
        submit="取消计划",
        watched=lambda: [row],
    )
