"""Competitions: the list, one with where it stands and what to do next, and the steps from the draft to the publication."""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.audit import history
from tongxing.audit.names import act_name
from tongxing.competitions import drawing, organising, resulting, steps
from tongxing.competitions.forms import ChangeForm, ConfirmForm, MakeForm, ReasonForm
from tongxing.competitions.models import Competition, CompetitionState, Rank
from tongxing.core.access import requires
from tongxing.core.listing import Column, Filter, ListPage
from tongxing.registry.views.act_page import act_page, posted

from .fetching import STATE_TONES, competition_of, frame


def address(row: Competition) -> str:
    return reverse("competitions:competition", args=[row.uid])


def _by_appeal(rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
    return rows.with_open_appeals()  # type: ignore[attr-defined, no-any-return]


class CompetitionList(ListPage):
    key = "competitions.competitions"
    title = "技能竞赛"
    intro = "组织优秀协调员参加技能竞赛：报名、抽密号、评分、公示、获奖和省赛代表队。"
    permission = "competitions.view"
    export_permission = "registry.export"
    search_hint = "竞赛名称、年度"
    default_sort = "-year"
    empty = ("还没有技能竞赛", "先建一次竞赛，定好环节、评分项和奖项，再开始报名。", "competitions:competition-new", "建技能竞赛")
    columns = (
        Column("title", "竞赛名称", value=lambda c: c.title, link=address, sort="title", width=36),
        Column("year", "年度", value=lambda c: str(c.year), sort="year", width=8),
        Column("rank", "级别", value=lambda c: c.get_rank_display(), sort="rank", width=8),
        Column("state", "状态", value=lambda c: c.get_state_display(), tone=lambda c: STATE_TONES[c.state], sort="state", width=12),
        Column("closes_on", "报名截止", value=lambda c: c.closes_on, sort="closes_on"),
        Column("held_on", "竞赛日期", value=lambda c: c.held_on, sort="held_on"),
        Column("published_on", "公布日期", value=lambda c: c.published_on, sort="published_on"),
        Column("area", "举办区划", value=lambda c: c.area.short_name, sort="area_id"),
    )
    filters = (
        Filter.choice("state", "状态", CompetitionState.choices),
        Filter.choice("rank", "级别", Rank.choices),
        Filter.custom("appeal", "申诉", [("1", "有待处理的申诉")], apply=_by_appeal),
        Filter.area("area", "区划"),
    )
    actions = (("建技能竞赛", "competitions:competition-new", "competitions.manage"),)

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        return Competition.objects.visible_to(user_of(request)).select_related("area")

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        year = Q(year=int(text)) if text.strip().isdecimal() and len(text.strip()) == 4 else Q(pk__in=[])
        return rows.filter(Q(title__icontains=text.strip()) | year)


@requires("competitions.view")
@require_GET
def competition(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = competition_of(request, uid)
    context = frame(request, row, "competition")
    context |= {
        "stages": steps.stages(row),
        "to_do": steps.to_do(row) if context["may_manage"] else [],
        "progress": steps.progress(row) if row.state == CompetitionState.MARKING else [],
        "numbers": row.prize_lines.filter(number__gt=0),
        "history": [(entry, act_name(entry.act)) for entry in history.of(row, limit=60)] if context["may_manage"] else [],
    }
    return render(request, "competitions/competition.html", context)


@requires("competitions.manage")
def competition_new(request: HttpRequest) -> HttpResponse:
    return act_page(
        request,
        MakeForm(posted(request), user=user_of(request)),
        run=lambda v: address(organising.make_competition(v.pop("area"), by=user_of(request), **v)),
        back="",
        title="建技能竞赛",
        hint="建好以后先定评分办法，再开始报名。",
        done="竞赛已建好，请接着定评分办法。",
        submit="建立竞赛",
        clause="notice:3.2.1",
    )


@requires("competitions.manage")
def competition_edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = competition_of(request, uid, managed=True)
    return act_page(
        request,
        ChangeForm(posted(request), competition=row),
        run=lambda v: organising.change_competition(row, by=user_of(request), **v),
        back=address(row),
        title=f"修改：{row.title}",
        done="已修改。",
        watched=lambda: [row],
    )


@requires("competitions.manage")
def competition_cancel(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = competition_of(request, uid, managed=True)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: organising.cancel_competition(row, by=user_of(request), **v),
        back=address(row),
        title=f"取消：{row.title}",
        done="竞赛已取消。",
        submit="取消竞赛",
        watched=lambda: [row],
    )


class Step(NamedTuple):
    """A step that needs nothing filled in: the page says what it does."""

    act: Callable[..., Any]
    title: str
    hint: str
    done: str
    submit: str


STEPS = {
    "open": Step(
        organising.open_entries,
        "开始报名",
        "开始以后评分办法和奖项不能再改，名额还可以调整。",
        "报名已开始，请在报名期内登记选手。",
        "开始报名",
    ),
    "draw": Step(
        drawing.draw_codes,
        "抽取密号",
        "按系统内的种子给每名已确认选手一个密号，以后评分只用密号。抽号后在“选手”里照密号发放试卷和号牌；开始评分后，密号和姓名直到排名前都不再一起显示。",
        "密号已抽取。发完号牌后，请核对裁判，再开始评分。",
        "抽取密号",
    ),
    "begin": Step(
        drawing.begin_marking,
        "开始评分",
        "按登记的任职和回避确定每名裁判不评谁，以后不再变动。开始后裁判和录入员可以评分、录分。",
        "评分已开始，裁判和录入员可以在“竞赛评分”里办理。",
        "开始评分",
    ),
    "rank": Step(
        resulting.rank,
        "排名并公示",
        "全部评分办完后排名，姓名恢复显示，申诉期从明天起算。排名以后不能再评分，只能通过申诉更正。",
        "成绩已排出，正在公示。",
        "排名并公示",
    ),
    "publish": Step(
        resulting.publish,
        "公布成绩",
        "申诉期满、申诉都已处理后公布；公布后成绩和获奖不再变动，获奖计入选树条件。",
        "成绩已公布。",
        "公布成绩",
    ),
}


def step(name: str) -> Callable[..., HttpResponseBase]:
    """The page of one step."""
    one = STEPS[name]

    @requires("competitions.manage")
    def view(request: HttpRequest, uid: UUID) -> HttpResponse:
        row = competition_of(request, uid, managed=True)
        return act_page(
            request,
            ConfirmForm(posted(request)),
            run=lambda _: one.act(row, by=user_of(request)),
            back=address(row),
            title=f"{one.title}：{row.title}",
            hint=one.hint,
            done=one.done,
            submit=one.submit,
            watched=lambda: [row],
        )

    return view
