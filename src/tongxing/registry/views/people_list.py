"""The list of people; the list of coordinators stands in `certificates`, because it shows levels."""

import re
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from tongxing.accounts.requests import user_of
from tongxing.core.addresses import address_of
from tongxing.core.identifiers import squeeze
from tongxing.core.listing import Column, Filter, ListPage
from tongxing.registry.identity import id_index, phone_index
from tongxing.registry.models import Person
from tongxing.registry.models.coordinators import CoordinatorStatus
from tongxing.registry.models.people import Education, IdType, Politics, Sex
from tongxing.registry.person_page import TONES
from tongxing.registry.search import narrow


def search_people(rows: "QuerySet[Any]", text: str, prefix: str = "") -> "QuerySet[Any]":
    """By a piece of the name or its initials, or by a whole ID or phone number; `prefix` is the way from the row to its person.

    Not within the user's area alone: one may see people of other areas, by name.
    """
    number = squeeze(text)
    if re.fullmatch(r"[0-9A-Z]{7,18}", number) and re.search(r"\d{5}", number):
        return rows.filter(Q(**{f"{prefix}id_index": id_index(number)}) | Q(**{f"{prefix}phone_index": phone_index(number)}))
    return narrow(rows, text, "p", field="person_id" if prefix else "id")


def _enrolment(person: Person) -> Any:
    return getattr(person, "coordinator", None)


def _by_enrolment(rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
    return rows.filter(coordinator=None) if value == "none" else rows.filter(coordinator__status=value)


class PeopleList(ListPage):
    key = "registry.people"
    title = "人员"
    permission = "registry.view"
    export_permission = "registry.export"
    search_hint = "姓名、拼音首字母、证件号、手机号"
    default_sort = "-created"
    empty = ("还没有人员", "登记协调员时会同时登记人员，也可以导入协调员名册。", "sheets:upload", "导入名册")
    columns = (
        Column("name", "姓名", value=lambda p: p.name, link=lambda p: address_of("registry:person", p.uid), sort="name"),
        Column("id_number", "证件号码", value=lambda p: p.id_masked, width=24),
        Column("phone", "手机号", value=lambda p: p.phone_masked),
        Column("sex", "性别", value=lambda p: p.get_sex_display(), sort="sex", width=8),
        Column("born_on", "出生日期", value=lambda p: p.born_on, sort="born_on"),
        Column("education", "学历", value=lambda p: p.get_education_display(), sort="education", default=False),
        Column("politics", "政治面貌", value=lambda p: p.get_politics_display(), default=False),
        Column("id_type", "证件类型", value=lambda p: p.get_id_type_display(), default=False, width=24),
        Column(
            "status",
            "协调员",
            value=lambda p: _enrolment(p).get_status_display() if _enrolment(p) else "",
            tone=lambda p: TONES[_enrolment(p).status],
        ),
        Column("area", "区划", value=lambda p: p.area.short_name, sort="area_id"),
        Column("created", "登记时间", value=lambda p: p.created_at, sort="id", default=False, width=20),
    )
    filters = (
        Filter.custom("status", "协调员", [*CoordinatorStatus.choices, ("none", "未登记")], apply=_by_enrolment),
        Filter.area("area", "区划"),
        Filter.choice("sex", "性别", Sex.choices),
        Filter.choice("education", "学历", Education.choices),
        Filter.choice("politics", "政治面貌", Politics.choices),
        Filter.choice("id_type", "证件类型", IdType.choices),
    )
    actions = (("登记人员", "registry:person-new", "registry.edit"), ("待查重", "registry:duplicates", "registry.merge"))

    def rows(self, request: HttpRequest) -> "QuerySet[Person]":
        return Person.objects.visible_to(user_of(request)).standing().select_related("area", "coordinator")

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        return search_people(rows, text)
