"""What the charts of the leaders' page draw, as JSON (the chart contract: title, labels, series, links)."""

from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from django.utils.cache import patch_cache_control

from tongxing.areas.models import AreaOutline
from tongxing.core.access import requires

from .standing import answer, chart, place, standing, units_address


@requires("targets.view")
def by_area(request: HttpRequest) -> JsonResponse:
    """Covered by the certified, covered by others, vacant: for each child area."""
    shown = standing(place(request).area, request.GET.get("target", ""))
    if shown.chosen is None:
        raise Http404
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
    rates = {area.code: (area, figure) for area, figure in shown.rows}
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


def _private(response: JsonResponse) -> JsonResponse:
    patch_cache_control(response, private=True, max_age=30)
    return response
