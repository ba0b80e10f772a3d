"""The lists of notices, objections, payment lists, comparison lists and funds."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts.requests import user_of
from tongxing.core.addresses import address_of
from tongxing.core.listing import Column, Filter, ListPage, word_of
from tongxing.subsidies.funding import standings
from tongxing.subsidies.models import (
    Claim,
    Comparison,
    ComparisonKind,
    Fund,
    Objection,
    Outcome,
    PaymentList,
    PaymentState,
    Round,
    RoundState,
)

PAYMENT_TONES: dict[str, str] = {
    "draft": "amber",
    "approved": "teal",
    "sent": "teal",
    "partly": "amber",
    "done": "green",
    "cancelled": "grey",
}


def word(row: Any) -> str:
    if row.state != RoundState.PUBLISHED:
        return str(row.get_state_display())
    today = timezone.localdate()
    return "公示中" if row.ends_on >= today else "公示期满" if row.shown_until >= today else "已到期撤下"


class RoundList(ListPage):
    key = "subsidies.rounds"
    title = "补贴公示"
    permission = "subsidies.view"
    default_sort = "-created_at"
    empty = ("还没有公示", "在补贴申请里勾选已审批的申请，选“拟公示”。", "subsidies:claims", "查看补贴申请")
    columns = (
        Column("title", "标题", value=lambda r: r.title, link=lambda r: address_of("subsidies:round", r.uid), sort="title", width=40),
        Column("state", "状态", value=word, tone=lambda r: "teal" if r.is_shown else "grey", sort="state"),
        Column("count", "人数", value=lambda r: r.claims_count, numeric=True, width=8),
        Column("published_on", "发布日期", value=lambda r: r.published_on, sort="published_on"),
        Column("ends_on", "公示至", value=lambda r: r.ends_on, sort="ends_on"),
        Column(
            "objections",
            "未办异议",
            value=lambda r: r.objections_open or None,
            tone=lambda r: "red" if r.objections_open else "",
            numeric=True,
        ),
        Column("created_at", "拟稿时间", value=lambda r: r.created_at, sort="created_at", default=False),
    )
    filters = (Filter.choice("state", "状态", RoundState.choices), Filter.area("area", "区划"))

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        return Round.objects.visible_to(user_of(request)).annotate(
            claims_count=Count("claims", distinct=True),
            objections_open=Count("objections", filter=Q(objections__outcome=Outcome.OPEN), distinct=True),
        )

    def described(self, rows: list[Any], request: HttpRequest) -> list[Any]:
        today = timezone.localdate()
        for row in rows:
            row.is_shown = row.state == RoundState.PUBLISHED and row.shown_until >= today
        return rows


class PaymentPages(ListPage):
    key = "subsidies.payments"
    title = "拨付单"
    permission = "subsidies.view"
    export_permission = "subsidies.view"
    default_sort = "-number"
    empty = ("还没有拨付单", "在补贴申请里勾选待拨付的申请，选“制作拨付单”。", "subsidies:claims", "查看补贴申请")
    columns = (
        Column("number", "拨付单号", value=lambda p: p.number, link=lambda p: address_of("subsidies:payment", p.uid), sort="number"),
        Column("state", "状态", value=word_of("state", PaymentState), tone=lambda p: PAYMENT_TONES[p.state], sort="state"),
        Column("fund", "资金", value=lambda p: str(p.fund), width=26),
        Column("count", "笔数", value=lambda p: p.lines_count, sort="lines_count", numeric=True, width=8),
        Column("total", "合计（元）", value=lambda p: f"{p.total:,.2f}", export=lambda p: p.total, sort="total", numeric=True),
        Column("made_at", "制单时间", value=lambda p: p.made_at, sort="made_at"),
        Column("made_by", "制单", value=lambda p: p.made_by, default=False),
        Column("approved_by", "审核", value=lambda p: p.approved_by, default=False),
    )
    filters = (Filter.choice("state", "状态", PaymentState.choices), Filter.days("made", "制单日期", field="made_at"))

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        return PaymentList.objects.visible_to(user_of(request)).select_related("fund")


class ComparisonPages(ListPage):
    key = "subsidies.comparisons"
    title = "比对名单"
    intro = "预审时与这些名单比对。只保存证件号的比对摘要和姓名，不保存号码。"
    permission = "subsidies.view"
    default_sort = "-uploaded_at"
    empty = ("还没有比对名单", "导入财政供养、养老金、死亡人员等名单，预审自动比对。", "subsidies:comparison-new", "导入名单")
    columns = (
        Column("kind", "种类", value=word_of("kind", ComparisonKind), sort="kind", width=26),
        Column("source", "来源", value=lambda c: c.source, sort="source", width=30),
        Column("rows_count", "人数", value=lambda c: c.rows_count, sort="rows_count", numeric=True),
        Column("as_of", "数据截至", value=lambda c: c.as_of, sort="as_of"),
        Column("uploaded_at", "导入时间", value=lambda c: c.uploaded_at, sort="uploaded_at"),
        Column("retired_on", "停用日期", value=lambda c: c.retired_on, sort="retired_on"),
        Column(
            "retire",
            "停用",
            value=lambda c: "" if c.retired_on else "停用",
            press=lambda c: None if c.retired_on else reverse("subsidies:comparison-retire", args=[c.pk]),
            width=8,
        ),
    )
    filters = (Filter.choice("kind", "种类", ComparisonKind.choices),)
    actions = (("导入名单", "subsidies:comparison-new", "subsidies.handle"),)

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        return Comparison.objects.visible_to(user_of(request))


class FundList(ListPage):
    key = "subsidies.funds"
    title = "补贴资金"
    permission = "subsidies.view"
    export_permission = "subsidies.view"
    default_sort = "-year"
    empty = ("还没有登记资金", "登记本年度各资金渠道的预算，审批时从中列支。", "subsidies:fund-new", "登记资金")
    columns = (
        Column("source", "资金", value=str, link=lambda f: reverse("subsidies:fund", args=[f.pk]), sort="source", width=30),
        Column("year", "年度", value=lambda f: str(f.year), sort="year", width=8),
        Column("budget", "预算（元）", value=lambda f: f"{f.budget:,.2f}", sort="budget", numeric=True),
        Column("reserved", "已预留", value=lambda f: f"{f.standing.reserved:,.2f}", numeric=True),
        Column("paid", "已拨付", value=lambda f: f"{f.standing.paid:,.2f}", numeric=True),
        Column("returned", "银行退回", value=lambda f: f"{f.standing.returned:,.2f}", numeric=True),
        Column("free", "尚可使用", value=lambda f: f"{f.standing.free:,.2f}", numeric=True),
        Column("area", "区划", value=lambda f: f.area.short_name, sort="area_id"),
    )
    filters = (Filter.area("area", "区划"),)
    actions = (("登记资金", "subsidies:fund-new", "subsidies.approve"),)

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        return Fund.objects.visible_to(user_of(request)).select_related("area")

    def described(self, rows: list[Any], request: HttpRequest) -> list[Any]:
        found = standings(rows)
        for row in rows:
            row.standing = found[row.pk]
        return rows


class ObjectionList(ListPage):
    key = "subsidies.objections"
    title = "公示异议"
    permission = "subsidies.view"
    default_sort = "-raised_on"
    empty = ("没有异议", "公示期内收到的异议列在这里，逐件办结。", "subsidies:rounds", "查看公示")
    columns = (
        Column(
            "number", "异议编号", value=lambda o: o.number, link=lambda o: address_of("subsidies:objection", o.uid), sort="number", width=20
        ),
        Column(
            "outcome",
            "结论",
            value=word_of("outcome", Outcome),
            tone=lambda o: "red" if o.outcome == Outcome.OPEN else "grey",
            sort="outcome",
        ),
        Column("person", "涉及", value=lambda o: o.claim.person.name),
        Column("raised_on", "提出日期", value=lambda o: o.raised_on, sort="raised_on"),
        Column("text", "内容", value=lambda o: o.text[:60], width=50),
        Column("settled_on", "办结日期", value=lambda o: o.settled_on, sort="settled_on"),
    )
    filters = (Filter.choice("outcome", "结论", Outcome.choices),)

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        return Objection.objects.filter(claim__in=Claim.objects.visible_to(user_of(request))).select_related("claim__person")
