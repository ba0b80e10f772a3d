"""Mergers and splits of streets, towns, townships and parks: one act each, dated; who follows whom stays on the areas' pages.

Neither act moves an organisation, a person or a duty area: those stay in the old area until somebody moves them to a successor
(`registry.resettling`) or places them one by one.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.db import transaction

from tongxing.accounts.models import User
from tongxing.areas.ledger import touch
from tongxing.areas.models import LEAF_KINDS, Area, Kind, Succession
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused

from .changes import end, next_park_code
from .codes import short_name, township_kind


class Newcomer(NamedTuple):
    """An area that begins: its name, and its 12-digit national code or None for the next local one."""

    name: str
    code: int | None = None


def _county_of(areas: Sequence[Area], by: Actor) -> Area:
    """The county they all lie in; refuses areas of several counties, and users whose area it is not."""
    counties = {area.parent_id for area in areas}
    county = areas[0].parent
    if county is None or len(counties) != 1 or any(area.kind not in LEAF_KINDS for area in areas):
        raise Refused("只能合并或拆分同一个县（市、区）里的镇街和园区。", code="not_beside", status=422)
    if isinstance(by, User) and not by.may_at("areas.edit", county.code):
        raise Refused("撤并和拆分要由管辖整个县（市、区）的人员办理。请交由上级办理。", code="area_scope", status=403)
    return county


def _begin(county: Area, newcomer: Newcomer, on: date, kind: str) -> Area:
    """A new area below the county; `kind` where its name does not tell (a park's)."""
    name = newcomer.name.strip()
    low, high = county.span
    if newcomer.code is not None and not (low < newcomer.code <= high and newcomer.code % 1000 == 0):
        raise Refused(
            f"代码 {newcomer.code} 不是“{county}”的镇街代码（应以 {low // 10**6} 开头、000 结尾）。请核对。", code="area_code", status=422
        )
    if newcomer.code is not None and Area.objects.filter(code=newcomer.code).exists():
        raise Refused(f"代码 {newcomer.code} 已经有区划使用过。请核对代码，或留空由系统分配本地代码。", code="area_exists", status=422)
    if Area.objects.within(county.code).filter(name=name, valid_until=None).exists():
        raise Refused(f"“{county}”已有“{name}”。请换一个名称，或直接选它。", code="same_name", status=422)
    told = township_kind(name)
    return Area.objects.create(
        code=newcomer.code or next_park_code(county),
        name=name,
        short_name=short_name(name, county.name),
        kind=kind if told == Kind.OTHER else told,
        parent=county,
        valid_from=on,
        local=newcomer.code is None,
    )


def _label(area: Area) -> str:
    return f"{area.short_name}（{area.code}）"


@transaction.atomic
def merge_areas(areas: Sequence[Area], *, into: Area | Newcomer, on: date, by: Actor, reason: str) -> Area:
    """Several areas end on a day and one follows them: one that stands already, or a new one. Returns it."""
    if not areas or (isinstance(into, Newcomer) and len(areas) < 2):
        raise Refused("请勾选要合并的区划：并入已有区划至少选一个，合并为新区划至少选两个。", code="too_few", status=422)
    county = _county_of([*areas, into] if isinstance(into, Area) else areas, by)
    if isinstance(into, Area) and (into.valid_until or into in areas):
        raise Refused("并入的区划必须是另一个仍在使用的区划。", code="bad_successor", status=422)
    for area in areas:
        end(area, on)
    new = _begin(county, into, on, areas[0].kind) if isinstance(into, Newcomer) else into
    Succession.objects.bulk_create([Succession(old=area, new=new, on=on, reason=reason) for area in areas])
    touch([new.code])
    after = {"areas": [_label(area) for area in areas], "into": _label(new), "on": str(on)}
    record("gazetteer.merge_areas", by=by, of=new, area_code=new.code, after=after, reason=reason)
    return new


@transaction.atomic
def split_area(area: Area, *, into: Sequence[Newcomer], keep: bool, on: date, by: Actor, reason: str) -> list[Area]:
    """New areas begin on a day out of one, which ends, or goes on smaller (`keep`). Refuses a split that leaves fewer than two."""
    if len(into) + keep < 2:
        raise Refused("拆分后至少要有两个区划：请再写一个，或选择保留原区划。", code="too_few", status=422)
    county = _county_of([area], by)
    if not keep:
        end(area, on)
    elif area.valid_until:
        raise Refused(f"“{area}”已停用，不能再拆分。", code="already_closed")
    made = [_begin(county, newcomer, on, area.kind) for newcomer in into]
    Succession.objects.bulk_create([Succession(old=area, new=new, on=on, reason=reason) for new in made])
    touch([area.code, *(new.code for new in made)])
    after = {"into": [_label(new) for new in made], "kept": keep, "on": str(on)}
    record("gazetteer.split_area", by=by, of=area, area_code=area.code, after=after, reason=reason)
    return made
