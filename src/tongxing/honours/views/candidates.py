"""Who may be recommended: lists of people and organisations judged on the day of a selection, and the verdict on one, clause by clause."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.areas.scope import Scope
from tongxing.certificates.holding import certified
from tongxing.core.access import requires
from tongxing.core.listing import Column, Filter, ListPage
from tongxing.honours import gathering
from tongxing.honours.conditions import falls_below
from tongxing.honours.models import PROVINCIAL, Award, AwardKind, Selection
from tongxing.honours.rules import can_manage
from tongxing.registry.models import Coordinator, Organisation
from tongxing.registry.models.organisations import OrganisationKind
from tongxing.registry.views.people_list import search_people

from .fetching import asked_day, organisation_of, person_of, selection_of
from .nominees import nominations_of


class _Judged(ListPage):
    """A list of those whom one selection could choose, each with the verdict on its reference day."""

    permission = "honours.view"
    export_permission = "registry.export"
    noun = ""
    selection: Selection

    def prepare(self, request: HttpRequest, **kwargs: Any) -> None:
        self.selection = selection_of(request, kwargs["uid"], managed=False)
        self.title = f"{self.noun}：{self.selection.year} 年度"
        self.intro = f"按 {self.selection.judged_on} 的登记核对；“待证明”的由推荐材料证明。"

    @property
    def day(self) -> date:
        return self.selection.judged_on

    @property
    def within(self) -> Q:
        """Those of the area that selects."""
        return Scope((self.selection.area.span,)).as_q("area_id")


def _conditions(name: str, uid: Any) -> Any:
    """The way from a row to its conditions on the reference day; `uid` takes the uid of whom the row is about."""

    def link(row: Any) -> str:
        return f"{reverse(name, args=[uid(row)])}?on={row.verdict.on}"

    return link


VERDICT = Column("verdict", "资格", value=lambda r: r.verdict.answer.label, tone=lambda r: r.verdict.answer.tone, width=12)
AGAINST = Column("against", "为什么不符合", value=lambda r: " ".join(r.verdict.against) or None, width=48)


class PeopleList(_Judged):
    key = "honours.people"
    noun = "可推荐的协调员"
    search_hint = "姓名、拼音首字母、证件号、手机号"
    default_sort = "name"
    empty = ("没有在册协调员", "先导入协调员名册，再核对谁可以推荐。", "sheets:upload", "导入名册")
    columns = (
        Column(
            "name", "姓名", value=lambda c: c.person.name, link=_conditions("honours:person", lambda c: c.person.uid), sort="person__name"
        ),
        VERDICT,
        AGAINST,
        Column("awards", "获奖与称号", value=lambda c: "、".join(c.awards) or None, width=28),
        Column("area", "所属镇街", value=lambda c: c.area.short_name, sort="area_id"),
    )

    def prepare(self, request: HttpRequest, **kwargs: Any) -> None:
        super().prepare(request, **kwargs)
        self.filters = (
            Filter.custom("paper", "证书", [("1", "当日持证"), ("0", "当日没有证书")], apply=self._by_paper),
            Filter.custom("award", "第六项业绩", [("1", "获奖或有省级以上称号")], apply=self._by_award),
            Filter.area("area", "镇街"),
        )

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        rows = Coordinator.objects.visible_to(user_of(request)).standing().active_on(self.day)
        return rows.filter(self.within).select_related("person", "area")

    def described(self, rows: list[Any], request: HttpRequest) -> list[Any]:
        people = [row.person for row in rows]
        facts = gathering.facts_of_people([person.pk for person in people], self.day)
        verdicts = gathering.judge_people(people, self.day, facts)
        for row in rows:
            row.verdict = verdicts[row.person_id]
            row.awards = [f"{one.rank} {one.name}" for one in facts[row.person_id].awards if one.awarded_on <= self.day]
        return rows

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        return search_people(rows, text, "person__")

    def _by_paper(self, rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
        holders = certified(Coordinator.objects.all(), self.day).values("pk")
        return rows.filter(pk__in=holders) if value == "1" else rows.exclude(pk__in=holders)

    def _by_award(self, rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
        counting = Q(kind=AwardKind.PRIZE) | Q(rank__in=PROVINCIAL)
        won = Award.objects.standing().filter(counting, awarded_on__lte=self.day, person_id=OuterRef("person_id"))
        return rows.filter(Exists(won))


class OrganisationList(_Judged):
    key = "honours.organisations"
    noun = "可推荐的社会组织"
    search_hint = "单位名称"
    default_sort = "name"
    empty = ("还没有社会组织", "先登记协会、调解、法律和人力资源服务等协调劳动关系社会组织。", "registry:organisations", "单位名录")
    columns = (
        Column(
            "name", "单位名称", value=lambda o: o.name, link=_conditions("honours:organisation", lambda o: o.uid), sort="name", width=36
        ),
        VERDICT,
        Column("members", "持证协调员", value=lambda o: o.members, sort="members", numeric=True, width=12),
        Column("falls", "可能不足", value=lambda o: o.falls, tone=lambda o: "amber" if o.falls else "", width=20),
        AGAINST,
        Column("kind", "类别", value=lambda o: o.get_kind_display(), sort="kind"),
        Column("area", "区划", value=lambda o: o.area.short_name, sort="area_id"),
    )

    def prepare(self, request: HttpRequest, **kwargs: Any) -> None:
        super().prepare(request, **kwargs)
        self.least = gathering.terms_on(self.day).certified_least
        enough = [("1", f"有 {self.least} 名以上"), ("0", "不足")]
        self.filters = (
            Filter.custom("enough", "持证协调员", enough, apply=self._by_members),
            Filter.choice("kind", "类别", [(kind.value, kind.label) for kind in OrganisationKind if kind in gathering.SOCIAL]),
            Filter.area("area", "区划"),
        )

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        posted = gathering.certified_members(self.day).filter(organisation=OuterRef("pk")).order_by().values("organisation")
        number = posted.annotate(number=Count("coordinator_id", distinct=True)).values("number")
        rows = Organisation.objects.visible_to(user_of(request)).operating_on(self.day)
        rows = rows.filter(self.within, kind__in=gathering.SOCIAL)
        return rows.select_related("area").annotate(members=Coalesce(Subquery(number, output_field=IntegerField()), 0))

    def described(self, rows: list[Any], request: HttpRequest) -> list[Any]:
        facts = gathering.facts_of_organisations(rows, self.day)
        verdicts = gathering.judge_organisations(rows, self.day, facts)
        for row in rows:
            row.verdict = verdicts[row.pk]
            last = falls_below(facts[row.pk].members, self.least) if len(facts[row.pk].members) >= self.least else None
            row.falls = f"{last} 以后不足" if last else None
        return rows

    def _by_members(self, rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
        return rows.filter(members__gte=self.least) if value == "1" else rows.filter(members__lt=self.least)


@requires("honours.view")
@require_GET
def person(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The verdict on one person on any day: every condition with its clause, its answer and why."""
    row, user = person_of(request, uid), user_of(request)
    form, day = asked_day(request)
    context = {
        "person": row,
        "form": form,
        "on": day,
        "verdict": gathering.judge_people([row], day)[row.pk],
        "selections": Selection.objects.visible_to(user).order_by("-year")[:6],
        "awards": Award.objects.filter(person=row),
        "may_manage": user.may("honours.manage") and bool(can_manage(user, row.area_id)),
        **nominations_of(user, row),
    }
    return render(request, "honours/person.html", context)


@requires("honours.view")
@require_GET
def organisation(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The same for one organisation."""
    row = organisation_of(request, uid)
    form, day = asked_day(request)
    context = {
        "organisation": row,
        "form": form,
        "on": day,
        "verdict": gathering.judge_organisations([row], day)[row.pk],
        "selections": Selection.objects.visible_to(user_of(request)).order_by("-year")[:6],
        "may_manage": user_of(request).may("honours.manage") and bool(can_manage(user_of(request), row.area_id)),
        **nominations_of(user_of(request), row),
    }
    return render(request, "honours/organisation.html", context)
