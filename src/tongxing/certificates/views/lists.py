"""The lists of coordinators (with their level) and of certificates."""

from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts.requests import user_of
from tongxing.certificates.holding import with_level
from tongxing.certificates.models import Certificate, CertificateKind, CertificateStatus, Level, NationalCheck
from tongxing.core.addresses import address_of
from tongxing.core.identifiers import squeeze
from tongxing.core.listing import Bulk, Column, Filter, ListPage, word_of
from tongxing.registry.confirmation import unconfirmed
from tongxing.registry.models import Assignment, Coordinator, Posting, StatusPeriod
from tongxing.registry.models.coordinators import CoordinatorStatus, holds_on
from tongxing.registry.models.organisations import OrganisationKind
from tongxing.registry.models.people import Education, Sex
from tongxing.registry.person_page import TONES
from tongxing.registry.views.people_list import search_people

from .certificates import TONES as CERTIFICATE_TONES

LEVELS = {1: "一级", 2: "二级", 3: "三级", 4: "四级"}


def _by_level(rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
    if value in {"none", "any"}:
        return rows.filter(level__isnull=value == "none")
    return rows.filter(level=int(value))


def _by_confirmation(rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
    waiting = unconfirmed(Coordinator.objects.all()).values("pk")
    return rows.filter(pk__in=waiting) if value == "no" else rows.exclude(pk__in=waiting)


def _by_place(rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
    today = timezone.localdate()
    return {
        "unposted": rows.exclude(postings__in=Posting.objects.filter(holds_on(today))),
        "duty": rows.filter(duty_areas__until=None, duty_areas__isnull=False).distinct(),
        "carrying": rows.filter(load__gt=0),
    }[value]


class CoordinatorList(ListPage):
    key = "certificates.coordinators"
    title = "协调员"
    permission = "registry.view"
    export_permission = "registry.export"
    search_hint = "姓名、拼音首字母、证件号、手机号"
    default_sort = "name"
    empty = ("还没有协调员", "导入协调员名册，或逐个登记。", "sheets:upload", "导入名册")
    columns = (
        Column(
            "name",
            "姓名",
            value=lambda c: c.person.name,
            link=lambda c: address_of("registry:person", c.person.uid),
            sort="person__name",
            reads="person__name",
        ),
        Column(
            "status",
            "状态",
            value=word_of("status", CoordinatorStatus),
            tone=lambda c: TONES[c.status],
            sort="status",
            width=10,
            reads="status",
        ),
        Column(
            "level",
            "技能等级",
            value=lambda c: LEVELS.get(c.level, "无证"),
            tone=lambda c: "teal" if c.level else "grey",
            sort="level",
            reads="level",
        ),
        Column("host", "任职单位", value=lambda c: c.host_name, sort="host_name", width=40, reads="host_name"),
        Column("host_kind", "单位类别", value=word_of("host_kind", OrganisationKind), sort="host_kind", reads="host_kind"),
        Column("area", "区划", value=lambda c: c.area.short_name, sort="area_id", reads="area__short_name"),
        Column("full_time", "专兼职", value=lambda c: "专职" if c.full_time else "兼职", sort="full_time", width=10, reads="full_time"),
        Column("load", "包联企业", value=lambda c: c.load, sort="load", numeric=True, width=10, reads="load"),
        Column("enrolled_on", "登记日期", value=lambda c: c.enrolled_on, sort="enrolled_on", reads="enrolled_on"),
        Column("left_on", "离队日期", value=lambda c: c.left_on, sort="left_on", default=False, reads="left_on"),
        Column("created", "录入时间", value=lambda c: c.created_at, sort="id", default=False, reads="created_at"),
        Column("sex", "性别", value=lambda c: c.person.get_sex_display(), default=False, width=8),
        Column("born_on", "出生日期", value=lambda c: c.person.born_on, sort="person__born_on", default=False),
        Column("education", "学历", value=lambda c: c.person.get_education_display(), default=False),
        Column("id_number", "证件号码", value=lambda c: c.person.id_masked, default=False, width=24),
        Column("phone", "手机号", value=lambda c: c.person.phone_masked, default=False),
        Column("remark", "备注", value=lambda c: c.remark, default=False, width=30),
    )
    filters = (
        Filter.choice("status", "状态", CoordinatorStatus.choices),
        Filter.custom("level", "技能等级", [("any", "持证"), ("none", "无证"), *LEVELS.items()], apply=_by_level),
        Filter.choice("host_kind", "单位类别", OrganisationKind.choices),
        Filter.area("area", "区划"),
        Filter.flag("full_time", "专职"),
        Filter.choice("sex", "性别", Sex.choices, field="person__sex"),
        Filter.choice("education", "学历", Education.choices, field="person__education"),
        Filter.custom("place", "岗位", [("unposted", "没有任职"), ("duty", "有责任片区"), ("carrying", "有包联企业")], apply=_by_place),
        Filter.custom("confirmed", "本年度核实", [("yes", "已核实"), ("no", "待核实")], apply=_by_confirmation),
        Filter.days("enrolled", "登记日期", field="enrolled_on"),
        Filter.days("left", "离队日期", field="left_on", quiet=True),
        Filter.days("created", "录入日期", field="created_at", quiet=True),
    )
    actions = (("登记协调员", "certificates:coordinator-new", "registry.edit"), ("导入名册", "sheets:upload", "sheets.use"))

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        today = timezone.localdate()
        host = Posting.objects.filter(holds_on(today), coordinator=OuterRef("pk")).order_by("-is_primary", "-since")
        load = Assignment.objects.filter(holds_on(today), coordinator=OuterRef("pk")).order_by().values("coordinator")
        count = load.annotate(count=Count("organisation_id", distinct=True)).values("count")
        left = StatusPeriod.objects.filter(coordinator=OuterRef("pk"), status=CoordinatorStatus.LEFT, until=None).order_by()
        visible = Coordinator.objects.visible_to(user_of(request)).standing().select_related("person", "area")
        return with_level(visible).annotate(
            host_name=Subquery(host.values("organisation__name")[:1]),
            load=Coalesce(Subquery(count, output_field=IntegerField()), 0),
            left_on=Subquery(left.values("since")[:1]),
        )

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        return search_people(rows, text, "person__")


def _by_check(rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
    checks = NationalCheck.objects.filter(certificate=OuterRef("pk"))
    if value == "never":
        return rows.filter(~Exists(checks))
    return rows.filter(Exists(checks.filter(found=value == "found")))


class CertificateList(ListPage):
    key = "certificates.certificates"
    title = "证书"
    permission = "certificates.view"
    export_permission = "registry.export"
    search_hint = "证书编号、姓名"
    default_sort = "-issued_on"
    empty = ("还没有证书", "导入证书名册，或在人员页面上逐张登记。", "sheets:upload", "导入名册")
    columns = (
        Column(
            "number",
            "证书编号",
            value=lambda c: c.number,
            link=lambda c: reverse("certificates:certificate", args=[c.uid]),
            sort="number",
            width=28,
        ),
        Column("person", "持证人", value=lambda c: c.person.name, sort="person__name"),
        Column("level", "等级", value=lambda c: LEVELS.get(c.level, ""), sort="level", width=10),
        Column("kind", "种类", value=lambda c: c.get_kind_display(), sort="kind", width=20),
        Column("issued_on", "发证日期", value=lambda c: c.issued_on, sort="issued_on"),
        Column("body", "评价机构", value=lambda c: c.body_name, sort="body_name", width=36),
        Column("status", "状态", value=lambda c: c.get_status_display(), tone=lambda c: CERTIFICATE_TONES[c.status], sort="status"),
        Column("checked", "全国查询", value=lambda c: {True: "已查到", False: "未查到"}.get(c.checked, "未查询"), default=False),
        Column("area", "区划", value=lambda c: c.person.area.short_name, sort="person__area_id"),
        Column("created", "录入时间", value=lambda c: c.created_at, sort="id", default=False),
        Column("reason", "状态原因", value=lambda c: c.status_reason, default=False, width=30),
    )
    filters = (
        Filter.choice("level", "等级", Level.choices),
        Filter.choice("kind", "种类", CertificateKind.choices),
        Filter.choice("status", "状态", CertificateStatus.choices),
        Filter.area("area", "区划", field="person__area_id"),
        Filter.days("issued", "发证日期", field="issued_on"),
        Filter.days("created", "录入日期", field="created_at", quiet=True),
        Filter.custom("check", "全国查询", [("never", "未查询"), ("found", "已查到"), ("missing", "未查到")], apply=_by_check),
    )
    bulk = (Bulk("打印登记摘录", "credentials:extracts", permission="certificates.edit"),)
    actions = (
        ("导入名册", "sheets:upload", "sheets.use"),
        ("评价机构备案号", "certificates:filings", "certificates.edit"),
    )

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        last = NationalCheck.objects.filter(certificate=OuterRef("pk")).order_by("-checked_on", "-id").values("found")[:1]
        return Certificate.objects.visible_to(user_of(request)).select_related("person__area").annotate(checked=Subquery(last))

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        number = squeeze(text)
        if number[-4:].isdigit():
            return rows.filter(number__startswith=number) if len(number) < 22 else rows.filter(number=number)
        return search_people(rows, text, "person__")
