"""Judges and keyers: the list, appointing, interests, letting somebody go."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.competitions import appointing
from tongxing.competitions.appointing import BEFORE
from tongxing.competitions.forms import ConflictForm, JudgeForm, ReasonForm
from tongxing.competitions.models import Competition, CompetitionState, Judge
from tongxing.core.access import requires
from tongxing.registry.views.act_page import act_page, posted

from .fetching import competition_of, frame, judge_of


def _judges(row: Competition) -> str:
    return reverse("competitions:judges", args=[row.uid])


@requires("competitions.view")
@require_GET
def judges(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = competition_of(request, uid)
    rows = Judge.objects.visible_to(user_of(request)).filter(competition=row)
    # Why somebody is barred names employers; from whom is not said while codes are in use.
    context = frame(request, row, "judges") | {
        "judges": rows.select_related("user", "organisation").prefetch_related("rounds", "conflicts__organisation"),
        "before": row.state in BEFORE,
        "releasable": row.state in (*BEFORE, CompetitionState.MARKING),
    }
    return render(request, "competitions/judges.html", context)


@requires("competitions.manage")
def judge_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = competition_of(request, uid, managed=True)
    return act_page(
        request,
        JudgeForm(posted(request), user=user_of(request), competition=row),
        run=lambda v: appointing.appoint(row, by=user_of(request), **v),
        back=_judges(row),
        title=f"聘裁判、录入员：{row.title}",
        hint="账号须有“竞赛裁判”岗位；办竞赛的经办不能评分。没有账号的裁判交纸质评分表，由两名录入员各录一遍。",
        done="已聘。",
        submit="聘用",
    )


@requires("competitions.manage")
def judge_conflict(request: HttpRequest, uid: UUID) -> HttpResponse:
    one = judge_of(request, uid)
    return act_page(
        request,
        ConflictForm(posted(request), user=user_of(request)),
        run=lambda v: appointing.declare_conflict(one, v["organisation"], by=user_of(request), reason=v["reason"]),
        back=_judges(one.competition),
        title=f"登记回避：{one.name}",
        hint="登记里查得到的（同一单位任职或任过职、本人参赛）系统自动回避，这里登记查不到的。",
        done="已登记回避。",
        submit="登记",
    )


@requires("competitions.manage")
def judge_release(request: HttpRequest, uid: UUID) -> HttpResponse:
    one = judge_of(request, uid)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: appointing.release(one, by=user_of(request), **v),
        back=_judges(one.competition),
        title=f"裁判退出：{one.name}",
        hint="评分中退出的，这名裁判打的分不再计入；剩下的裁判不够时不能退出。",
        done="已退出。",
        submit="退出",
        watched=lambda: [one],
    )
