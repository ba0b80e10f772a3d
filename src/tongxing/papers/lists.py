"""The list of issued papers."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from tongxing.core.listing import Column, Filter, ListPage

from .models import Paper


class PaperList(ListPage):
    key = "papers.papers"
    title = "文书"
    intro = "出具过的报告和名单。每份都有编号、内容摘要和查验二维码。"
    permission = "papers.make"
    search_hint = "编号、标题"
    default_sort = "-made"
    empty = ("还没有文书", "在报告或缺口页面选择“出具”，就会在这里编号留存。", "", "")
    columns = (
        Column(
            "number", "编号", value=lambda paper: paper.number, link=lambda paper: reverse("papers:paper", args=[paper.uid]), sort="number"
        ),
        Column("title", "标题", value=lambda paper: paper.title, sort="title", width=40),
        Column("kind", "类别", value=lambda paper: paper.kind, sort="kind"),
        Column("made", "出具时间", value=lambda paper: timezone.localtime(paper.made_at), sort="id"),
        Column("by", "出具人", value=lambda paper: paper.made_by_name),
    )
    filters = (Filter.days("made_at", "出具日期", field="made_at"),)

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        return Paper.objects.visible_to(request.user).defer("content")

    def search(self, rows: QuerySet[Any], text: str, request: HttpRequest) -> QuerySet[Any]:
        return rows.filter(Q(number__icontains=text) | Q(title__icontains=text))
