"""Outlines of areas as GeoJSON: loading them, and handing them to maps."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction

from tongxing.areas.models import Area, AreaOutline
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused

from .codes import full_code

CODE_KEYS = ("adcode", "code", "area_code", "id")
NAME_KEYS = ("name", "NAME", "全称")


class Outlines(NamedTuple):
    """What a load did: outlines placed, outlines that match no area (by name), and areas among their siblings still without one."""

    placed: int
    unmatched: list[str]
    without: list[str]


def _features(path: Path) -> list[dict[str, Any]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        features = content["features"] if content["type"] == "FeatureCollection" else [content]
        shapes = [f for f in features if f["geometry"]["type"] in {"Polygon", "MultiPolygon"}]
    except (ValueError, KeyError, TypeError):
        raise Refused("文件不是 GeoJSON，请选择含 FeatureCollection 的边界文件。", code="not_geojson", status=422) from None
    if not shapes:
        raise Refused("文件里没有面状边界（Polygon）。", code="no_outlines", status=422)
    return shapes


def _area_of(properties: dict[str, Any], by_code: dict[int, Area], by_name: dict[str, list[Area]]) -> Area | None:
    """By code where the feature carries one; by a name that only one area bears otherwise."""
    for key in CODE_KEYS:
        try:
            code = full_code(str(properties[key]))
        except (KeyError, ValueError):
            continue
        if code in by_code:
            return by_code[code]
    for key in NAME_KEYS:
        named = by_name.get(str(properties.get(key, "")), [])
        if len(named) == 1:
            return named[0]
    return None


@transaction.atomic
def load_outlines(path: Path, *, by: Actor) -> Outlines:
    """Place each outline of a GeoJSON file on its area; a second load replaces the first. Refuses files that are no GeoJSON."""
    features = _features(path)
    areas = list(Area.objects.all())
    by_code = {area.code: area for area in areas}
    by_name: dict[str, list[Area]] = {}
    for area in areas:
        for name in {area.name, area.short_name}:
            by_name.setdefault(name, []).append(area)
    found: dict[int, AreaOutline] = {}
    unmatched: list[str] = []
    for feature in features:
        properties = feature.get("properties") or {}
        found_area = _area_of(properties, by_code, by_name)
        if found_area is None:
            unmatched.append(str(properties.get("name") or properties.get("adcode") or "没有名称"))
        else:
            found[found_area.code] = AreaOutline(area=found_area, geometry=feature["geometry"], source=path.name[:200])
    AreaOutline.objects.filter(area_id__in=found).delete()
    AreaOutline.objects.bulk_create(found.values())
    parents = {by_code[code].parent_id for code in found}
    outlined = set(AreaOutline.objects.values_list("area_id", flat=True))
    without = [area.short_name for area in areas if area.parent_id in parents and area.code not in outlined]
    record("gazetteer.load_outlines", by=by, object_type="areas.area", object_id="outlines", label=path.name, after={"placed": len(found)})
    return Outlines(len(found), unmatched, without)


def collection(parent: int) -> dict[str, Any]:
    """GeoJSON of an area's children that have outlines (of the area itself when no child has one), named and coded for maps."""
    rows = AreaOutline.objects.filter(area__parent_id=parent).select_related("area")
    rows = rows if rows.exists() else AreaOutline.objects.filter(area_id=parent).select_related("area")
    features = [
        {"type": "Feature", "properties": {"name": row.area.short_name, "code": str(row.area_id)}, "geometry": row.geometry} for row in rows
    ]
    return {"type": "FeatureCollection", "features": features}
