"""Acts on one area: add, rename, close, reopen; mergers and splits stand in `successions`. Nothing is deleted: past days find their areas."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from tongxing.areas.ledger import touch
from tongxing.areas.models import LEAF_KINDS, Area, FormerName, Kind
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
def rename(area: Area, name: str, short_name: str, *, by: Actor, reason: str, on: date | None = None) -> Area:
    """Give an area another name from a day on (today by default); the old one stays on its page and is still found."""
    name, short_name = name.strip(), short_name.strip()
    if not name or not short_name:
        raise Refused("名称和简称都要填写。", code="no_name", status=422)
    if (area.name, area.short_name) == (name, short_name):
        raise Refused(f"现在就叫“{name}”，没有改动。请填写新名称。", code="same_name", status=422)
    before = {"name": area.name, "short_name": area.short_name}
    FormerName.objects.create(area=area, until=on or timezone.localdate(), reason=reason, **before)
    area.name, area.short_name = name, short_name
    area.save(update_fields=["name", "short_name"])
    after = {"name": name, "short_name": short_name}
    record("gazetteer.rename", by=by, of=area, area_code=area.code, before=before, after=after, reason=reason)
    return area


@transaction.atomic
def close(area: Area, *, on: date, by: Actor, reason: str) -> Area:
    """End an area from a day on with nothing to follow it. Refuses whole counties and a second end."""
    end(area, on)
    record("gazetteer.close", by=by, of=area, area_code=area.code, after={"valid_until": str(on)}, reason=reason)
    return area


def end(area: Area, on: date) -> None:
    """Put the last day; part of the acts that end an area."""
    if area.kind not in LEAF_KINDS:
        raise Refused("这里只能停用镇街和园区；县级以上的变更请载入新的国家区划代码表。", code="not_a_leaf")
    if area.valid_until:
        raise Refused(f"“{area}”已于 {area.valid_until} 停用。", code="already_closed")
    if area.valid_from and on <= area.valid_from:
        raise Refused(f"“{area}”自 {area.valid_from} 起启用，停用日要晚于这一天。请核对日期。", code="ends_before_start", status=422)
    area.valid_until = on
    area.save(update_fields=["valid_until"])
    touch([area.code])


@transaction.atomic
def reopen(area: Area, *, by: Actor, reason: str) -> Area:
    """Take an end back, and with it what followed the area. Units already moved stay where they are."""
    if not area.valid_until:
        raise Refused("该区划没有停用。", code="not_closed")
    before = {"valid_until": str(area.valid_until), "successors": [str(row.new) for row in area.successions.select_related("new")]}
    area.successions.all().delete()
    area.valid_until = None
    area.save(update_fields=["valid_until"])
    touch([area.code])
    record("gazetteer.reopen", by=by, of=area, area_code=area.code, before=before, reason=reason)
    return area
