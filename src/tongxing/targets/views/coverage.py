"""Coverage: the overview, the list behind a figure, the proof behind a tick."""

from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header

from tongxing.accounts.models import User
from tongxing.accounts.requests import user_of
from tongxing.audit.log import record
from tongxing.core.access import requires
from tongxing.core.private_query import query_text
from tongxing.core.replica import reads_replica
from tongxing.registry.models import Coordinator
from tongxing.targets.counting import Tally, count
from tongxing.targets.evidence import Ref, spans_of
from tongxing.targets.figures import by_child, figure, figures
from tongxing.targets.freezing import describe_all
from tongxing.targets.gaps import sync_gaps
from tongxing.targets.models import Exemption, Gap, Target
from tongxing.targets.place import Place, address, place_of
from tongxing.targets.reach import Reach
from tongxing.targets.units import FILLED, State, Unit, describe, unit, unit_rows
from tongxing.targets.wording import sentence
from tongxing.targets.workbooks import XLSX, unit_list

PAGE = 50
SORTS = {"name": ("name", "对象"), "area": ("area_id", "区划"), "state": ("state", "状态")}
"""?sort=: the column of an organisation, and the head it stands under."""


@requires("targets.view")
@reads_replica
def coverage(request: HttpRequest) -> HttpResponse:
    place = place_of(request)
    rows = figures(place.code, place.on)
    children = {row.key: by_child(place.code, row.key, place.on) for row in rows if not row.no_data}
    below = {key: [pair for pair in found if pair[0].code != place.code] for key, found in children.items()}
    cards = [(row, sentence(row, below.get(row.key, ()))) for row in rows]
    context = {"place": place, "cards": cards, "table": _table(children), "counted": [row for row in rows if not row.no_data]}
    return render(request, "targets/coverage.html", context)


def _table(children: dict[str, Any]) -> list[tuple[Any, list[Any]]]:
    """Child areas down, targets across; an area that one target knows (parties at the county) has blanks under the others."""
    areas = {area.code: area for rows in children.values() for area, _ in rows}
    by_key = {key: {area.code: row for area, row in rows} for key, rows in children.items()}
    return [(areas[code], [(key, by_key[key].get(code)) for key in children]) for code in areas]


@requires("targets.view")
@reads_replica
def coverage_data(request: HttpRequest, key: str) -> JsonResponse:
    """Child areas of one target for a chart."""
    place = place_of(request)
    row = get_object_or_404(Target.objects.visible_to(request.user).coverage(), key=key)
    rows = by_child(place.code, key, place.on)
    series = [("已配备且持证", "certified"), ("已配备未持证", "uncertified"), ("免设", "exempt"), ("空缺", "vacant")]
    return JsonResponse(
        {
            "title": f"{row.title}：各区划情况（截至 {place.day}）",
            "labels": [area.short_name for area, _ in rows],
            "codes": [str(area.code) for area, _ in rows],
            "series": [{"name": name, "values": [getattr(figure, field) for _, figure in rows]} for name, field in series],
            "rates": [figure.rate for _, figure in rows],
        }
    )


@dataclass(frozen=True)
class Asked:
    """Which list of units a request asks for. `own`: those that stand at the area itself and not at one below it."""

    target: Target
    place: Place
    state: str
    text: str
    own: bool
    sort: str
    """A key of SORTS, with "-" before it for downwards; by area when empty."""

    @property
    def reach(self) -> Reach:
        return Reach.exactly([self.place.code]) if self.own else Reach.below(self.place.code)

    @property
    def rows(self) -> Any:
        rows: Any = unit_rows(self.target, self.reach, self.place.day, state=self.state, text=self.text)
        key, down = self.sort.removeprefix("-"), self.sort.startswith("-")
        if not key:
            return rows
        if isinstance(rows, list):
            return sorted(rows, key=attrgetter("area_code" if key == "area" else key), reverse=down)
        return rows.order_by(f"-{SORTS[key][0]}" if down else SORTS[key][0], "id")

    @property
    def heads(self) -> dict[str, tuple[str, str, str]]:
        """Per column: its head, what a press asks for, what a screen reader says of the present order."""
        order = {key: "ascending" if self.sort == key else "descending" if self.sort == f"-{key}" else "" for key in SORTS}
        return {key: (label, f"-{key}" if self.sort == key else key, order[key]) for key, (_, label) in SORTS.items()}

    @property
    def tally(self) -> Tally:
        if self.own:
            return count(self.target, self.place.day, self.reach).get(self.place.code, Tally())
        row = figure(self.place.code, self.target.key, self.place.on)
        return Tally(row.total, row.covered, row.certified, row.exempt)

    @property
    def query(self) -> str:
        return f"{self.place.query}&own=1" if self.own else self.place.query


def _asked(request: HttpRequest, key: str) -> Asked:
    target = get_object_or_404(Target.objects.visible_to(request.user).coverage(), key=key)
    state = request.GET.get("state", "")
    known = state if state in (*State.values, FILLED) else ""
    sort = request.GET.get("sort", "")
    order = sort if sort.removeprefix("-") in SORTS else ""
    return Asked(target, place_of(request), known, query_text(request), request.GET.get("own") == "1", order)


@requires("targets.view")
@reads_replica
def units(request: HttpRequest, key: str) -> HttpResponse:
    asked = _asked(request, key)
    page = Paginator(asked.rows, PAGE).get_page(request.GET.get("page"))
    shown = describe(asked.target, list(page.object_list), asked.place.day)
    context = {"asked": asked, "place": asked.place, "target": asked.target, "tabs": _tabs(asked.tally), "page": page, "units": shown}
    return render(request, "targets/units.html", context)


def _tabs(tally: Tally) -> list[tuple[str, str, int]]:
    numbers = {
        State.CERTIFIED: tally.certified,
        State.COVERED: tally.covered - tally.certified,
        State.EXEMPT: tally.exempt,
        State.VACANT: tally.vacant,
    }
    return [
        ("", "全部", tally.total),
        (FILLED, "有协调员", tally.covered),
        *((state.value, str(state.label), number) for state, number in numbers.items()),
    ]


@requires("targets.view")
@reads_replica
def units_export(request: HttpRequest, key: str) -> HttpResponse:
    asked = _asked(request, key)
    target, place = asked.target, asked.place
    if not (isinstance(request.user, User) and request.user.may_at("registry.export", place.code)):
        raise PermissionDenied("您的岗位不能导出这张名单。如工作需要，请联系系统管理员授权。")
    title = f"{place.area.name} {target.title}名单（截至 {place.day}）"
    return workbook_answer(request, place.code, unit_list(title, describe_all(target, asked.rows, place.day)), f"{title}.xlsx")


def workbook_answer(request: HttpRequest, area_code: int | None, content: bytes, name: str) -> HttpResponse:
    """A workbook to be saved under a Chinese name; the log keeps who took it away."""
    record("targets.export", by=user_of(request), object_type="targets.workbook", label=name, area_code=area_code)
    disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": disposition})


def found_unit(request: HttpRequest, key: str, kind: str, number: int, permission: str = "targets.view") -> tuple[Target, Unit, Place]:
    """The unit an address names, on the day asked for; 404 outside the user's scope."""
    target = get_object_or_404(Target.objects.visible_to(request.user).coverage(), key=key)
    place = place_of(request)
    found = unit(target, kind, number, place.day)
    if found is None or not (isinstance(request.user, User) and request.user.may_at(permission, found.area_code)):
        raise Http404
    return target, found, place


@requires("targets.view")
def unit_page(request: HttpRequest, key: str, kind: str, number: int) -> HttpResponse:
    """The names, dates and certificate behind one tick, and who stood there before."""
    target, found, place = found_unit(request, key, kind, number)
    sync_gaps()
    chosen = {"target_key": key, "unit_kind": kind, "unit_id": number}
    gap = Gap.objects.visible_to(request.user).standing().filter(**chosen).first()
    exemptions = Exemption.objects.visible_to(request.user).filter(**chosen)
    covers = [(cover, address("registry:coordinator", cover.uid)) for cover in found.covers]
    context = {"target": target, "unit": found, "place": place, "gap": gap, "exemptions": exemptions, "covers": covers}
    context["history"] = _history(target, found, place)
    context["record"] = address("registry:organisation", found.uid) if found.uid else ""
    return render(request, "targets/unit.html", context)


def _history(target: Target, found: Unit, place: Place) -> list[dict[str, Any]]:
    """Former and present coordinators of the unit, the latest first."""
    spans = [span for rows in spans_of(target, [Ref(found.kind, found.id, found.area_code)]).values() for span in rows]
    people = Coordinator.objects.select_related("person").in_bulk({coordinator for coordinator, _, _ in spans})
    return [
        {"name": people[coordinator].person.name, "since": since, "until": until if until <= place.today else None}
        for coordinator, since, until in sorted(set(spans), key=lambda span: (span[1], span[0]), reverse=True)
    ]
