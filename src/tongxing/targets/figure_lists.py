"""The lists behind figures as list pages: the units of a target in a state, the coordinators in a cell of make-up and spread."""

from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from tongxing.certificates.models import Level
from tongxing.core.listing import Column, Filter, HeldRows, ListPage
from tongxing.core.private_query import query_text
from tongxing.registry.models import Coordinator
from tongxing.registry.models.organisations import OrganisationKind
from tongxing.registry.models.people import Education, Sex

from . import spread
from .counting import Tally, count
from .figures import children_of, figure
from .models import Target
from .place import Place, address, place_of
from .reach import Reach
from .units import FILLED, FILLED_STATES, TONES, State, Unit, describe, unit_rows

LEVELS = {str(value): str(label) for value, label in Level.choices}


def _in_state(rows: Any, value: str, request: HttpRequest) -> Any:
    states = FILLED_STATES if value == FILLED else (value,)
    return HeldRows(row for row in rows if row.state in states) if isinstance(rows, HeldRows) else rows.filter(state__in=states)


def _remark(unit: Unit) -> str:
    """The proof behind the state in a line."""
    if unit.state == State.VACANT:
        return unit.vacancy
    if unit.state == State.EXEMPT:
        spared = unit.exemption
        return f"{spared.reason}，至 {spared.until}，{spared.decided_by}批准" if spared else ""
    if not unit.covers:
        return ""
    cover = unit.covers[0]
    shared = f"，另在 {cover.shared_with} 家兼任" if cover.shared_with else ""
    return f"自 {cover.since}" + (f"，{cover.level}" if cover.certificate else "") + shared


def _certificates(unit: Unit) -> str:
    return "、".join(dict.fromkeys(cover.certificate for cover in unit.covers if cover.certificate))


def _spared(unit: Unit, field: str) -> Any:
    return getattr(unit.exemption, field) if unit.state == State.EXEMPT and unit.exemption else None


def _unit_columns(target: Target, place: Place) -> tuple[Column, ...]:
    def link(unit: Unit) -> str:
        return f"{reverse('targets:unit', args=[target.key, unit.kind, unit.id])}?{place.query}"

    return (
        Column("name", "对象", value=lambda u: u.name, link=link, sort="name", width=36, drawer=True),
        Column("detail", "类别", value=lambda u: u.detail),
        Column("area", "区划", value=lambda u: u.area_name, sort="area_id"),
        Column("state", "状态", value=lambda u: u.state_label, tone=lambda u: TONES[State(u.state)], sort="state"),
        Column("names", "协调员", value=lambda u: u.names),
        Column("remark", "说明", value=_remark, width=40),
        Column("certificates", "证书编号", value=_certificates, default=False, width=26),
        Column("vacant", "空缺自", value=lambda u: u.vacant_since, default=False),
        Column("until", "免设至", value=lambda u: _spared(u, "until"), default=False),
        Column("reason", "免设理由", value=lambda u: _spared(u, "reason"), default=False, width=40),
        Column("approved", "免设批准人", value=lambda u: _spared(u, "decided_by"), default=False),
    )


class OfPlace(ListPage):
    """A list of one area on one day; both are kept whatever is filtered."""

    permission = "targets.view"
    export_permission = "registry.export"
    page_size = 50
    above = "targets/place.html"
    place: Place

    def may_export(self, user: Any) -> bool:
        return bool(user.may_at(self.export_permission, self.place.code))


class UnitList(OfPlace):
    """The units of a target; `own`: only those that stand at the area itself and not at one below it."""

    key = "targets.units"
    search_hint = "名称、信用代码"
    default_sort = "area"
    frame = ("area", "on", "own")
    empty = ("没有符合条件的对象", "换一个区划或日期再看；如果还没有导入名册，请先导入。", "sheets:upload", "导入名册")
    target: Target
    own: bool

    def prepare(self, request: HttpRequest, **kwargs: Any) -> None:
        self.target = get_object_or_404(Target.objects.visible_to(request.user).coverage(), key=kwargs["key"])
        self.place, self.own = place_of(request), request.GET.get("own") == "1"
        self.title = f"{self.target.title}：{self.place.area.short_name}名单"
        only = f"，只看{self.place.area.short_name}本级，不含下级区划" if self.own else ""
        self.intro = f"截至 {self.place.day}，共 {self.tally.total} {self.target.noun}{only}。"
        self.columns = _unit_columns(self.target, self.place)
        self.filters = (Filter.custom("state", "状态", self.states(), apply=_in_state, tabs=f"全部 {self.tally.total}"),)

    @property
    def reach(self) -> Reach:
        return Reach.exactly([self.place.code]) if self.own else Reach.below(self.place.code)

    @cached_property
    def tally(self) -> Tally:
        if self.own:
            return count(self.target, self.place.day, self.reach).get(self.place.code, Tally())
        row = figure(self.place.code, self.target.key, self.place.on)
        return Tally(row.total, row.covered, row.certified, row.exempt)

    @property
    def numbers(self) -> dict[str, int]:
        tally = self.tally
        uncertified = tally.covered - tally.certified
        by_state = {State.CERTIFIED: tally.certified, State.COVERED: uncertified, State.EXEMPT: tally.exempt, State.VACANT: tally.vacant}
        return {FILLED: tally.covered, **{state.value: number for state, number in by_state.items()}}

    def states(self) -> list[tuple[str, str]]:
        labels = {FILLED: "有协调员"} | {state.value: str(state.label) for state in State}
        return [(state, f"{labels[state]} {number}") for state, number in self.numbers.items()]

    def known_count(self, request: HttpRequest) -> int | None:
        """The figure that the list stands behind, unless it is searched."""
        state = next(iter(self.filters[0].chosen(request)), "")
        return None if query_text(request) else self.numbers.get(state, self.tally.total)

    def rows(self, request: HttpRequest) -> "QuerySet[Any] | HeldRows":
        found = unit_rows(self.target, self.reach, self.place.day)
        return found if isinstance(found, QuerySet) else HeldRows(found)

    def search(self, rows: Any, text: str, request: HttpRequest) -> Any:
        if isinstance(rows, HeldRows):
            return HeldRows(row for row in rows if text in row.name)
        return rows.filter(Q(name__icontains=text) | Q(credit_code__iexact=text))

    def described(self, rows: list[Any], request: HttpRequest) -> list[Any]:
        return describe(self.target, rows, self.place.day)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"place": self.place, "clause": self.target.clause, "back": "targets:coverage", "back_label": "返回覆盖情况"}


def _link(row: Coordinator) -> str:
    return address("registry:coordinator", row.uid)


class SpreadNames(OfPlace):
    """The coordinators in a cell: every dimension that the address names has one value (the area's is called `child`)."""

    key = "targets.spread-names"
    search_hint = "姓名"
    default_sort = "area"
    frame = ("area", "on", "child", *(key for key in spread.DIMENSIONS if key != "area"))
    empty = ("没有符合条件的协调员", "换一个区划或日期再看。", "targets:spread", "返回构成与分布")
    columns = (
        Column("name", "姓名", value=lambda c: c.person.name, link=_link, sort="person__name"),
        Column("area", "所属镇街", value=lambda c: c.area.short_name, sort="area_id"),
        Column("host", "单位类别", value=lambda c: OrganisationKind(c.host_on).label if c.host_on else "未任职", sort="host_on", width=24),
        Column("level", "等级", value=lambda c: LEVELS.get(c.level_on, "未持证"), sort="level_on"),
        Column("full_time", "专兼职", value=lambda c: "专职" if c.full_time_on == "1" else "兼职", sort="full_time_on"),
        Column("sex", "性别", value=lambda c: dict(Sex.choices).get(c.person.sex), default=False),
        Column("education", "学历", value=lambda c: dict(Education.choices).get(c.education_on), sort="education_on", default=False),
        Column("born", "出生年份", value=lambda c: c.person.born_on and str(c.person.born_on.year), sort="person__born_on", default=False),
    )
    chosen: dict[str, str]

    def prepare(self, request: HttpRequest, **kwargs: Any) -> None:
        self.place = place_of(request)
        names = {"child" if key == "area" else key: key for key in spread.DIMENSIONS}
        self.chosen = {key: request.GET[name] for name, key in names.items() if name in request.GET}
        words = "".join(f"，{spread.DIMENSIONS[key].title}：{_label(key, value, self.place)}" for key, value in self.chosen.items())
        self.title = "协调员名单"
        self.intro = f"{self.place.area.short_name}，截至 {self.place.day}{words}。"

    def rows(self, request: HttpRequest) -> QuerySet[Coordinator]:
        return spread.names(self.place.code, self.place.on, self.chosen)

    def search(self, rows: Any, text: str, request: HttpRequest) -> Any:
        return rows.filter(person__name__icontains=text)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"place": self.place, "clause": "notice:3.4.1", "back": "targets:spread", "back_label": "返回构成与分布"}


def _label(key: str, value: str, place: Place) -> str:
    if key != "area":
        return spread.DIMENSIONS[key].label(value)
    return next((area.short_name for area in children_of(place.code, place.day) if str(area.code) == value), place.area.short_name)
