"""The township that stands in an address."""

from types import SimpleNamespace

import pytest

from tongxing.areas.models import Area, Kind
from tongxing.registry.placement import finder

TOWNS = [
    Area(code=419001001000, name="沁园街道", short_name="沁园", kind=Kind.STREET),
    Area(code=419001004000, name="天坛街道", short_name="天坛", kind=Kind.STREET),
    Area(code=419001100000, name="克井镇", short_name="克井", kind=Kind.TOWN),
    Area(code=419001101000, name="济源市五龙口镇", short_name="五龙口镇", kind=Kind.TOWN),
    Area(code=419001001001, name="济源市济水街道", short_name="济水街道", kind=Kind.STREET),
    Area(code=419001109000, name="王屋镇", short_name="王屋", kind=Kind.TOWN),
]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("河南省济源市克井镇枣庙村", "克井镇"),
        ("济源市克井工业园", "克井镇"),
        ("五龙口镇西窑头村", "济源市五龙口镇"),
        ("济源市五龙口西窑头村", "济源市五龙口镇"),
        ("济水办事处宣化街", "济源市济水街道"),
        ("济源市济水大街", None),
        ("济源市沁园街道办事处", "沁园街道"),
        ("济源市沁园办事处文昌路", "沁园街道"),
        ("济源市王屋乡", "王屋镇"),
        ("济源市天坛中路 12 号", None),
        ("济源市天坛花园", None),
        ("济源市王屋山大道", None),
        ("克井镇与王屋镇交界处", None),
        ("克井镇王屋村", "克井镇"),
        ("济源市文昌路", None),
        ("", None),
    ],
)
def test_the_one_township_named_in_an_address_is_found(address: str, name: str | None) -> None:
    found = finder(TOWNS).find(address)
    assert (found.name if found else None) == name


def test_parks_are_not_found_by_name(jiyuan: SimpleNamespace) -> None:
    assert finder([jiyuan.park]).find("济源市玉川片区") is None
