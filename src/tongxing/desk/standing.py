"""How an area stands: what the start page, the leaders' page and its pictures read. Nothing here changes anything."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone

from tongxing.accounts.requests import user_of
from tongxing.areas.models import Area
from tongxing.targets.figures import TargetFigure, by_child, figures
from tongxing.targets.models import Snapshot
from tongxing.targets.snapshots import month_ends

from .navigation import address


@dataclass(frozen=True)
class Place:
    """The area a page is about and the way to it from the user's own area."""

    area: Area
    path: list[Area]
    children: list[Area]


def place(request: HttpRequest) -> Place:
    """The area asked for (?area=…) when it lies in the user's scope, else the first area the user answers for; 404 without any."""
    scope = user_of(request).scope("targets.view")
    wish = request.GET.get("area", "")
    code = int(wish) if wish.isdecimal() and len(wish) <= 12 else None
    if code is None or not scope.covers(code):
        if wish and code is not None:
            raise Http404
        code = scope.roots[0] if scope.roots else None
    area = Area.objects.filter(code=code).select_related("parent__parent__parent").first() if code is not None else None
    if area is None:
        raise Http404
    path = [area]
    while path[0].parent and scope.covers(path[0].parent_id):
        path.insert(0, path[0].parent)
    return Place(area, path, list(Area.objects.filter(parent=area).order_by("code")[:200]))


@dataclass(frozen=True)
class Standing:
    figures: list[TargetFigure]
    chosen: TargetFigure | None
    rows: list[tuple[Area, TargetFigure]]

    @property
    def red(self) -> list[TargetFigure]:
        return [figure for figure in self.figures if not figure.no_data and not figure.met and figure.counted]


def standing(area: Area, key: str = "") -> Standing:
    """All figures of an area, and the chosen target's by child area (the first target with units when none is chosen)."""
    found = figures(area.code)
    countable = [figure for figure in found if not figure.no_data]
    chosen = next((figure for figure in countable if figure.key == key), None) or next((f for f in countable if f.counted), None)
    chosen = chosen or next(iter(countable), None)
    return Standing(found, chosen, by_child(area.code, chosen.key) if chosen else [])


def last_month(area_code: int) -> dict[str, Snapshot]:
    """The figures kept at the end of last month, by target; empty where none were kept."""
    day = month_ends(timezone.localdate(), 1)[-1]
    return {row.target_key: row for row in Snapshot.objects.filter(area_code=area_code, day=day)}


def change_since(figure: TargetFigure, before: Snapshot | None) -> str:
    """较上月末 +2.1 个百分点."""
    counted = before.total - before.exempt if before else 0
    if not before or not counted or figure.rate is None:
        return ""
    points = round((figure.rate - before.covered / counted) * 100, 1)
    return f"较上月末 {points:+} 个百分点" if points else "与上月末持平"


def answer(figure: TargetFigure, rows: list[tuple[Area, TargetFigure]]) -> str:
    """The sentence above a picture: how many are missing and where most of them are."""
    if not figure.counted:
        return f"这里没有需要配备协调员的{figure.title}。"
    if not figure.vacant:
        return f"{figure.counted:,} {figure.noun}都已有协调员，其中 {figure.certified:,} {figure.noun[:1]}由持证协调员覆盖。"
    worst = sorted((row for row in rows if row[1].vacant), key=lambda row: -row[1].vacant)[:2]
    where = "和".join(f"{area.short_name}（{part.vacant}）" for area, part in worst)
    middle = f"，集中在{where}" if len(rows) > 2 and where else f"，都在{where}" if where and len(rows) > 1 else ""
    return f"还有 {figure.vacant:,} {figure.noun}没有协调员{middle}。"


def units_address(key: str, area_code: int | str, state: str = "", *, own: bool = False) -> str:
    """The list of names behind a figure; `own`: only what stands at the area itself, not at one below it."""
    page = address("targets:units", key)
    return f"{page}?area={area_code}{'&own=1' if own else ''}{f'&state={state}' if state else ''}" if page else ""


def lists_of(figure: TargetFigure, area_code: int, *, own: bool = False) -> dict[str, str]:
    """The list behind each number of a figure, by the number's name."""
    states = {"counted": "", "covered": "filled", "certified": "certified", "exempt": "exempt", "vacant": "vacant"}
    return {name: units_address(figure.key, area_code, state, own=own) for name, state in states.items()}


def chart(title: str, labels: list[str], series: list[tuple[str, list[Any]]], links: list[str] | None = None) -> dict[str, Any]:
    """The chart contract: what charts.js draws, with its table twin."""
    data = {"title": title, "labels": labels, "series": [{"name": name, "values": values} for name, values in series]}
    return {**data, "links": links} if links else data
