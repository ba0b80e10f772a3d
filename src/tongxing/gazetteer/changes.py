"""Acts on the tree: add, rename, close, merge. Nothing is deleted; figures of past days find the areas of those days."""

from datetime import date

from django.db import transaction

from tongxing.areas.ledger import touch
from tongxing.areas.models import LEAF_KINDS, Area, Kind
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused

FIRST_LOCAL, LAST_LOCAL = 900, 999


def next_park_code(county: Area) -> int:
    """The next free local code of a county: county prefix, 9xx, 000."""
    base = county.code
    taken = set(Area.objects.filter(code__range=(base + FIRST_LOCAL * 1000, base + LAST_LOCAL * 1000)).values_list("code", flat=True))
    for number in range(FIRST_LOCAL + 1, LAST_LOCAL + 1):
        if base + number * 1000 not in taken:
            return base + number * 1000
    raise Refused("本地代码已用完（每个县最多 99 个园区）。", code="no_code_left")


@transaction.atomic
def add_park(county: Area, name: str, *, valid_from: date | None = None, short_name: str = "", by: Actor) -> Area:
    """Add a park, zone or other place without a national code under a county; refuses a name that stands there already."""
    if county.kind != Kind.COUNTY:
        raise Refused("园区要建在县（市、区）下面。", code="wrong_parent")
    if Area.objects.within(county.code).filter(name=name, valid_until=None).exists():
        raise Refused(f"“{name}”已经存在。", code="same_name")
    area = Area.objects.create(
        code=next_park_code(county),
        name=name,
        short_name=short_name or name,
        kind=Kind.PARK,
        parent=county,
        valid_from=valid_from,
        local=True,
    )
    touch([area.code])
    record("gazetteer.add_park", by=by, of=area, area_code=area.code, after={"name": name})
    return area


@transaction.atomic
def rename(area: Area, name: str, short_name: str, *, by: Actor, reason: str) -> Area:
    """Give an area another name; the old one stays in its history."""
    if not name.strip() or not short_name.strip():
        raise Refused("名称和简称都要填写。", code="no_name", status=422)
    before = {"name": area.name, "short_name": area.short_name}
    area.name, area.short_name = name.strip(), short_name.strip()
    area.save(update_fields=["name", "short_name"])
    record(
        "gazetteer.rename",
        by=by,
        of=area,
        area_code=area.code,
        before=before,
        after={"name": area.name, "short_name": area.short_name},
        reason=reason,
    )
    return area


@transaction.atomic
def close(area: Area, *, on: date, successor: Area | None, by: Actor, reason: str) -> Area:
    """End an area from a day on, naming the one it is merged into where there is one. Refuses whole counties and a second end."""
    if area.kind not in LEAF_KINDS:
        raise Refused("这里只能停用镇街和园区；县级以上的变更请载入新的国家区划代码表。", code="not_a_leaf")
    if area.valid_until:
        raise Refused(f"该区划已于 {area.valid_until} 停用。", code="already_closed")
    if successor is not None and (successor.code == area.code or successor.valid_until):
        raise Refused("并入的区划必须是另一个仍在使用的区划。", code="bad_successor")
    area.valid_until, area.successor = on, successor
    area.save(update_fields=["valid_until", "successor"])
    touch([area.code, successor.code if successor else None])
    after = {"valid_until": str(on), "successor": successor.short_name if successor else ""}
    record("gazetteer.close", by=by, of=area, area_code=area.code, after=after, reason=reason)
    return area


@transaction.atomic
def reopen(area: Area, *, by: Actor, reason: str) -> Area:
    """Take an end back."""
    if not area.valid_until:
        raise Refused("该区划没有停用。", code="not_closed")
    before = {"valid_until": str(area.valid_until)}
    area.valid_until = area.successor = None
    area.save(update_fields=["valid_until", "successor"])
    touch([area.code])
    record("gazetteer.reopen", by=by, of=area, area_code=area.code, before=before, reason=reason)
    return area
