"""The list of entries."""

from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse

from tongxing.areas.models import Area
from tongxing.core.listing import Column, Filter, ListPage

from .models import Entry
from .names import ROOMS, act_name, act_names

AREA_CHOICES = 400


def _areas(request: HttpRequest) -> list[tuple[int, str]]:
    scope = request.user.scope("audit.view")  # type: ignore[union-attr]
    return list(Area.objects.in_scope(scope).values_list("code", "short_name")[:AREA_CHOICES])


def _within(rows: QuerySet[Any], value: str, request: HttpRequest) -> QuerySet[Any]:
    return rows.filter(area_code__range=Area(code=int(value)).span)


def _in_room(rows: QuerySet[Any], value: str, request: HttpRequest) -> QuerySet[Any]:
    return rows.filter(act__startswith=f"{value}.")


def _on_behalf(rows: QuerySet[Any], value: str, request: HttpRequest) -> QuerySet[Any]:
    return rows.exclude(on_behalf_of="") if value == "1" else rows.filter(on_behalf_of="")


def _acts(request: HttpRequest) -> list[tuple[str, str]]:
    return sorted(act_names().items(), key=lambda item: item[0])


class EntryList(ListPage):
    key = "audit.entries"
    title = "审计日志"
    intro = "谁在什么时候对什么做了什么。只增不改，分块封存，可校验。"
    permission = "audit.view"
    export_permission = "audit.view"
    search_hint = "操作人、对象、理由、对象编号"
    default_sort = "-at"
    empty = ("没有符合条件的记录", "换一个时间段或去掉筛选条件再看。", "", "")
    columns = (
        Column("at", "时间", value=lambda row: row.at, link=lambda row: reverse("audit:entry", args=[row.pk]), sort="id", default=True),
        Column("actor", "操作人", value=lambda row: row.actor_name, default=True),
        Column("behalf", "代", value=lambda row: row.on_behalf_of, default=True),
        Column("act", "操作", value=lambda row: act_name(row.act), default=True),
        Column("object", "对象", value=lambda row: row.object_label, default=True),
        Column("area", "区划", value=lambda row: row.area_name or "", default=True),
        Column("reason", "理由", value=lambda row: row.reason, default=True),
        Column("block", "封存区块", value=lambda row: row.block_id or "未封存", default=False),
        Column("request", "请求编号", value=lambda row: row.request_id, default=False),
    )
    filters = (
        Filter.choice("act", "操作", _acts, field="act"),
        Filter.custom("room", "业务", list(ROOMS.items()), apply=_in_room),
        Filter.custom("area", "区划", _areas, apply=_within),
        Filter.custom("behalf", "代办", [("1", "代人办理"), ("0", "本人办理")], apply=_on_behalf),
        Filter.days("at", "日期", field="at"),
    )
    actions = (("封存与校验", "audit:blocks", "audit.view"),)

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        area_name = Area.objects.filter(code=OuterRef("area_code")).values("short_name")[:1]
        return Entry.objects.visible_to(request.user).annotate(area_name=Subquery(area_name))

    def search(self, rows: QuerySet[Any], text: str, request: HttpRequest) -> QuerySet[Any]:
        return rows.filter(
            Q(actor_name__icontains=text) | Q(object_label__icontains=text) | Q(reason__icontains=text) | Q(object_id=text) | Q(act=text)
        )
