"""Entries: the list of a competition, entering somebody, confirming, withdrawing, absence."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tongxing.accounts.requests import user_of
from tongxing.competitions import entering
from tongxing.competitions.forms import ConfirmForm, EnterForm, ReasonForm
from tongxing.competitions.models import Competition, CompetitionState, Entrant, EntryState
from tongxing.core.access import requires
from tongxing.core.listing import Column, Filter, ListPage
from tongxing.registry.views.act_page import act_page, posted
from tongxing.registry.views.people_list import search_people

from .fetching import ENTRY_TONES, competition_of, entry_of, frame


def _entries(row: Competition) -> str:
    return reverse("competitions:entries", args=[row.uid])


NAME = Column("name", "姓名", value=lambda e: e.person.name, link=lambda e: e.address, sort="person__name")
CODE = Column("code", "密号", value=lambda e: e.code or None, sort="code", width=8)
REST = (
    Column("state", "状态", value=lambda e: e.get_state_display(), tone=lambda e: ENTRY_TONES[e.state], sort="state", width=12),
    Column("organisation", "单位", value=lambda e: e.organisation.name if e.organisation else None, width=32),
    Column("area", "区划", value=lambda e: e.area.short_name, sort="area_id"),
    Column("entered", "报名时间", value=lambda e: e.entered_at, sort="entered_at"),
    Column("by", "报名登记人", value=lambda e: e.entered_by, default=False),
    Column("remark", "说明", value=lambda e: e.remark or None, width=28),
)


class EntryList(ListPage):
    """Codes stand beside names for the labels after the draw, and from the ranking on; while marks are given for nobody."""

    key = "competitions.entries"
    permission = "competitions.view"
    export_permission = "registry.export"
    search_hint = "姓名、拼音首字母、证件号"
    default_sort = "entered"
    empty = ("还没有选手", "报名期内由劳动关系科登记本区划的在册协调员。", "", "")
    above = "competitions/entries_above.html"
    columns: tuple[Column, ...] = (NAME, *REST)
    competition: Competition

    def prepare(self, request: HttpRequest, **kwargs: Any) -> None:
        self.competition = competition_of(request, kwargs["uid"])
        self.title = f"{self.competition.title}：选手"
        self.tabs = frame(request, self.competition, "entries")
        labels = self.tabs["may_manage"] and self.competition.state == CompetitionState.DRAWN
        if labels or self.competition.shows_names:
            self.columns = (NAME, CODE, *REST)
        self.filters = (Filter.choice("state", "状态", EntryState.choices), Filter.area("area", "区划"))

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        rows = Entrant.objects.visible_to(user_of(request)).filter(competition=self.competition)
        return rows.select_related("person", "organisation", "area")

    def described(self, rows: list[Any], request: HttpRequest) -> list[Any]:
        for row in rows:
            row.address = reverse("competitions:entry", args=[row.uid])
        return rows

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        return search_people(rows, text, "person__")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        waiting = self.competition.entries.filter(state=EntryState.ENTERED).count()
        return self.tabs | {"waiting": waiting, "is_open": self.competition.state == CompetitionState.OPEN}


@requires("competitions.manage")
def entry_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = competition_of(request, uid, managed=True)
    return act_page(
        request,
        EnterForm(posted(request), user=user_of(request), competition=row),
        run=lambda v: entering.enter(row, v["person"], by=user_of(request), remark=v["remark"]),
        back=_entries(row),
        title=f"登记选手：{row.title}",
        hint="按今天的任职单位和镇街计入名额。",
        done="已报名，待确认。",
        submit="报名",
        clause="notice:3.2.1",
    )


@requires("competitions.manage")
def entries_confirm(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = competition_of(request, uid, managed=True)
    waiting = list(row.entries.filter(state=EntryState.ENTERED))
    return act_page(
        request,
        ConfirmForm(posted(request)),
        run=lambda _: entering.confirm(waiting, by=user_of(request)),
        back=_entries(row),
        title=f"确认报名：{row.title}",
        hint=f"有 {len(waiting)} 份报名待确认。确认以后参加抽密号；不参加的请先逐个退出。",
        done="待确认的报名已全部确认。",
        submit="全部确认",
    )


def _with_reason(request: HttpRequest, uid: UUID, act: Any, title: str, done: str, submit: str) -> HttpResponse:
    row = entry_of(request, uid)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: act(row, by=user_of(request), **v),
        back=_entries(row.competition),
        title=f"{title}：{row.person.name}",
        done=done,
        submit=submit,
        watched=lambda: [row],
    )


@requires("competitions.manage")
def entry_withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _with_reason(request, uid, entering.withdraw, "退出竞赛", "已退出，名额空出。", "退出")


@requires("competitions.manage")
def entry_absent(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _with_reason(request, uid, entering.mark_absent, "登记缺席", "已登记缺席，不评分、不排名。", "登记缺席")
