"""The honours roll for the offices: the list, entering earlier years, withdrawing, consent to show a photo."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.listing import Column, Filter, ListPage
from tongxing.honours import honouring
from tongxing.honours.forms import ReasonForm
from tongxing.honours.models import Honour, HonourLevel, Kind
from tongxing.honours.notice_forms import ConsentForm, HonourForm
from tongxing.honours.rules import can_manage, insist
from tongxing.registry.models import Organisation, Person
from tongxing.registry.views.act_page import act_page, posted

from .fetching import organisation_of, person_of

ROLL = "honours:honours"


def subject_address(row: Honour) -> str:
    """The page of the conditions of whom the honour is about."""
    if row.person is not None:
        return reverse("honours:person", args=[row.person.uid])
    assert row.organisation is not None  # the constraint
    return reverse("honours:organisation", args=[row.organisation.uid])


def subject_name(row: Honour) -> str:
    subject = row.person or row.organisation
    return subject.name if subject else ""


def _years(request: HttpRequest) -> list[tuple[int, str]]:
    """The years that the roll has, the latest first."""
    years = Honour.objects.visible_to(user_of(request)).order_by("-year").values_list("year", flat=True).distinct()
    return [(year, f"{year} 年") for year in years]


def _of_year(rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
    return rows.filter(year=int(value))


def _act(name: str, word: str) -> Column:
    return Column(
        name,
        word,
        value=lambda h: None if h.withdrawn_on or (name == "consent" and h.person_id is None) else word,
        link=lambda h: reverse(f"honours:honour-{name}", args=[h.uid]),
        width=8,
    )


class HonourList(ListPage):
    key = "honours.honours"
    title = "荣誉榜"
    intro = "年度典型由选树报送登上，省级金牌由登记省级结果登上；以前年度的在资格页补登。公众页面自动更新。"
    permission = "honours.view"
    export_permission = "registry.export"
    search_hint = "姓名、单位、称号"
    default_sort = "-year"
    empty = ("荣誉榜还是空的", "报送省级后自动登上；以前年度的可以在一个人的资格页补登。", "honours:selections", "年度选树")
    columns: tuple[Column, ...] = (
        Column("who", "姓名、名称", value=subject_name, link=subject_address, width=24),
        Column("kind", "类别", value=lambda h: h.get_kind_display(), sort="kind", width=10),
        Column("title", "称号", value=lambda h: h.title, sort="title", width=32),
        Column(
            "level",
            "等次",
            value=lambda h: h.get_level_display(),
            tone=lambda h: "amber" if h.level == "gold" else "teal",
            sort="level",
            width=14,
        ),
        Column("year", "年度", value=lambda h: str(h.year), sort="year", width=8),
        Column("awarded_on", "授予日期", value=lambda h: h.awarded_on, sort="awarded_on"),
        Column(
            "state",
            "状态",
            value=lambda h: "已撤销" if h.withdrawn_on else "有效",
            tone=lambda h: "red" if h.withdrawn_on else "green",
            width=8,
        ),
        Column("photo", "照片", value=lambda h: "同意公开" if h.photo_consent else None, width=10),
        Column("area", "区划", value=lambda h: h.area.short_name, sort="area_id"),
    )
    filters = (
        Filter.choice("kind", "类别", Kind.choices),
        Filter.choice("level", "等次", HonourLevel.choices),
        Filter.custom("year", "年度", _years, apply=_of_year),
        Filter.area("area", "区划"),
    )

    def prepare(self, request: HttpRequest, **kwargs: Any) -> None:
        """Who cannot change the roll is offered no way to."""
        super().prepare(request, **kwargs)
        if user_of(request).may("honours.manage"):
            self.columns = (*self.columns, _act("consent", "照片同意"), _act("withdraw", "撤销"))

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        return Honour.objects.visible_to(user_of(request)).select_related("person", "organisation", "area")

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        word = text.strip()
        return rows.filter(Q(person__name__icontains=word) | Q(organisation__name__icontains=word) | Q(title__icontains=word))


def _honour(request: HttpRequest, uid: UUID) -> Honour:
    rows = Honour.objects.visible_to(user_of(request)).select_related("person", "organisation")
    row = get_object_or_404(rows, uid=uid)
    insist(can_manage(user_of(request), row.area_id))
    return row


def _enter(request: HttpRequest, subject: Person | Organisation, back: str) -> HttpResponse:
    return act_page(
        request,
        HonourForm(posted(request)),
        run=lambda v: honouring.enter_honour(subject, by=user_of(request), **v),
        back=back,
        title=f"补登荣誉：{subject.name}",
        hint="只补登系统使用以前的年度；今后的由报送和省级结果自动登上。",
        done="已登上荣誉榜。",
        submit="登上荣誉榜",
        clause="notice:3.3.1",
    )


@requires("honours.manage")
def person_honour(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = person_of(request, uid, managed=True)
    return _enter(request, row, reverse("honours:person", args=[row.uid]))


@requires("honours.manage")
def organisation_honour(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = organisation_of(request, uid)
    insist(can_manage(user_of(request), row.area_id))
    return _enter(request, row, reverse("honours:organisation", args=[row.uid]))


@requires("honours.manage")
def honour_withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = _honour(request, uid)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: honouring.withdraw_honour(row, by=user_of(request), **v),
        back=reverse(ROLL),
        title=f"撤销荣誉：{subject_name(row)} {row.title}",
        hint="撤销后不再计入目标，荣誉榜上保留并写明原因。",
        done="已撤销。",
        submit="撤销荣誉",
        watched=lambda: [row],
    )


@requires("honours.manage")
def honour_consent(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = _honour(request, uid)
    return act_page(
        request,
        ConsentForm(posted(request), initial={"consent": row.photo_consent}),
        run=lambda v: honouring.set_consent(row, by=user_of(request), **v),
        back=reverse(ROLL),
        title=f"照片公开同意书：{subject_name(row)}",
        hint="没有同意书，公众页面不显示照片。",
        done="已保存。",
        watched=lambda: [row],
    )
