"""Prizes and titles: the list, entering one for a person, striking one out."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.listing import Column, Filter, ListPage
from tongxing.honours import awarding
from tongxing.honours.forms import AwardForm, ReasonForm
from tongxing.honours.models import Award, AwardKind, Rank
from tongxing.registry.views.act_page import act_page, posted

from .fetching import award_of, person_of


def _person(uid: UUID) -> str:
    return reverse("honours:person", args=[uid])


class AwardList(ListPage):
    key = "honours.awards"
    title = "获奖与称号"
    intro = "协调员技能竞赛获奖和和谐劳动关系先进个人称号：竞赛获奖、省级以上称号即满足第六项业绩。"
    permission = "honours.view"
    export_permission = "registry.export"
    search_hint = "姓名、奖项或称号"
    default_sort = "-awarded_on"
    empty = ("还没有登记获奖或称号", "在可推荐的协调员里打开一个人的资格页登记。", "honours:selections", "年度选树")
    columns = (
        Column("person", "姓名", value=lambda a: a.person.name, link=lambda a: _person(a.person.uid), sort="person__name"),
        Column("name", "奖项或称号", value=lambda a: a.name, sort="name", width=36),
        Column("kind", "类别", value=lambda a: a.get_kind_display(), sort="kind", width=24),
        Column("rank", "级别", value=lambda a: a.get_rank_display(), sort="rank", width=10),
        Column("awarded_on", "授予日期", value=lambda a: a.awarded_on, sort="awarded_on"),
        Column("awarded_by", "授予单位", value=lambda a: a.awarded_by, sort="awarded_by", width=28),
        Column(
            "state", "状态", value=lambda a: "作废" if a.struck_on else "有效", tone=lambda a: "grey" if a.struck_on else "green", width=8
        ),
        Column("area", "区划", value=lambda a: a.person.area.short_name, sort="person__area_id"),
    )
    filters = (
        Filter.choice("kind", "类别", AwardKind.choices),
        Filter.choice("rank", "级别", Rank.choices),
        Filter.area("area", "区划", field="person__area_id"),
        Filter.days("awarded", "授予日期", field="awarded_on"),
    )

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        return Award.objects.visible_to(user_of(request)).select_related("person__area")

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        return rows.filter(Q(name__icontains=text.strip()) | Q(person__name__icontains=text.strip()))


@requires("honours.manage")
def award_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = person_of(request, uid, managed=True)
    return act_page(
        request,
        AwardForm(posted(request)),
        run=lambda v: awarding.enter_award(row, by=user_of(request), **v),
        back=_person(row.uid),
        title=f"登记获奖或称号：{row.name}",
        done="已登记。",
        submit="登记",
        clause="notice:A1.3.6",
    )


@requires("honours.manage")
def award_strike(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = award_of(request, uid)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: awarding.strike_award(row, by=user_of(request), **v),
        back=_person(row.person.uid),
        title=f"作废“{row.name}”：{row.person.name}",
        hint="只用于登记有误；作废后不再作为推荐依据，记录保留。",
        done="已作废。",
        submit="作废",
        watched=lambda: [row],
    )
