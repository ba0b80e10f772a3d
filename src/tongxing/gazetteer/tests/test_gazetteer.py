"""The division tree: loading, changing, showing."""

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from tongxing.areas.models import Area, AreaOutline, TouchedLeaf
from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused
from tongxing.gazetteer import base_data, changes
from tongxing.gazetteer.loading import load_divisions
from tongxing.gazetteer.outlines import collection
from tongxing.gazetteer.sources import load_file

SQUARE = {"type": "Polygon", "coordinates": [[[112, 35], [113, 35], [113, 36], [112, 35]]]}


def test_base_data_fills_an_empty_tree_once(db: None) -> None:
    assert base_data.load(COMMAND_LINE) == 21
    assert base_data.load(COMMAND_LINE) == 0
    assert Area.objects.within(419001000000).filter(kind__in=["street", "town"]).count() == 16
    assert Area.objects.filter(kind="park", local=True).count() == 2


def test_a_park_gets_the_next_local_code(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    park = changes.add_park(jiyuan.county, "虎岭片区", by=cast.officer)
    assert park.code == 419001902000
    assert (park.kind, park.local, park.short_name) == ("park", True, "虎岭片区")
    assert set(TouchedLeaf.objects.values_list("area_code", flat=True)) == {park.code}
    with pytest.raises(Refused):
        changes.add_park(jiyuan.county, "虎岭片区", by=cast.officer)


def test_a_closed_town_keeps_its_past(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    changes.close(jiyuan.kejing, on=date(2026, 1, 1), by=cast.officer, reason="撤销")
    assert jiyuan.kejing not in Area.objects.valid_on(date(2026, 1, 1))
    assert jiyuan.kejing in Area.objects.valid_on(date(2025, 12, 31))
    assert [entry.act for entry in Entry.objects.all()] == ["gazetteer.close"]
    with pytest.raises(Refused):
        changes.close(jiyuan.kejing, on=date(2026, 2, 1), by=cast.officer, reason="又撤")


def test_an_area_does_not_end_before_it_began(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    with pytest.raises(Refused) as refused:
        changes.close(jiyuan.kejing, on=date(2000, 1, 1), by=cast.officer, reason="错")
    assert refused.value.code == "ends_before_start"


def test_counties_are_not_closed_by_hand(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    with pytest.raises(Refused):
        changes.close(jiyuan.county, on=date(2026, 1, 1), by=cast.officer, reason="x")


def _tables(folder: Path) -> Path:
    (folder / "provinces.csv").write_text('code,name\n41,"河南省"\n44,"广东省"\n', encoding="utf-8")
    (folder / "cities.csv").write_text('code,name,provinceCode\n4190,"省直辖县级行政区划",41\n4419,"东莞市",44\n', encoding="utf-8")
    (folder / "areas.csv").write_text(
        'code,name,cityCode,provinceCode\n419001,"济源市",4190,41\n441900,"东莞市",4419,44\n', encoding="utf-8"
    )
    (folder / "streets.csv").write_text(
        'code,name,areaCode,provinceCode,cityCode\n419001001,"济源市沁园街道",419001,41,4190\n441900003,"东城街道",441900,44,4419\n',
        encoding="utf-8",
    )
    return folder


def test_tables_load_with_prefixes_taken_off_and_cities_without_counties(db: None, tmp_path: Path) -> None:
    report = load_divisions(_tables(tmp_path), by=COMMAND_LINE)
    assert (report.new, report.changed, report.same, report.gone) == (7, 0, 0, [])
    assert Area.objects.get(code=419001001000).short_name == "沁园街道"
    assert Area.objects.get(code=441900003000).parent_id == 441900000000
    assert Area.objects.get(code=441900000000).kind == "prefecture"
    again = load_divisions(tmp_path, by=COMMAND_LINE)
    assert (again.new, again.changed, again.same) == (0, 0, 7)


def test_tables_never_take_away_what_a_bureau_named(cast: SimpleNamespace, jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    Area.objects.filter(code=jiyuan.park.code).update(local=True)
    changes.rename(jiyuan.county, "济源产城融合示范区", "济源示范区", by=cast.officer, reason="改称")
    report = load_divisions(_tables(tmp_path), by=COMMAND_LINE)
    assert Area.objects.get(code=419001000000).short_name == "济源示范区"
    assert "克井镇" in report.gone
    assert "玉川片区" not in report.gone


@pytest.mark.parametrize("content", ["", "code\n41\n", "名称\n河南\n"])
def test_other_tables_are_refused(db: None, tmp_path: Path, content: str) -> None:
    (tmp_path / "provinces.csv").write_text(content, encoding="utf-8")
    with pytest.raises(Refused):
        load_file(tmp_path / "provinces.csv", by=COMMAND_LINE)
    assert not Area.objects.exists()


def test_outlines_find_their_areas_and_report_the_rest(db: None, jiyuan: SimpleNamespace, tmp_path: Path) -> None:
    features = [
        {"type": "Feature", "properties": {"name": "克井镇"}, "geometry": SQUARE},
        {"type": "Feature", "properties": {"adcode": 419001}, "geometry": SQUARE},
        {"type": "Feature", "properties": {"name": "不存在的镇"}, "geometry": SQUARE},
    ]
    file = tmp_path / "towns.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    report = load_file(file, by=COMMAND_LINE)
    assert report["placed"] == 2
    assert report["unmatched"] == ["不存在的镇"]
    assert {"沁园街道", "玉川片区"} <= set(report["without_outline"])
    assert [f["properties"]["name"] for f in collection(jiyuan.county.code)["features"]] == ["克井镇"]
    assert AreaOutline.objects.count() == 2


def test_the_tree_opens_branch_by_branch(
    client: Client, cast: SimpleNamespace, jiyuan: SimpleNamespace, django_assert_max_num_queries
) -> None:
    client.force_login(cast.officer)
    with django_assert_max_num_queries(12):
        page = client.get(reverse("gazetteer:tree")).content.decode()
    assert "济源示范区" in page
    assert "林山寨街道" not in page
    assert "克井镇" in client.get(reverse("gazetteer:branch", args=[jiyuan.county.code])).content.decode()
    assert "克井镇" in client.get(reverse("gazetteer:tree"), {"q": "克井"}).content.decode()


def test_another_countys_officer_changes_nothing_here(client: Client, cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    client.force_login(cast.other)
    answer = client.post(reverse("gazetteer:rename", args=[jiyuan.kejing.code]), {"name": "x", "short_name": "x", "reason": "x"})
    assert answer.status_code == 404
    assert Area.objects.get(code=jiyuan.kejing.code).name == "克井镇"


@pytest.mark.shared
def test_the_whole_country_loads(db: None, shared: Path) -> None:
    report = load_divisions(shared / "data/divisions", by=COMMAND_LINE)
    assert report.new == 31 + 342 + 2974 + 41_352  # four cities without counties stand once
    assert Area.objects.within(419001000000).count() == 17
