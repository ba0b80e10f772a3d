"""Merging and splitting areas; the names they bore."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from tongxing.areas.models import Area, FormerName, Succession, TouchedLeaf
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused
from tongxing.gazetteer import changes
from tongxing.gazetteer.successions import Newcomer, merge_areas, split_area

DAY = date(2026, 1, 1)


def _followers(area: Area) -> list[int]:
    return list(area.successions.values_list("new_id", flat=True))


def test_areas_merge_into_one_that_stands(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    new = merge_areas([jiyuan.kejing, jiyuan.park], into=jiyuan.qinyuan, on=DAY, by=cast.officer, reason="豫政〔2026〕1号")
    assert new == jiyuan.qinyuan
    for area in (jiyuan.kejing, jiyuan.park):
        area.refresh_from_db()
        assert (area.valid_until, _followers(area)) == (DAY, [new.code])
    entry = Entry.objects.get()
    assert (entry.act, entry.reason) == ("gazetteer.merge_areas", "豫政〔2026〕1号")
    assert entry.after["areas"] == ["克井镇（419001100000）", "玉川片区（419001901000）"]
    assert set(TouchedLeaf.objects.values_list("area_code", flat=True)) == {jiyuan.kejing.code, jiyuan.park.code, new.code}


def test_areas_merge_into_a_new_one_with_its_national_code(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    new = merge_areas([jiyuan.kejing, jiyuan.qinyuan], into=Newcomer("北海街道", 419001005000), on=DAY, by=cast.officer, reason="x")
    assert (new.code, new.kind, new.local, new.valid_from, new.parent_id) == (419001005000, "street", False, DAY, jiyuan.county.code)
    assert set(new.origins.values_list("old_id", flat=True)) == {jiyuan.qinyuan.code, jiyuan.kejing.code}


def test_one_area_splits_and_ends(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    parts = [Newcomer("克井东镇", 419001110000), Newcomer("克井产业片区")]
    east, park = split_area(jiyuan.kejing, into=parts, keep=False, on=DAY, by=cast.officer, reason="x")
    assert (east.kind, east.local, park.kind, park.local, park.code) == ("town", False, "park", True, 419001902000)
    jiyuan.kejing.refresh_from_db()
    assert (jiyuan.kejing.valid_until, sorted(_followers(jiyuan.kejing))) == (DAY, [east.code, park.code])
    assert jiyuan.kejing in Area.objects.valid_on(date(2025, 12, 31))


def test_a_part_is_taken_out_and_the_rest_goes_on(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    (new,) = split_area(jiyuan.kejing, into=[Newcomer("东湖街道")], keep=True, on=DAY, by=cast.officer, reason="x")
    jiyuan.kejing.refresh_from_db()
    assert (jiyuan.kejing.valid_until, _followers(jiyuan.kejing), new.kind) == (None, [new.code], "street")


def test_what_makes_no_sense_is_refused_and_nothing_changes(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    kejing, qinyuan, county, far = jiyuan.kejing, jiyuan.qinyuan, jiyuan.county, jiyuan.other_street
    merges = [
        ([], qinyuan),
        ([kejing], kejing),
        ([kejing, far], qinyuan),
        ([kejing], far),
        ([county], qinyuan),
        ([kejing], Newcomer("甲镇")),
    ]
    merges += [([kejing, jiyuan.park], Newcomer("甲镇", code)) for code in (410102002000, qinyuan.code, 419001100001)]
    merges += [([kejing, jiyuan.park], Newcomer("沁园街道"))]
    for areas, into in merges:
        with pytest.raises(Refused):
            merge_areas(areas, into=into, on=DAY, by=cast.officer, reason="x")
    for parts, keep in (([], True), ([Newcomer("甲镇")], False), ([Newcomer("沁园街道"), Newcomer("乙镇")], False)):
        with pytest.raises(Refused):
            split_area(kejing, into=parts, keep=keep, on=DAY, by=cast.officer, reason="x")
    assert not Succession.objects.exists()
    assert not Entry.objects.exists()
    assert not Area.objects.exclude(valid_until=None).exists()


def test_only_who_keeps_the_county_merges(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    with pytest.raises(Refused) as refused:
        merge_areas([jiyuan.kejing], into=jiyuan.qinyuan, on=DAY, by=cast.other, reason="x")
    assert refused.value.code == "area_scope"


def test_an_end_taken_back_takes_the_succession_back(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    merge_areas([jiyuan.kejing], into=jiyuan.qinyuan, on=DAY, by=cast.officer, reason="x")
    jiyuan.kejing.refresh_from_db()
    changes.reopen(jiyuan.kejing, by=cast.officer, reason="误办")
    assert not Succession.objects.exists()
    assert Entry.objects.latest("id").before == {"valid_until": "2026-01-01", "successors": ["沁园街道"]}


def test_the_pages_merge_split_and_show_the_past(client: Client, cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    client.force_login(cast.officer)
    kejing, qinyuan = jiyuan.kejing.code, jiyuan.qinyuan.code
    facts = {"areas": [kejing], "into": qinyuan, "newcomer": "", "on": "2026-01-01", "reason": "批复"}
    both = client.post(reverse("gazetteer:merge", args=[kejing]), facts | {"newcomer": "甲镇"})
    assert (both.status_code, "二者选一" in both.content.decode()) == (422, True)
    assert client.post(reverse("gazetteer:merge", args=[kejing]), facts).status_code == 302
    assert "2026-01-01 起归" in client.get(reverse("gazetteer:area", args=[kejing])).content.decode()
    assert f"克井镇</a>（{kejing}）改设" in client.get(reverse("gazetteer:area", args=[qinyuan])).content.decode()
    split = {"into": "沁园东街道 419001006000\n沁园片区", "on": "2026-02-01", "reason": "批复"}
    assert client.post(reverse("gazetteer:split", args=[qinyuan]), split).status_code == 302
    assert sorted(_followers(jiyuan.qinyuan)) == [419001006000, 419001902000]
    bad = client.post(reverse("gazetteer:split", args=[jiyuan.park.code]), {"into": "甲 12", "on": "2026-02-01", "reason": "批复"})
    assert (bad.status_code, "看不懂" in bad.content.decode()) == (422, True)


def test_a_refusal_keeps_what_was_typed(client: Client, cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    client.force_login(cast.officer)
    facts = {"into": "独一镇", "on": "2026-02-01", "reason": "豫政批复七号"}
    answer = client.post(reverse("gazetteer:split", args=[jiyuan.kejing.code]), facts)
    assert answer.status_code == 422
    assert "独一镇" in answer.content.decode()
    assert "豫政批复七号" in answer.content.decode()


def test_a_former_name_is_shown_and_found(client: Client, cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    changes.rename(jiyuan.kejing, "克井新镇", "克井新镇", by=cast.officer, reason="批复", on=DAY)
    former = FormerName.objects.get()
    assert (former.name, former.until) == ("克井镇", DAY)
    client.force_login(cast.officer)
    assert "2026-01-01 前叫“克井镇”" in client.get(reverse("gazetteer:area", args=[jiyuan.kejing.code])).content.decode()
    assert "克井新镇" in client.get(reverse("gazetteer:tree"), {"q": "克井镇"}).content.decode()


def test_grants_of_an_ended_area_are_named(client: Client, cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    merge_areas([jiyuan.kejing], into=jiyuan.qinyuan, on=DAY, by=cast.admin, reason="x")
    client.force_login(cast.admin)
    assert "克井专员" in client.get(reverse("gazetteer:area", args=[jiyuan.kejing.code])).content.decode()
