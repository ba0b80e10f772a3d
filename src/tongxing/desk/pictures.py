"""What the charts of the leaders' page draw, as JSON (the chart contract: title, labels, series, links)."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.cache import patch_cache_control

from tongxing.areas.models import Area, AreaOutline
from tongxing.core.access import requires
from tongxing.targets.counting import Tally
from tongxing.targets.figures import TargetFigure, by_child
from tongxing.targets.forecast import Forecast, forecast
from tongxing.targets.snapshots import series
from tongxing.targets.spread import cross

from .standing import Standing, answer, chart, place, standing, units_address


@requires("targets.view")
def by_area(request: HttpRequest) -> JsonResponse:
    """Covered by the certified, covered by others, vacant: for each child area."""
    shown = standing(place(request).area, request.GET.get("target", ""))
    if shown.chosen is None:
        return _private(JsonResponse(chart("", [], [])))
    rows = [(area, figure) for area, figure in shown.rows if figure.total]
    data = chart(
        answer(shown.chosen, shown.rows),
        [area.short_name for area, _ in rows],
        [
            ("持证覆盖", [figure.certified for _, figure in rows]),
            ("未持证覆盖", [figure.uncertified for _, figure in rows]),
            ("空缺", [figure.vacant for _, figure in rows]),
        ],
        [units_address(figure.key, area.code) for area, figure in rows],
    )
    return _private(JsonResponse(data))


@requires("targets.view")
def outlines(request: HttpRequest) -> JsonResponse:
    """The real map: outlines of the child areas (or of the area itself) with their coverage rate."""
    here = place(request)
    shown = standing(here.area, request.GET.get("target", ""))
    rates = _drawn_areas(shown)
    found = AreaOutline.objects.filter(area_id__in=rates).order_by("area_id")
    features = [{"type": "Feature", "properties": {"name": rates[row.area_id][0].short_name}, "geometry": row.geometry} for row in found]
    labels = [feature["properties"]["name"] for feature in features]
    figures = [rates[row.area_id][1] for row in found]
    data: dict[str, Any] = chart(
        answer(shown.chosen, shown.rows) if shown.chosen else "",
        labels,
        [("覆盖率（%）", [None if figure.rate is None else round(figure.rate * 100, 1) for figure in figures])],
        [units_address(figure.key, row.area_id) for row, figure in zip(found, figures, strict=True)],
    )
    return _private(JsonResponse({**data, "map": {"type": "FeatureCollection", "features": features}}))


def _drawn_areas(shown: Standing) -> dict[int, tuple[Area, TargetFigure]]:
    """Child areas by code; one without an outline (省直辖县级) gives way to those below it that have one, so that the map has no hole."""
    rates = {area.code: (area, figure) for area, figure in shown.rows}
    drawn = set(AreaOutline.objects.filter(area_id__in=rates).values_list("area_id", flat=True))
    holes = AreaOutline.objects.filter(area__parent_id__in=rates.keys() - drawn).values_list("area__parent_id", flat=True)
    if shown.chosen is not None:
        for code in sorted({parent for parent in holes if parent is not None}):
            rates |= {area.code: (area, figure) for area, figure in by_child(code, shown.chosen.key)}
    return rates


def _private(response: JsonResponse) -> JsonResponse:
    patch_cache_control(response, private=True, max_age=30)
    return response


@requires("targets.view")
def over_time(request: HttpRequest) -> JsonResponse:
    """Coverage of the chosen target at month ends, with the pace and the day it leads to."""
    here = place(request)
    chosen = standing(here.area, request.GET.get("target", "")).chosen
    if chosen is None:
        return _private(JsonResponse(chart("", [], [])))
    points = [point for point in series(here.area.code, chosen.key, 12) if point.tally.total > point.tally.exempt]
    covered = [_rate(point.tally.covered, point.tally) for point in points]
    certified = [_rate(point.tally.certified, point.tally) for point in points]
    title = pace_sentence(covered, forecast(here.area.code, chosen.key)) if points else ""
    labels = [point.day.isoformat() for point in points]
    return _private(JsonResponse({**chart(title, labels, [("覆盖率（%）", covered), ("持证覆盖率（%）", certified)]), "decimals": 1}))


@requires("targets.view")
def make_up(request: HttpRequest) -> JsonResponse:
    """Where the coordinators work and what level they hold (notice:1.2, 1.3, 3.4.1)."""
    here = place(request)
    table = cross(here.area.code, None, "host", "level")
    hosts = [cell.label for cell, _ in table.rows]
    columns = [(column.label, [numbers[place] for _, numbers in table.rows]) for place, column in enumerate(table.columns)]
    total = sum(cell.number for cell, _ in table.rows)
    most = max((cell for cell, _ in table.rows), key=lambda cell: cell.number, default=None)
    bare = sum(column.number for column in table.columns if not column.value)
    title = (
        f"现有 {total:,} 名协调员，{most.label}最多（{most.number:,} 名），{bare:,} 名还没有证书。" if most else "还没有登记在队的协调员。"
    )
    return _private(JsonResponse(chart(title, hosts, columns)))


def _rate(number: int, tally: Tally) -> float:
    return round(number * 100 / (tally.total - tally.exempt), 1)


def pace_sentence(rates: list[float], pace: Forecast) -> str:
    """近 12 个月覆盖率从 61.0% 到 72.9%；照这个速度，预计 2027-05 达标。"""
    first = f"近 12 个月覆盖率从 {rates[0]}% 到 {rates[-1]}%"
    if pace.met:
        return f"{first}，已经达标。"
    if pace.reached_on is None:
        return f"{first}；照现在的速度达不到目标，需要加力。"
    late = "，晚于期限" if pace.deadline and pace.reached_on > pace.deadline else ""
    return f"{first}；照现在的速度，预计 {pace.reached_on:%Y-%m} 达标{late}。"
