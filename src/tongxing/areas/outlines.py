"""Outlines as GeoJSON: loading them, and handing them out to maps."""

import json
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q

from tongxing.core.errors import Refused

from . import noting
from .codes import full, is_pseudo
from .models import Area, AreaOutline

PLACES = 4
"""Decimals kept: about eleven metres, and a third of the size."""
SHAPES = {"Polygon", "MultiPolygon"}


def load_outlines(path: Path, *, by: Any) -> dict[str, Any]:
    """Load every outline that belongs to one area, found by code (`adcode` or `code`, 6, 9 or 12 digits) or else by its name.

    Reports outlines that match no area, and areas beside the matched ones that have none.
    """
    features = _features(path)
    areas = {area.code: area for area in Area.objects.filter(code__in=[code for code in map(_code, features) if code])}
    by_name = _by_name([_name(feature) for feature in features if _code(feature) not in areas])
    rows: dict[int, AreaOutline] = {}
    unmatched: list[str] = []
    for feature in features:
        area = areas.get(_code(feature) or -1) or by_name.get(_name(feature))
        if area is None:
            unmatched.append(f"{_name(feature) or '（无名）'}（{_code(feature) or '无代码'}）")
        else:
            areas[area.code] = area
            rows[area.code] = AreaOutline(area=area, geometry=_rounded(feature["geometry"]), source=path.name[:200])
    with transaction.atomic():
        AreaOutline.objects.bulk_create(
            rows.values(), update_conflicts=True, unique_fields=["area"], update_fields=["geometry", "source"], batch_size=100
        )
        report = {"loaded": len(rows), "unmatched": unmatched, "without_outline": _without(list(areas.values()))}
        after = {"载入": len(rows), "对不上": len(unmatched)}
        noting.record(
            "areas.load_outlines", by=by, object_type="areas.areaoutline", object_id=path.name, label=f"边界 {path.name}", after=after
        )
    return report


def _features(path: Path) -> list[dict[str, Any]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        found = content["features"] if content["type"] == "FeatureCollection" else [content]
        return [one for one in found if (one.get("geometry") or {}).get("type") in SHAPES]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(
            f"{path.name} 不是可用的 GeoJSON（{type(error).__name__}）。请换用 FeatureCollection 格式的文件。", code="outline_file"
        ) from None


def _code(feature: dict[str, Any]) -> int | None:
    properties = feature.get("properties") or {}
    try:
        return full(properties.get("adcode") or properties.get("code") or "")
    except ValueError:
        return None


def _name(feature: dict[str, Any]) -> str:
    return str((feature.get("properties") or {}).get("name") or "").strip()


def _by_name(names: list[str]) -> dict[str, Area]:
    """Areas that alone carry one of these names."""
    wanted = [name for name in names if name]
    found: dict[str, list[Area]] = {}
    for area in Area.objects.standing().filter(Q(name__in=wanted) | Q(short_name__in=wanted)):
        for name in {area.name, area.short_name} & set(wanted):
            found.setdefault(name, []).append(area)
    return {name: areas[0] for name, areas in found.items() if len(areas) == 1}


def _without(matched: list[Area]) -> list[str]:
    beside = Area.objects.standing().filter(parent_id__in={area.parent_id for area in matched if area.parent_id}, outline=None)
    return [f"{area.short_name}（{area.code}）" for area in beside if not is_pseudo(area.code)][:200]


def _rounded(shape: dict[str, Any]) -> dict[str, Any]:
    def walk(part: Any) -> Any:
        return [walk(one) for one in part] if isinstance(part[0], list) else [round(part[0], PLACES), round(part[1], PLACES)]

    return {"type": shape["type"], "coordinates": walk(shape["coordinates"])}


def collection(parent: Area) -> dict[str, Any]:
    """The outlines of the areas directly below `parent` as one FeatureCollection; without any, its own outline.

    Numbers without a place on the map (省直辖县级行政区划) are stepped over.
    """
    below = list(Area.objects.standing().filter(parent=parent).values_list("code", flat=True))
    parents = [parent.code, *(code for code in below if is_pseudo(code))]
    rows = AreaOutline.objects.select_related("area").order_by("area_id")
    found = list(rows.filter(area__parent_id__in=parents)) or list(rows.filter(area=parent))
    features = [
        {"type": "Feature", "properties": {"code": str(row.area_id), "name": row.area.short_name}, "geometry": row.geometry}
        for row in found
    ]
    return {"type": "FeatureCollection", "features": features}
