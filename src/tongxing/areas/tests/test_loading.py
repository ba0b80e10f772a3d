import json
import time
from pathlib import Path

import pytest

from tongxing.areas import base_data
from tongxing.areas.codes import full, is_pseudo, kind_of, level, short_name_of
from tongxing.areas.loading import FILES, load_divisions, load_file
from tongxing.areas.models import Area, AreaOutline, Kind
from tongxing.areas.outlines import collection, load_outlines
from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Henan with Jiyuan and a town; Guangdong with Dongguan, which has no county."""
    (tmp_path / "provinces.csv").write_text('code,name\n41,"河南省"\n44,"广东省"\n')
    (tmp_path / "cities.csv").write_text("code,name,provinceCode\n4190,省直辖县级行政区划,41\n4419,东莞市,44\n")
    (tmp_path / "areas.csv").write_text("code,name,cityCode,provinceCode\n419001,济源市,4190,41\n")
    (tmp_path / "streets.csv").write_text(
        "code,name,areaCode,provinceCode,cityCode\n419001001,济源市沁园街道,419001,41,4190\n419001100,济源市克井镇,419001,41,4190\n"
        "441900003,东城街道,441900,44,4419\n"
    )
    return tmp_path


def test_codes():
    assert (full("41"), full("419001100"), level(419001100000), level(419001000000), level(419000000000)) == (
        410000000000,
        419001100000,
        9,
        6,
        4,
    )
    assert is_pseudo(419000000000)
    assert not is_pseudo(410100000000)
    with pytest.raises(ValueError, match="area code"):
        full("４１")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("沁园街道", Kind.STREET),
        ("某街道办事处", Kind.STREET),
        ("克井镇", Kind.TOWN),
        ("某民族乡", Kind.TOWNSHIP),
        ("某苏木", Kind.TOWNSHIP),
        ("经济技术开发区", Kind.PARK),
        ("某农场", Kind.OTHER),
    ],
)
def test_kind_of_a_name(name, kind):
    assert kind_of(name, 9) == kind


def test_short_names_drop_the_county_only_below_a_pseudo_city():
    assert short_name_of("济源市沁园街道", 419001001000, "济源市") == "沁园街道"
    assert short_name_of("城关区街道", 620102001000, "城关区") == "城关区街道"


def test_base_data_is_added_once_and_left_alone(db):
    assert base_data.load(COMMAND_LINE) == 21
    assert Area.objects.filter(kind__in=(Kind.STREET, Kind.TOWN)).count() == 16
    Area.objects.filter(code=419001901000).update(short_name="玉川片区")
    assert base_data.load(by=COMMAND_LINE) == 0
    assert Area.objects.get(code=419001901000).short_name == "玉川片区"


def test_load_divisions_is_idempotent(db, folder):
    report = load_divisions(folder, by=COMMAND_LINE)
    assert report == {"new": 8, "changed": 0, "same": 0, "gone": [], "without_parent": []}
    assert Area.objects.get(code=441900003000).parent_id == 441900000000
    assert Area.objects.get(code=419001100000).short_name == "克井镇"
    again = load_divisions(folder, by=COMMAND_LINE)
    assert (again["new"], again["changed"], again["same"]) == (0, 0, 8)


def test_load_divisions_over_base_data_changes_nothing(db, folder):
    base_data.load(by=COMMAND_LINE)
    report = load_divisions(folder, by=COMMAND_LINE)
    assert (report["new"], report["changed"]) == (3, 0)
    assert Area.objects.get(code=419001000000).short_name == "济源示范区"
    # Local parks are not of the national table; towns the table lacks are reported.
    assert len(report["gone"]) == 14


def test_load_divisions_takes_over_new_names(db, folder):
    load_divisions(folder, by=COMMAND_LINE)
    (folder / "streets.csv").write_text("code,name\n419001001,济源市沁园街道\n419001100,济源市克井街道\n441900003,东城街道\n")
    report = load_divisions(folder, by=COMMAND_LINE)
    area = Area.objects.get(code=419001100000)
    assert (report["changed"], area.short_name, area.kind) == (1, "克井街道", Kind.STREET)
    assert Entry.objects.filter(act="areas.load").count() == 2


def test_a_town_without_its_county_is_reported(db, tmp_path):
    (tmp_path / "streets.csv").write_text("code,name\n419001100,济源市克井镇\n")
    report = load_file(tmp_path / "streets.csv", by=COMMAND_LINE)
    assert (report["new"], report["without_parent"]) == (0, ["419001100000 济源市克井镇"])


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "code,name\n41x,河南省\n", "code,name\n,河南省\n"])
def test_load_refuses_what_is_no_table(db, tmp_path, content):
    (tmp_path / "x.csv").write_text(content)
    with pytest.raises(Refused):
        load_file(tmp_path / "x.csv", by=COMMAND_LINE)
    with pytest.raises(Refused):
        load_file(tmp_path / "none.xlsx", by=COMMAND_LINE)


@pytest.mark.shared
@pytest.mark.slow
def test_the_whole_country_loads_in_time(db, shared):
    started = time.monotonic()
    report = load_divisions(shared / "data" / "divisions", by=COMMAND_LINE)
    assert time.monotonic() - started < 20
    lines = [line for name in FILES for line in (shared / "data/divisions" / name).read_text("utf-8-sig").splitlines()[1:]]
    # Some codes stand in two tables: cities without counties.
    assert (report["new"], report["without_parent"]) == (len({full(line.split(",")[0]) for line in lines}), [])
    assert {area.short_name for area in Area.objects.filter(parent_id=419001000000)} >= {"沁园街道", "克井镇", "下冶镇"}


def shape(name: str, adcode: object = None) -> dict:
    ring = [[112.123456, 35.123456], [112.2, 35.1], [112.1, 35.2], [112.123456, 35.123456]]
    properties = {"name": name} | ({"adcode": adcode} if adcode else {})
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def outline_file(tmp_path: Path, *features: dict) -> Path:
    path = tmp_path / "o.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_outlines_match_by_code_and_name_and_report_the_rest(jiyuan, tmp_path):
    path = outline_file(tmp_path, shape("济源", 419001), shape("克井镇"), shape("沁园", "419001001"), shape("无此镇"), shape("", "100000"))
    report = load_outlines(path, by=COMMAND_LINE)
    assert report["loaded"] == 3
    assert report["unmatched"] == ["无此镇（无代码）", "（无名）（100000000000）"]
    assert report["without_outline"] == ["玉川片区（419001901000）"]
    assert AreaOutline.objects.get(area=jiyuan.kejing).geometry["coordinates"][0][0] == [112.1235, 35.1235]
    assert load_outlines(path, by=COMMAND_LINE)["loaded"] == 3


def test_outlines_of_children_step_over_numbers_without_a_place(jiyuan, tmp_path):
    load_outlines(outline_file(tmp_path, shape("济源", 419001), shape("克井镇")), by=COMMAND_LINE)
    assert [one["properties"]["name"] for one in collection(jiyuan.henan)["features"]] == ["济源示范区"]
    assert [one["properties"]["code"] for one in collection(jiyuan.county)["features"]] == ["419001100000"]
    assert [one["properties"]["code"] for one in collection(jiyuan.kejing)["features"]] == ["419001100000"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"type": "FeatureCollection"}', '{"type": "FeatureCollection", "features": 3}'])
def test_outlines_refuse_what_is_no_geojson(db, tmp_path, content):
    path = tmp_path / "o.json"
    path.write_text(content)
    with pytest.raises(Refused):
        load_file(path, by=COMMAND_LINE)


@pytest.mark.shared
def test_real_outlines_match(db, shared):
    load_divisions(shared / "data" / "divisions", by=COMMAND_LINE)
    report = load_outlines(shared / "data" / "geo" / "province_410000.geojson", by=COMMAND_LINE)
    assert (report["loaded"], report["unmatched"], report["without_outline"]) == (18, [], [])
