"""The lists of claims, and of certificates for which none was made."""

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value
from django.http import HttpRequest

from tongxing.accounts.requests import user_of
from tongxing.certificates.models import Level
from tongxing.core.addresses import address_of
from tongxing.core.listing import Bulk, Column, Filter, ListPage, word_of
from tongxing.registry.views.people_list import search_people
from tongxing.subsidies.models import (
    Claim,
    ClaimKind,
    ClaimState,
    Finding,
    Fund,
    Round,
)
from tongxing.subsidies.reaching import reachable, unclaimed

LEVELS = {level: label.partition("/")[0] for level, label in Level.choices}
TONES = {
    ClaimState.SUBMITTED: "amber",
    ClaimState.RETURNED: "amber",
    ClaimState.ACCEPTED: "amber",
    ClaimState.OBJECTED: "red",
    ClaimState.BOUNCED: "red",
    ClaimState.RECOVERING: "red",
    ClaimState.PAID: "green",
    ClaimState.REFUSED: "grey",
    ClaimState.WITHDRAWN: "grey",
    ClaimState.RECOVERED: "grey",
}


def tone_of(claim: Claim) -> str:
    return TONES.get(ClaimState(claim.state), "teal")


def _by_findings(rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
    stand_open = Exists(Finding.objects.filter(claim=OuterRef("pk"), cleared_at=None, gone_at=None))
    return rows.filter(stand_open) if value == "open" else rows.exclude(stand_open)


class ClaimList(ListPage):
    key = "subsidies.claims"
    title = "补贴申请"
    permission = "subsidies.view"
    export_permission = "subsidies.view"
    search_hint = "受理号、姓名、证件号"
    default_sort = "-serial"
    empty = ("还没有补贴申请", "从持证而没有申请补贴的名单里勾选，一次提交。", "subsidies:candidates", "查看可申请的证书")
    columns = (
        Column(
            "serial", "受理号", value=lambda c: c.serial, link=lambda c: address_of("subsidies:claim", c.uid), sort="serial", reads="serial"
        ),
        Column("state", "状态", value=word_of("state", ClaimState), tone=tone_of, sort="state"),
        Column("kind", "种类", value=word_of("kind", ClaimKind), sort="kind"),
        Column("person", "受益人", value=lambda c: c.person.name, sort="person__name"),
        Column("level", "等级", value=lambda c: LEVELS[c.level], sort="level", width=8),
        Column("payee", "收款人", value=lambda c: c.payee_name, width=30),
        Column("amount", "金额（元）", value=lambda c: f"{c.amount:,.2f}", export=lambda c: c.amount, sort="amount", numeric=True),
        Column(
            "findings",
            "预审发现",
            value=lambda c: c.findings_open or None,
            tone=lambda c: "red" if c.findings_open else "",
            numeric=True,
            width=10,
        ),
        Column("notice_until", "公示至", value=lambda c: c.notice_until, sort="notice_until"),
        Column("fund", "资金", value=lambda c: str(c.fund) if c.fund else "", default=False, width=24),
        Column("area", "区划", value=lambda c: c.area.short_name, sort="area_id", default=False),
        Column("claimed_on", "申请日期", value=lambda c: c.claimed_on, sort="claimed_on", default=False),
        Column("account", "收款账号", value=lambda c: c.account_masked, default=False, width=24),
        Column("note", "说明", value=lambda c: c.state_note, default=False, width=40),
    )
    filters = (
        Filter.choice("state", "状态", ClaimState.choices),
        Filter.choice("kind", "种类", ClaimKind.choices),
        Filter.choice("level", "等级", list(LEVELS.items())),
        Filter.custom("findings", "预审发现", [("open", "有未排除的"), ("none", "没有")], apply=_by_findings),
        Filter.area("area", "区划"),
        Filter.days("claimed", "申请日期", field="claimed_on"),
        Filter.choice("round", "公示", lambda request: _named(Round.objects.visible_to(user_of(request))), field="round_id"),
        Filter.choice("fund", "资金", lambda request: _named(Fund.objects.visible_to(user_of(request))), field="fund_id"),
    )
    bulk = (
        Bulk("受理", "subsidies:accept", permission="subsidies.handle"),
        Bulk("审批", "subsidies:approve", permission="subsidies.approve"),
        Bulk("拟公示", "subsidies:round-new", permission="subsidies.handle"),
        Bulk("制作拨付单", "subsidies:payment-new", permission="subsidies.pay"),
    )
    actions = (
        ("申请补贴", "subsidies:candidates", "subsidies.handle"),
        ("比对名单", "subsidies:comparisons", "subsidies.view"),
        ("审计底稿", "subsidies:audit-workbook", "subsidies.view"),
    )

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        rows = Claim.objects.visible_to(user_of(request)).select_related("person", "payee_person", "payee_organisation", "area", "fund")
        return rows.annotate(findings_open=Count("findings", filter=Q(findings__cleared_at=None, findings__gone_at=None)))

    def search(self, rows: Any, text: str, request: HttpRequest) -> Any:
        if text.upper().startswith("BT"):
            return rows.filter(serial__startswith=text.upper())
        return search_people(rows, text, prefix="person__")


def _named(rows: "QuerySet[Any]") -> list[tuple[str, str]]:
    return [(str(row.pk), str(row)) for row in rows[:100]]


def _by_kind(rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
    return rows


class CandidateList(ListPage):
    """Valid certificates for which the subsidy of the chosen kind was not claimed."""

    key = "subsidies.candidates"
    title = "可申请补贴的证书"
    intro = "有效、还没有申请过同类补贴的证书。勾选后一次提交；每一笔都会当场判定并说明理由。"
    permission = "subsidies.claim"
    search_hint = "姓名、证件号、证书编号"
    default_sort = "-issued_on"
    frame = ("kind",)
    empty = ("没有可申请的证书", "新登记的有效证书会自动列在这里。", "", "")
    columns = (
        Column(
            "person",
            "持证人",
            value=lambda c: c.person.name,
            link=lambda c: address_of("certificates:certificate", c.uid) if c.shown else None,
            sort="person__name",
        ),
        Column("number", "证书编号", value=lambda c: c.number, sort="number", width=26),
        Column("level", "等级", value=lambda c: LEVELS[c.level], sort="level", width=8),
        Column("issued_on", "发证日期", value=lambda c: c.issued_on, sort="issued_on"),
        Column("body", "评价机构", value=lambda c: c.body.name if c.body else c.body_name, width=30),
        Column("area", "区划", value=lambda c: c.person.area.short_name, sort="person__area_id"),
    )
    filters = (
        Filter.custom("kind", "补贴种类", ClaimKind.choices, apply=_by_kind),
        Filter.choice("level", "等级", list(LEVELS.items())),
        Filter.days("issued", "发证日期", field="issued_on"),
        Filter.area("area", "区划", field="person__area_id"),
    )
    bulk = (Bulk("申请补贴", "subsidies:open", permission="subsidies.claim"),)
    actions = (("导入补贴申请表", "sheets:upload", "subsidies.claim"),)

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        kind = kind_of(request)
        user = user_of(request)
        rows = unclaimed(reachable(user, kind), kind).select_related("person__area", "body")
        return rows.annotate(shown=Value(user.may("certificates.view")))

    def search(self, rows: Any, text: str, request: HttpRequest) -> Any:
        if any(letter.isdigit() for letter in text) and len(text) > 18:
            return rows.filter(number__startswith=text.upper())
        return search_people(rows, text, prefix="person__")


def kind_of(request: HttpRequest) -> str:
    """The kind of subsidy that the list of candidates is about."""
    wish = request.GET.get("kind", "")
    return wish if wish in ClaimKind.values else ClaimKind.EVALUATION
