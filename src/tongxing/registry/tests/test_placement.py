"""The township that stands in an address."""

from datetime import date
from types import SimpleNamespace

import pytest

from tongxing.areas.models import Area, Kind
from tongxing.areas.scope import Scope
from tongxing.audit.log import COMMAND_LINE
from tongxing.registry.placement import finder
from tongxing.registry.sheets.places import places_for
from tongxing.sheets.loader import Loader

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


COUNTIES = [
    Area(code=410122000000, name="中牟县", short_name="中牟县", kind=Kind.COUNTY),
    Area(code=411722000000, name="上蔡县", short_name="上蔡县", kind=Kind.COUNTY),
    Area(code=410204000000, name="鼓楼区", short_name="鼓楼区", kind=Kind.COUNTY),
    Area(code=411726000000, name="鼓楼区", short_name="鼓楼区", kind=Kind.COUNTY),
    Area(code=410122100000, name="城关镇", short_name="城关镇", kind=Kind.TOWN),
    Area(code=411722101000, name="城关镇", short_name="城关镇", kind=Kind.TOWN),
    Area(code=411722102000, name="黄埠镇", short_name="黄埠镇", kind=Kind.TOWN),
]


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("郑州市中牟县城关镇人民路", 410122100000),
        ("上蔡县城关镇人民路", 411722101000),
        ("城关镇人民路", None),
        ("黄埠镇人民路", 411722102000),
        ("中牟县黄埠镇人民路", None),
        ("中牟县与上蔡县驻城关镇办事处", None),
        ("鼓楼区黄埠镇", 411722102000),
        ("中牟县", None),
    ],
)
def test_among_counties_a_town_is_that_of_the_county_named(address: str, code: int | None) -> None:
    found = finder(COUNTIES).find(address)
    assert (found.code if found else None) == code


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("城关镇", [410122100000, 411722101000]),
        ("中牟县城关镇", [410122100000]),
        ("郑州市中牟县城关镇", [410122100000]),
        ("河南省郑州市中牟县城关", [410122100000]),
        ("上蔡县黄埠镇", [411722102000]),
        ("中牟县黄埠镇", []),
        ("郑州市上蔡县黄埠镇", []),
        ("鼓楼区黄埠镇", []),
        ("中牟县", [410122000000]),
        ("411722102", [411722102000]),
    ],
)
def test_a_roster_of_a_province_names_the_county_before_the_town(written: str, codes: list[int]) -> None:
    for area in (
        Area(code=410000000000, name="河南省", short_name="河南省", kind=Kind.PROVINCE),
        Area(code=410100000000, name="郑州市", short_name="郑州市", kind=Kind.PREFECTURE),
        *COUNTIES,
    ):
        area.valid_from = date(2000, 1, 1)
        area.save(force_insert=True)
    loader = Loader(COMMAND_LINE, Scope(((410000000000, 419999999999),)), 410000000000, date(2026, 1, 1))
    assert [area.code for area in places_for(loader).find(written)] == codes


def test_parks_are_not_found_by_name(jiyuan: SimpleNamespace) -> None:
    assert finder([jiyuan.park]).find("济源市玉川片区") is None
