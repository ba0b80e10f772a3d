"""What an installation starts with: Jiyuan with its streets and towns (facts §8), and two parks with local codes as examples to edit.

The list of parks (片区、开发区) is not published; the bureau corrects it in the interface.
"""

from typing import Any

from django.db import transaction

from . import noting
from .models import Area, Kind

COUNTY = 419001000000
PLACES: tuple[tuple[int, str, str, Kind, int | None, bool], ...] = (
    (410000000000, "河南省", "河南省", Kind.PROVINCE, None, False),
    (419000000000, "省直辖县级行政区划", "省直辖县级", Kind.PREFECTURE, 410000000000, False),
    (COUNTY, "济源市", "济源示范区", Kind.COUNTY, 419000000000, False),
    *(
        (COUNTY + number * 1000, f"济源市{name}", name, kind, COUNTY, False)
        for number, name, kind in (
            (1, "沁园街道", Kind.STREET),
            (2, "济水街道", Kind.STREET),
            (3, "北海街道", Kind.STREET),
            (4, "天坛街道", Kind.STREET),
            (5, "玉泉街道", Kind.STREET),
            (100, "克井镇", Kind.TOWN),
            (101, "五龙口镇", Kind.TOWN),
            (102, "轵城镇", Kind.TOWN),
            (103, "承留镇", Kind.TOWN),
            (104, "邵原镇", Kind.TOWN),
            (105, "坡头镇", Kind.TOWN),
            (106, "梨林镇", Kind.TOWN),
            (107, "大峪镇", Kind.TOWN),
            (108, "思礼镇", Kind.TOWN),
            (109, "王屋镇", Kind.TOWN),
            (110, "下冶镇", Kind.TOWN),
        )
    ),
    (COUNTY + 901 * 1000, "济源经济技术开发区", "济源经济技术开发区", Kind.PARK, COUNTY, True),
    (COUNTY + 902 * 1000, "济源高新技术产业开发区", "济源高新技术产业开发区", Kind.PARK, COUNTY, True),
)


@transaction.atomic
def load(by: Any) -> int:
    """Add the rows that are missing; rows that exist are left as the bureau made them. Returns how many were added."""
    known = set(Area.objects.filter(code__in=[place[0] for place in PLACES]).values_list("code", flat=True))
    rows = [
        Area(code=code, name=name, short_name=short, kind=kind, parent_id=parent, local=local)
        for code, name, short, kind, parent, local in PLACES
        if code not in known
    ]
    Area.objects.bulk_create(rows)
    if rows:
        noting.record(
            "areas.load_base_data",
            by=by,
            object_type="areas.area",
            object_id=COUNTY,
            label="济源基础区划",
            area_code=COUNTY,
            after={"新增": len(rows)},
        )
    return len(rows)
