from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tongxing.areas import divisions
from tongxing.areas.models import Area, Kind, TouchedLeaf
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused

DAY = date(2026, 7, 1)


def test_add_park_takes_the_next_local_code(cast, jiyuan):
    made = divisions.add_area(jiyuan.county, name="虎岭片区", kind=Kind.PARK, by=cast.officer)
    assert (made.code, made.local, made.short_name) == (419001902000, True, "虎岭片区")
    assert list(TouchedLeaf.objects.values_list("area_code", flat=True)) == [419001902000]
    assert Entry.objects.get(act="areas.add").area_code == made.code


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"name": "克井镇"}, "area_name"),
        ({"name": "新镇", "code": 419001100000}, "area_exists"),
        ({"name": "新镇", "code": 410102100000}, "area_code"),
    ],
)
def test_add_refuses(cast, jiyuan, facts, code):
    with pytest.raises(Refused) as refused:
        divisions.add_area(jiyuan.county, kind=Kind.TOWN, by=cast.officer, **facts)
    assert refused.value.code == code


def test_acts_stay_inside_the_own_area(cast, jiyuan):
    for user in (cast.other, cast.township, cast.nobody):
        with pytest.raises(Refused) as refused:
            divisions.rename(jiyuan.kejing, name="x", short_name="x", by=user)
        assert refused.value.code == "area_scope"


def test_rename_keeps_the_old_name_findable(client, cast, jiyuan):
    divisions.rename(jiyuan.kejing, name="克井街道", short_name="克井街道", by=cast.officer, on=DAY, reason="豫政〔2026〕1号")
    client.force_login(cast.other)
    page = client.get(reverse("areas:tree"), {"q": "克井镇"}).content.decode()
    assert "克井街道" in page
    assert "前称“克井镇”" in client.get(reverse("areas:area", args=[jiyuan.kejing.code])).content.decode()


def test_rename_detects_an_edit_conflict(cast, jiyuan):
    divisions.rename(jiyuan.kejing, name="甲镇", short_name="甲镇", by=cast.officer, version=1)
    with pytest.raises(Refused) as refused:
        divisions.rename(jiyuan.kejing, name="乙镇", short_name="乙镇", by=cast.officer, version=1)
    assert refused.value.code == "edit_conflict"
    assert "甲镇" in refused.value.message


def test_merge_ends_the_areas_and_names_the_successor(cast, jiyuan):
    divisions.merge_areas([jiyuan.qinyuan], into=jiyuan.kejing, on=DAY, by=cast.officer, reason="批复")
    old = Area.objects.get(pk=jiyuan.qinyuan.pk)
    assert (old.valid_until, old.successor_id) == (DAY, jiyuan.kejing.code)
    assert jiyuan.qinyuan in Area.objects.valid_on(date(2026, 6, 30))
    assert jiyuan.qinyuan not in Area.objects.valid_on(DAY)
    with pytest.raises(Refused) as refused:
        divisions.close_area(jiyuan.qinyuan, on=DAY, by=cast.officer, reason="x")
    assert refused.value.code == "area_closed"


def test_split_begins_new_areas_on_the_same_day(cast, jiyuan):
    made = divisions.split_area(jiyuan.park, into=[("东片区", None), ("西片区", None)], on=DAY, by=cast.officer, reason="批复")
    assert [(one.code, one.valid_from) for one in made] == [(419001902000, DAY), (419001903000, DAY)]
    assert [row.new.short_name for row in jiyuan.park.successions.all()] == ["东片区", "西片区"]


def test_close_refuses_while_areas_below_stand(cast, jiyuan):
    with pytest.raises(Refused) as refused:
        divisions.close_area(jiyuan.county, on=DAY, by=cast.officer, reason="批复")
    assert refused.value.code == "area_children"


def test_tree_opens_down_to_the_own_area_with_few_queries(client, cast, jiyuan):
    client.force_login(cast.township)
    client.get(reverse("areas:tree"))
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("areas:tree")).content.decode()
    assert "克井镇" in page
    assert "林山寨街道" not in page
    assert len(queries) <= 10
    assert "林山寨街道" in client.get(reverse("areas:children", args=[jiyuan.other.code])).content.decode()


def test_forms_say_why_an_act_refused(client, cast, jiyuan):
    client.force_login(cast.officer)
    address = reverse("areas:add", args=[jiyuan.county.code])
    answer = client.post(address, {"name": "克井镇", "kind": "town"})
    assert answer.status_code == 422
    assert "之下已有“克井镇”" in answer.content.decode()
    assert client.post(address, {"name": "虎岭片区", "kind": "park"}).status_code == 302
    for name, data in (
        ("rename", {"name": "克井", "short_name": "克井", "version": 1}),
        ("merge", {"areas": [jiyuan.qinyuan.code], "on": "2026-7-1", "reason": "批复"}),
        ("split", {"into": "甲片区\n乙片区 419001111000", "on": "2026-07-01", "reason": "批复"}),
    ):
        answer = client.post(reverse(f"areas:{name}", args=[jiyuan.kejing.code]), data)
        assert (name, answer.status_code) == (name, 302)
    answer = client.post(
        reverse("areas:close", args=[jiyuan.park.code]), {"on": "2026-07-01", "reason": "批复", "successor": jiyuan.other.code}
    )
    assert answer.status_code == 422


def test_pick_finds_inside_the_own_scope_only(client, cast, jiyuan):
    client.force_login(cast.officer)
    page = client.get(reverse("areas:pick"), {"q": "街道", "name": "area"}).content.decode()
    assert 'value="419001001000"' in page
    assert "林山寨" not in page
    assert 'value="419001100000"' in client.get(reverse("areas:pick")).content.decode()


def test_outlines_are_revalidated(client, cast, jiyuan):
    client.force_login(cast.leader)
    address = reverse("areas:outlines", args=[jiyuan.county.code])
    first = client.get(address)
    assert first.json() == {"type": "FeatureCollection", "features": []}
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
