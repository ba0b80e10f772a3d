"""Selections: the list of years, one year with its plan against the clock, and the steps."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.audit import history
from tongxing.audit.names import act_name
from tongxing.core.access import requires
from tongxing.core.listing import Column, Filter, ListPage
from tongxing.core.suppression import SMALLEST_CELL
from tongxing.honours import nominated, selecting, timing
from tongxing.honours.forms import ChangeForm, DoneForm, PlanForm, ReasonForm
from tongxing.honours.models import Selection, SelectionState, Stage
from tongxing.honours.rules import can_manage, can_see_results
from tongxing.honours.statistics import statistics_of
from tongxing.registry.views.act_page import act_page, posted

from .fetching import STATE_TONES, selection_of


def _late(rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
    return rows.filter(pk__in=timing.late_among(rows))


def address(row: Selection) -> str:
    return reverse("honours:selection", args=[row.uid])


class SelectionList(ListPage):
    key = "honours.selections"
    title = "年度选树"
    intro = "每年选树 3 至 5 名协调员、至少 1 家社会组织，11 月底前推荐到省里。"
    permission = "honours.view"
    export_permission = "registry.export"
    search_hint = "名称"
    default_sort = "-year"
    empty = ("还没有选树", "先建年度计划：从 11 月底倒排，每个环节什么时候必须完成一目了然。", "honours:selection-new", "建年度计划")
    columns = (
        Column("title", "名称", value=lambda s: s.title, link=address, sort="title", width=36),
        Column("year", "年度", value=lambda s: str(s.year), sort="year", width=8),
        Column("state", "状态", value=lambda s: s.get_state_display(), tone=lambda s: STATE_TONES[s.state], sort="state", width=12),
        Column("stage", "现在的环节", value=lambda s: s.get_stage_display() if s.state == SelectionState.RUNNING else None, sort="stage"),
        Column("clock", "进度", value=lambda s: s.clock.short, tone=lambda s: s.clock.tone, width=24),
        Column("due_on", "报送截止", value=lambda s: s.due_on, sort="due_on"),
        Column("area", "区划", value=lambda s: s.area.short_name, sort="area_id"),
    )
    filters = (
        Filter.choice("state", "状态", SelectionState.choices),
        Filter.choice("stage", "环节", Stage.choices),
        Filter.custom("late", "进度", [("1", "有环节逾期或赶不上")], apply=_late),
        Filter.area("area", "区划"),
    )
    actions = (
        ("建年度计划", "honours:selection-new", "honours.manage"),
        ("获奖与称号", "honours:awards", "honours.view"),
    )

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        return Selection.objects.visible_to(user_of(request)).select_related("area").prefetch_related("steps")

    def described(self, rows: list[Any], request: HttpRequest) -> list[Any]:
        for row, clock in zip(rows, timing.clocks(rows), strict=True):
            row.clock = clock
        return rows

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        year = Q(year=int(text)) if text.strip().isdecimal() and len(text.strip()) == 4 else Q()
        return rows.filter(Q(title__icontains=text.strip()) | year)


@requires("honours.view")
@require_GET
def selection(request: HttpRequest, uid: UUID) -> HttpResponse:
    row, user = selection_of(request, uid, managed=False), user_of(request)
    (clock,) = timing.clocks([row])
    context = {
        "selection": row,
        "tone": STATE_TONES[row.state],
        "clock": clock,
        "may_manage": user.may("honours.manage") and bool(can_manage(user, row.area_id)),
        "nominated": nominated.counts(row, user),
        "statistics": statistics_of(row, user) if user.may("honours.results") and can_see_results(user, row) else None,
        "smallest": SMALLEST_CELL,
        "history": [(entry, act_name(entry.act)) for entry in history.of(row)],
    }
    return render(request, "honours/selection.html", context)


@requires("honours.manage")
def selection_new(request: HttpRequest) -> HttpResponse:
    return act_page(
        request,
        PlanForm(posted(request), user=user_of(request)),
        run=lambda v: address(selecting.plan_selection(v.pop("area"), v.pop("year"), by=user_of(request), **v)),
        back="",
        title="建年度选树计划",
        hint="各环节从报送截止日按工作日倒排，建好以后可以逐项调整。",
        done="年度计划已建好。",
        submit="建立计划",
        clause="notice:3.3.2",
    )


@requires("honours.manage")
def selection_edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = selection_of(request, uid)
    form = ChangeForm(posted(request), selection=row)

    def run(values: dict[str, Any]) -> Selection:
        facts = {name: values[name] for name in ("title", "judged_on", "note", "reason")}
        return selecting.change_selection(row, by=user_of(request), days=form.days(), **facts)

    return act_page(request, form, run=run, back=address(row), title=f"调整计划：{row.title}", done="计划已调整。", watched=lambda: [row])


@requires("honours.manage")
def selection_done(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = selection_of(request, uid)
    return act_page(
        request,
        DoneForm(posted(request)),
        run=lambda v: selecting.complete_step(row, by=user_of(request), **v),
        back=address(row),
        title=f"完成“{row.get_stage_display()}”：{row.title}",
        done=f"“{row.get_stage_display()}”已完成。",
        submit="登记完成",
        watched=lambda: [row],
    )


@requires("honours.manage")
def selection_reopen(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = selection_of(request, uid)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: selecting.reopen_step(row, by=user_of(request), **v),
        back=address(row),
        title=f"退回上一环节：{row.title}",
        done="已退回上一环节。",
        submit="退回",
        watched=lambda: [row],
    )


@requires("honours.manage")
def selection_cancel(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = selection_of(request, uid)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: selecting.cancel_selection(row, by=user_of(request), **v),
        back=address(row),
        title=f"取消：{row.title}",
        done="已取消。需要时可以重新建这一年的计划。",
        submit="取消选树",
        watched=lambda: [row],
    )
