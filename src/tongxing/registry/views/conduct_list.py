"""The list of conduct records: what the yearly selection asks for before it names anybody (notice:A1.2, A2.2)."""

from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse

from tongxing.accounts.requests import user_of
from tongxing.areas.scope import span_of
from tongxing.core.listing import Column, Filter, ListPage
from tongxing.registry.models import ConductRecord, Person
from tongxing.registry.models.conduct import ConductKind

STATES = {"standing": "有效", "lifted": "已撤销或修复", "struck": "已作废"}
TONES = {"standing": "red", "lifted": "grey", "struck": "grey"}


def _by_state(rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
    if value == "struck":
        return rows.exclude(struck_on=None)
    return rows.filter(struck_on=None, lifted_on__isnull=value == "standing")


def _by_subject(rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
    return rows.filter(organisation__isnull=value == "person")


def _by_document(rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
    return rows.filter(file_id__isnull=value == "no")


def _by_area(rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
    return rows.filter(subject_area__range=span_of(int(value)))


def _areas(request: HttpRequest) -> list[tuple[int, str]]:
    """The areas that the records on show belong to; there are few of these records."""
    seen = ConductRecord.objects.visible_to(user_of(request))
    found = dict(seen.filter(person__isnull=False).order_by().values_list("person__area_id", "person__area__short_name"))
    found |= dict(seen.filter(organisation__isnull=False).order_by().values_list("organisation__area_id", "organisation__area__short_name"))
    return sorted(found.items())


def _subject_page(entry: ConductRecord) -> str:
    name = "registry:person" if isinstance(entry.subject, Person) else "registry:organisation"
    return reverse(name, args=[entry.subject.uid])


class ConductList(ListPage):
    key = "registry.conduct"
    title = "违法失信记录"
    permission = "registry.view"
    export_permission = "registry.export"
    search_hint = "姓名、单位名称、文书号、来源"
    default_sort = "-happened_on"
    empty = ("没有违法失信记录", "在人员或单位的页面上登记。", "registry:organisations", "打开单位名录")
    columns = (
        Column("subject", "人员或单位", value=lambda c: c.subject.name, link=_subject_page, width=36),
        Column("kind_of_subject", "对象", value=lambda c: "人员" if c.person_id else "单位", width=8),
        Column("kind", "类别", value=lambda c: c.get_kind_display(), sort="kind"),
        Column("happened_on", "日期", value=lambda c: c.happened_on, sort="happened_on"),
        Column("summary", "事由", value=lambda c: c.summary, width=40),
        Column("source", "来源", value=lambda c: c.source, sort="source", width=24),
        Column("document", "文书号", value=lambda c: c.document, default=False, width=24),
        Column("file", "附件", value=lambda c: "有" if c.file_id else "", width=8),
        Column("state", "状态", value=lambda c: STATES[c.state], tone=lambda c: TONES[c.state]),
        Column("area", "区划", value=lambda c: c.subject.area.short_name, sort="subject_area"),
        Column("lifted_on", "撤销或修复", value=lambda c: c.lifted_on, sort="lifted_on", default=False),
        Column("recorded_by", "登记人", value=lambda c: c.recorded_by, default=False),
    )
    filters = (
        Filter.custom("subject", "对象", [("person", "人员"), ("organisation", "单位")], apply=_by_subject),
        Filter.choice("kind", "类别", ConductKind.choices),
        Filter.custom("state", "状态", STATES.items(), apply=_by_state),
        Filter.custom("area", "区划", _areas, apply=_by_area),
        Filter.custom("file", "附件", [("yes", "有"), ("no", "没有")], apply=_by_document),
        Filter.days("happened", "日期", field="happened_on"),
    )

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        rows = ConductRecord.objects.visible_to(user_of(request)).select_related("person__area", "organisation__area")
        return rows.annotate(subject_area=Coalesce("person__area_id", "organisation__area_id"))

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        named = Q(person__name__icontains=text) | Q(organisation__name__icontains=text)
        return rows.filter(named | Q(document__icontains=text) | Q(source__icontains=text))
