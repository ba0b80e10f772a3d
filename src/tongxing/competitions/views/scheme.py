"""The scheme: rounds and what is marked in them, quotas, prizes."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.competitions import planning
from tongxing.competitions.forms import AspectForm, ConfirmForm, PrizesForm, QuotaForm, RoundForm
from tongxing.competitions.models import Competition, CompetitionState, EntryState
from tongxing.core.access import requires
from tongxing.registry.views.act_page import act_page, posted

from .fetching import aspect_of, competition_of, frame, quota_of, round_of


def _scheme(row: Competition) -> str:
    return reverse("competitions:scheme", args=[row.uid])


@requires("competitions.view")
@require_GET
def scheme(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = competition_of(request, uid)
    rounds = list(row.rounds.select_related("exam").prefetch_related("aspects"))
    entries = list(row.entries.exclude(state=EntryState.WITHDRAWN).values_list("area_id", "organisation_id"))
    quotas = []
    for quota in row.quotas.select_related("area", "organisation"):
        low, high = quota.area.span if quota.area else (1, 0)
        used = sum(low <= area <= high or (body is not None and body == quota.organisation_id) for area, body in entries)
        quotas.append((quota, used))
    context = frame(request, row, "scheme") | {
        "rounds": rounds,
        "weight": sum(one.weight for one in rounds),
        "quotas": quotas,
        "prizes": row.prize_lines.all(),
        "drafting": row.state == CompetitionState.DRAFT,
        "quotas_open": row.state in (CompetitionState.DRAFT, CompetitionState.OPEN),
    }
    return render(request, "competitions/scheme.html", context)


@requires("competitions.manage")
def round_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = competition_of(request, uid, managed=True)
    return act_page(
        request,
        RoundForm(posted(request), area=row.area),
        run=lambda v: planning.lay_round(row, by=user_of(request), **v),
        back=_scheme(row),
        title=f"加竞赛环节：{row.title}",
        done="环节已加好，请接着加评分项。",
        submit="加环节",
    )


@requires("competitions.manage")
def round_edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    one = round_of(request, uid)
    return act_page(
        request,
        RoundForm(posted(request), area=one.competition.area, one=one),
        run=lambda v: planning.change_round(one, by=user_of(request), **v),
        back=_scheme(one.competition),
        title=f"修改环节：{one.title}",
        done="环节已修改。",
        watched=lambda: [one],
    )


@requires("competitions.manage")
def round_remove(request: HttpRequest, uid: UUID) -> HttpResponse:
    one = round_of(request, uid)
    return act_page(
        request,
        ConfirmForm(posted(request)),
        run=lambda _: planning.drop_round(one, by=user_of(request)),
        back=_scheme(one.competition),
        title=f"删除环节：{one.title}",
        hint="环节的评分项一并删除。",
        done="环节已删除。",
        submit="删除环节",
    )


@requires("competitions.manage")
def aspect_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    one = round_of(request, uid)
    return act_page(
        request,
        AspectForm(posted(request)),
        run=lambda v: planning.lay_aspect(one, by=user_of(request), **v),
        back=_scheme(one.competition),
        title=f"加评分项：{one.title}",
        done="评分项已加好。",
        submit="加评分项",
    )


@requires("competitions.manage")
def aspect_remove(request: HttpRequest, uid: UUID) -> HttpResponse:
    one = aspect_of(request, uid)
    return act_page(
        request,
        ConfirmForm(posted(request)),
        run=lambda _: planning.drop_aspect(one, by=user_of(request)),
        back=_scheme(one.round.competition),
        title=f"删除评分项：{one.title}",
        done="评分项已删除。",
        submit="删除评分项",
    )


@requires("competitions.manage")
def quota_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = competition_of(request, uid, managed=True)
    return act_page(
        request,
        QuotaForm(posted(request), user=user_of(request), competition=row),
        run=lambda v: planning.set_quota(row, by=user_of(request), **v),
        back=_scheme(row),
        title=f"设参赛名额：{row.title}",
        hint="没有设名额的区划和单位不限人数；镇街的报名也算进所属区划的名额。再设一次就是改名额。",
        done="名额已设好。",
        submit="设名额",
    )


@requires("competitions.manage")
def quota_remove(request: HttpRequest, uid: UUID) -> HttpResponse:
    one = quota_of(request, uid)
    return act_page(
        request,
        ConfirmForm(posted(request)),
        run=lambda _: planning.drop_quota(one, by=user_of(request)),
        back=_scheme(one.competition),
        title=f"删除名额：{one}",
        hint="删除以后这里的报名人数不再受限。",
        done="名额已删除。",
        submit="删除名额",
    )


@requires("competitions.manage")
def prizes(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = competition_of(request, uid, managed=True)
    form = PrizesForm(posted(request), competition=row)
    return act_page(
        request,
        form,
        run=lambda _: planning.set_prizes(row, by=user_of(request), numbers=form.numbers()),
        back=_scheme(row),
        title=f"设置奖项：{row.title}",
        hint="并列的都拿较高的奖，占去的名额从后面扣。",
        done="奖项已设置。",
    )
