"""Results: the ranking, one entry with its marks, appeals, online scores, the team."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.competitions import appealing, drawing, marking, teaming
from tongxing.competitions.board import board_of
from tongxing.competitions.forms import AppealForm, ConfirmForm, SettleAppealForm, TeamForm
from tongxing.competitions.models import Appeal, Competition, CompetitionState, Prize, Result, Team
from tongxing.core.access import requires
from tongxing.core.listing import Column, Filter, ListPage
from tongxing.registry.views.act_page import act_page, posted

from .fetching import APPEAL_TONES, appeal_of, competition_of, entry_of, frame, round_of

TEAM_FROM = 20
"""So many of the ranking are offered for the team."""


def _at(name: str, row: Competition) -> str:
    return reverse(f"competitions:{name}", args=[row.uid])


def _rank(row: Result) -> str:
    return f"{row.rank}（并列）" if row.shared else str(row.rank)


class ResultList(ListPage):
    key = "competitions.results"
    permission = "competitions.view"
    export_permission = "registry.export"
    search_hint = "姓名"
    default_sort = "rank"
    empty = ("还没有成绩", "评分全部办完、排名以后，成绩和姓名在这里公示。", "", "")
    above = "competitions/results_above.html"
    columns = (
        Column("name", "姓名", value=lambda r: r.entry.person.name, link=lambda r: r.address, sort="entry__person__name"),
        Column("rank", "名次", value=_rank, sort="rank", width=10),
        Column(
            "prize",
            "奖项",
            value=lambda r: r.get_prize_display() if r.prize else None,
            tone=lambda r: "green" if r.prize else "",
            sort="prize",
            width=10,
        ),
        Column("total", "总分", value=lambda r: r.total, sort="total", numeric=True, width=10),
        Column("practice", "实操", value=lambda r: r.practice, sort="practice", numeric=True, width=10),
        Column("theory", "理论", value=lambda r: r.theory, sort="theory", numeric=True, width=10),
        Column("decided", "同分依据", value=lambda r: r.decided_by or None, width=14),
        Column("code", "密号", value=lambda r: r.entry.code, sort="entry__code", width=8),
        Column("organisation", "单位", value=lambda r: r.entry.organisation.name if r.entry.organisation else None, width=32),
        Column("area", "区划", value=lambda r: r.entry.area.short_name, sort="entry__area_id"),
    )
    competition: Competition

    def prepare(self, request: HttpRequest, **kwargs: Any) -> None:
        self.competition = competition_of(request, kwargs["uid"])
        self.title = f"{self.competition.title}：成绩"
        self.filters = (Filter.choice("prize", "奖项", Prize.choices), Filter.area("area", "区划", field="entry__area_id"))

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        rows = Result.objects.visible_to(user_of(request)).filter(entry__competition=self.competition)
        return rows.select_related("entry__person", "entry__organisation", "entry__area")

    def described(self, rows: list[Any], request: HttpRequest) -> list[Any]:
        for row in rows:
            row.address = reverse("competitions:entry", args=[row.entry.uid])
        return rows

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        return rows.filter(entry__person__name__icontains=text.strip())

    def context(self, request: HttpRequest) -> dict[str, Any]:
        shown = self.competition.shows_names
        return frame(request, self.competition, "results") | {
            "faults": drawing.verified(self.competition) if shown else [],
            "shown": shown,
        }


@requires("competitions.view")
@require_GET
def entry(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One entrant; the marks and the code only once names and codes may stand side by side."""
    one = entry_of(request, uid, managed=False)
    context = frame(request, one.competition, "entries") | {"entry": one, "marks": [], "shown": one.competition.shows_names}
    if one.competition.shows_names:
        board = board_of(one.competition)
        context["marks"] = [(part, [board.cell(part, one, aspect) for aspect in part.aspects.all()]) for part in board.rounds if one.code]
        context["result"] = Result.objects.filter(entry=one).first()
        context["appeals"] = one.appeals.all()
    return render(request, "competitions/entry.html", context)


@requires("competitions.manage")
def round_fetch(request: HttpRequest, uid: UUID) -> HttpResponse:
    one = round_of(request, uid)
    return act_page(
        request,
        ConfirmForm(posted(request)),
        run=lambda _: marking.fetch_online(one, by=user_of(request)),
        back=_at("competition", one.competition),
        title=f"取在线考试成绩：{one.title}",
        hint="考试须已结束。按每人的答卷折算成百分；没有考的按 0 分，没有到场的请先登记缺席。",
        done="在线考试成绩已取回。",
        submit="取回成绩",
    )


@requires("competitions.view")
@require_GET
def appeals(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = competition_of(request, uid)
    rows = Appeal.objects.visible_to(user_of(request)).filter(entry__competition=row).select_related("entry__person", "aspect")
    context = frame(request, row, "appeals") | {
        "appeals": [(one, APPEAL_TONES[one.state]) for one in rows.order_by("-raised_on", "-pk")],
        "open": row.state == CompetitionState.RANKED,
    }
    return render(request, "competitions/appeals.html", context)


@requires("competitions.manage")
def appeal_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = competition_of(request, uid, managed=True)

    def run(values: dict[str, Any]) -> Appeal:
        return appealing.raise_appeal(values["entry"].entry, by=user_of(request), text=values["text"], raised_on=values["raised_on"])

    return act_page(
        request,
        AppealForm(posted(request), competition=row),
        run=run,
        back=_at("appeals", row),
        title=f"受理申诉：{row.title}",
        hint=f"申诉期 {row.ranked_on} 至 {row.appeals_until}。" if row.ranked_on else "",
        done="申诉已受理。",
        submit="受理",
    )


@requires("competitions.manage")
def appeal_settle(request: HttpRequest, uid: UUID) -> HttpResponse:
    one = appeal_of(request, uid)

    def run(values: dict[str, Any]) -> Appeal:
        upheld = values.pop("upheld") == "yes"
        return appealing.settle_appeal(one, by=user_of(request), upheld=upheld, **values)

    return act_page(
        request,
        SettleAppealForm(posted(request), competition=one.entry.competition),
        run=run,
        back=_at("appeals", one.entry.competition),
        title=f"处理申诉：{one.entry.person.name}",
        hint=one.text,
        done="申诉已处理；更正了分数的，名次和获奖已重新排过。",
        submit="作出结论",
        watched=lambda: [one],
    )


@requires("competitions.view")
@require_GET
def team(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = competition_of(request, uid)
    chosen = Team.objects.filter(competition=row).first()
    members = chosen.members.select_related("entry__person", "entry__organisation", "entry__result") if chosen else []
    context = frame(request, row, "team") | {
        "team": chosen,
        "members": members,
        "choosable": row.state == CompetitionState.PUBLISHED,
    }
    return render(request, "competitions/team.html", context)


@requires("competitions.manage")
def team_choose(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = competition_of(request, uid, managed=True)
    chosen = Team.objects.filter(competition=row).first()
    members = {one.entry_id: "spare" if one.is_substitute else "main" for one in chosen.members.all()} if chosen else {}
    results = Result.objects.filter(entry__competition=row).select_related("entry__person").order_by("rank", "id")[:TEAM_FROM]
    form = TeamForm(posted(request), results=results, chosen=members, reason=chosen.reason if chosen else "")

    def run(values: dict[str, Any]) -> Team:
        lists = {"members": form.chosen("main"), "substitutes": form.chosen("spare")}
        return teaming.choose_team(row, by=user_of(request), reason=values["reason"], **lists)

    return act_page(
        request,
        form,
        run=run,
        back=_at("team", row),
        title=f"选代表队：{row.title}",
        hint="一般按名次选正式队员，再选替补。",
        done="代表队已确定。",
        submit="确定名单",
        clause="notice:3.2.1",
    )
