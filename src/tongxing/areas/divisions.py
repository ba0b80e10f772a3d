"""Acts on the division tree. Nothing is deleted: an area that ends keeps its code, its dates and the names of those that follow it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from tongxing.core.errors import Refused
from tongxing.core.values import clean_text

from . import noting
from .codes import LOCAL_FIRST, LOCAL_LAST, level
from .ledger import touch
from .models import LEAF_KINDS, Area, FormerName, Kind, Succession


def _must_reach(by: Any, *areas: Area) -> None:
    """A user changes only areas below those granted; the command line reaches all."""
    may_at = getattr(by, "may_at", None)
    if may_at and not all(may_at("areas.edit", area.code) for area in areas):
        raise Refused("这个区划不在您的管理范围内，不能改动。请联系上级管理员。", code="area_scope", status=403)


def _locked(area: Area, version: int | None = None) -> Area:
    found = Area.objects.select_for_update().get(pk=area.pk)
    if version is not None and found.version != version:
        raise Refused(f"“{found.short_name}”刚被别人改过，现在是“{found.name}”。请刷新后再改。", code="edit_conflict")
    return found


def next_local_code(county: Area) -> int:
    """The first free local code below a county: county prefix, 900 to 999, 000."""
    if level(county.code) != 6:
        raise Refused("园区、片区的本地代码只能设在县级区划之下。", code="area_level")
    first, last = county.code + LOCAL_FIRST * 1000, county.code + LOCAL_LAST * 1000
    taken = set(Area.objects.filter(code__range=(first, last)).values_list("code", flat=True))
    free = next((code for code in range(first + 1000, last + 1, 1000) if code not in taken), None)
    if free is None:
        raise Refused(f"“{county.short_name}”的本地代码已用完（900–999）。", code="area_codes_used")
    return free


@transaction.atomic
def add_area(
    parent: Area, *, name: str, kind: str, by: Any, code: int | None = None, short_name: str = "", valid_from: date | None = None
) -> Area:
    """Add an area below `parent`; without a national code it gets the next local one."""
    _must_reach(by, parent)
    name = clean_text(name, longest=120)
    short_name = clean_text(short_name, longest=60) or name[:60]
    local = code is None
    code = next_local_code(parent) if code is None else code
    low, high = parent.span
    if not low < code <= high:
        raise Refused(f"代码 {code} 不属于“{parent.short_name}”（{low}–{high}）。请核对代码。", code="area_code")
    if Area.objects.filter(code=code).exists():
        raise Refused(f"代码 {code} 已经有区划在用。请核对代码，或留空由系统分配本地代码。", code="area_exists")
    if Area.objects.standing().filter(parent=parent, short_name=short_name).exists():
        raise Refused(f"“{parent.short_name}”之下已有“{short_name}”。请换一个名称。", code="area_name")
    area = Area.objects.create(
        code=code, name=name, short_name=short_name, kind=Kind(kind), parent=parent, local=local, valid_from=valid_from
    )
    noting.record("areas.add", by=by, of=area, area_code=code, after={"name": name, "kind": area.get_kind_display(), "code": code})
    touch([code])
    return area


@transaction.atomic
def rename(
    area: Area, *, name: str, short_name: str, by: Any, on: date | None = None, version: int | None = None, reason: str = ""
) -> Area:
    """Give an area a new name from a day on; the old one is kept and still found."""
    _must_reach(by, area)
    area = _locked(area, version)
    name, short_name = clean_text(name, longest=120), clean_text(short_name, longest=60)
    if not name or not short_name:
        raise Refused("名称不能为空。", code="area_name")
    if (area.name, area.short_name) == (name, short_name):
        return area
    before = {"name": area.name, "short_name": area.short_name}
    FormerName.objects.create(area=area, name=area.name, short_name=area.short_name, until=on or timezone.localdate())
    area.name, area.short_name, area.version = name, short_name, area.version + 1
    area.save(update_fields=["name", "short_name", "version"])
    after = {"name": name, "short_name": short_name}
    noting.record("areas.rename", by=by, of=area, area_code=area.code, before=before, after=after, reason=reason)
    return area


@transaction.atomic
def close_area(area: Area, *, on: date, by: Any, reason: str, successor: Area | None = None) -> Area:
    """End an area: from `on` it no longer counts. Areas below it must have ended before."""
    _must_reach(by, area, *([successor] if successor else []))
    area = _locked(area)
    if area.valid_until is not None:
        raise Refused(f"“{area.short_name}”已于 {area.valid_until} 停用。", code="area_closed")
    if not reason.strip():
        raise Refused("请写明停用的依据，例如批复文号。", code="reason_missing")
    if successor is not None and (successor.pk == area.pk or successor.valid_until is not None):
        raise Refused("并入的区划应是另一个正在使用的区划。", code="area_successor")
    if Area.objects.within(area.code).valid_on(on).exclude(pk=area.pk).exists():
        raise Refused(f"“{area.short_name}”之下还有在用的区划，请先处理下级。", code="area_children")
    area.valid_until, area.successor, area.version = on, successor, area.version + 1
    area.save(update_fields=["valid_until", "successor", "version"])
    if successor is not None:
        Succession.objects.get_or_create(old=area, new=successor, defaults={"on": on})
    after = {"valid_until": on.isoformat(), "successor": successor.short_name if successor else ""}
    noting.record("areas.close", by=by, of=area, area_code=area.code, before={"valid_until": None}, after=after, reason=reason)
    touch([area.code, successor.code if successor else None])
    return area


@transaction.atomic
def merge_areas(areas: Sequence[Area], *, into: Area, on: date, by: Any, reason: str) -> None:
    """Several areas become part of one that goes on."""
    if not areas:
        raise Refused("请选择要并入的区划。", code="nothing_chosen")
    for area in areas:
        close_area(area, on=on, by=by, reason=reason, successor=into)


@transaction.atomic
def split_area(area: Area, *, into: Sequence[tuple[str, int | None]], on: date, by: Any, reason: str) -> list[Area]:
    """One area ends and several begin on the same day; `into` holds (name, national code or None for a local one)."""
    _must_reach(by, area)
    if len(into) < 2:
        raise Refused("拆分后至少应有两个区划。", code="split_few")
    if area.parent is None or area.kind not in LEAF_KINDS:
        raise Refused("只有镇街和园区可以拆分。", code="area_level")
    close_area(area, on=on, by=by, reason=reason)
    made = [add_area(area.parent, name=name, kind=area.kind, code=code, by=by, valid_from=on) for name, code in into]
    Succession.objects.bulk_create([Succession(old=area, new=one, on=on) for one in made])
    return made
