"""What stands in an area that has ended waits to be moved, and moves with an entry."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused
from tongxing.gazetteer import changes
from tongxing.gazetteer.successions import Newcomer, merge_areas, split_area
from tongxing.registry.models import Coordinator, Organisation, Person
from tongxing.registry.placing import suggestions
from tongxing.registry.postings import give_duty_area
from tongxing.registry.resettling import Standing, resettle
from tongxing.registry.sheets.places import places_for
from tongxing.sheets.loader import loader_for
from tongxing.targets.base_data import load as load_targets
from tongxing.targets.models import Target
from tongxing.targets.units import unit

from .people_factories import a_coordinator, a_person, an_organisation

DAY = date(2026, 1, 1)


@pytest.fixture
def merged(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> SimpleNamespace:
    """克井镇 with an enterprise, its coordinator who keeps the town, and a person without a post; merged into 沁园街道."""
    factory = an_organisation(jiyuan.kejing)
    coordinator = a_coordinator(jiyuan.kejing, organisation=factory)
    give_duty_area(coordinator, jiyuan.kejing, by=COMMAND_LINE, since=date(2024, 1, 1))
    person = a_person(jiyuan.kejing)
    merge_areas([jiyuan.kejing], into=jiyuan.qinyuan, on=DAY, by=cast.officer, reason="批复")
    jiyuan.kejing.refresh_from_db()
    return SimpleNamespace(factory=factory, coordinator=coordinator, person=person, old=jiyuan.kejing, new=jiyuan.qinyuan)


def test_a_merger_moves_nothing_by_itself(merged: SimpleNamespace) -> None:
    assert Organisation.objects.get().area == merged.old
    assert list(Organisation.objects.unplaced_on(DAY)) == [merged.factory]
    assert not Organisation.objects.unplaced_on(DAY - timedelta(days=1)).exists()


def test_all_moves_with_one_act(merged: SimpleNamespace, cast: SimpleNamespace) -> None:
    assert resettle(merged.old, merged.new, by=cast.officer) == Standing(1, 1, 0, 1)
    assert {row.area for row in [Organisation.objects.get(), Coordinator.objects.get(), *Person.objects.all()]} == {merged.new}
    duties = merged.coordinator.duty_areas.order_by("since").values_list("area_id", "since", "until")
    assert list(duties) == [(merged.old.code, date(2024, 1, 1), date(2025, 12, 31)), (merged.new.code, DAY, None)]
    acts = list(Entry.objects.order_by("-id").values_list("act", "actor_name")[:2])
    officer = cast.officer.display_name
    assert acts == [("registry.resettle", officer), ("registry.place_organisations", officer)]
    assert not Organisation.objects.unplaced_on(timezone.localdate()).exists()


def test_the_past_keeps_the_old_town_covered(merged: SimpleNamespace, cast: SimpleNamespace) -> None:
    load_targets(COMMAND_LINE)
    resettle(merged.old, merged.new, by=cast.officer)
    target = next(row for row in Target.objects.all() if "town" in row.area_kind_list)
    before, after = unit(target, "area", merged.old.code, date(2025, 6, 1)), unit(target, "area", merged.new.code)
    assert before is not None
    assert (before.state, before.names) == ("covered", merged.coordinator.person.name)
    assert after is not None
    assert after.names == merged.coordinator.person.name
    assert unit(target, "area", merged.old.code) is None


def test_a_duty_area_held_twice_is_held_once_after(merged: SimpleNamespace, cast: SimpleNamespace) -> None:
    give_duty_area(merged.coordinator, merged.new, by=COMMAND_LINE, since=date(2025, 1, 1))
    resettle(merged.old, merged.new, by=cast.officer)
    assert list(merged.coordinator.duty_areas.filter(until=None).values_list("area_id", "since")) == [(merged.new.code, date(2025, 1, 1))]


def test_only_an_ended_area_is_emptied_and_only_into_one_in_use(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    with pytest.raises(Refused) as refused:
        resettle(jiyuan.kejing, jiyuan.qinyuan, by=cast.officer)
    assert refused.value.code == "still_in_use"
    changes.close(jiyuan.kejing, on=timezone.localdate() + timedelta(days=9), by=cast.officer, reason="x")
    with pytest.raises(Refused):
        resettle(jiyuan.kejing, jiyuan.qinyuan, by=cast.officer)
    changes.close(jiyuan.park, on=DAY, by=cast.officer, reason="x")
    with pytest.raises(Refused) as refused:
        resettle(jiyuan.park, jiyuan.county, by=cast.officer)
    assert refused.value.code == "not_a_leaf"
    with pytest.raises(Refused):
        resettle(jiyuan.park, jiyuan.qinyuan, by=cast.other)


def test_the_queue_suggests_the_only_successor(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    factory = an_organisation(jiyuan.kejing, address="第一工业路 3 号")
    split_area(jiyuan.kejing, into=[Newcomer("东镇"), Newcomer("西镇")], keep=False, on=DAY, by=cast.officer, reason="x")
    assert suggestions([factory]) == {}
    other = an_organisation(jiyuan.park)
    merge_areas([jiyuan.park], into=jiyuan.qinyuan, on=DAY, by=cast.officer, reason="x")
    assert suggestions([factory, other]) == {other.pk: jiyuan.qinyuan}


def test_the_card_offers_the_successor_and_moves(client: Client, merged: SimpleNamespace, cast: SimpleNamespace) -> None:
    client.force_login(cast.officer)
    card = client.get(reverse("registry:of-area", args=[merged.old.code])).content.decode()
    assert "单位 1 个" in card
    assert f'value="{merged.new.code}" selected' in card
    assert "家单位还没有归属到镇街" in client.get(reverse("desk:home"), follow=True).content.decode()
    assert client.post(reverse("registry:resettle", args=[merged.old.code]), {"area": merged.new.code}).status_code == 302
    assert "全部划转" not in client.get(reverse("registry:of-area", args=[merged.old.code])).content.decode()


@pytest.mark.parametrize("written", ["克井镇", "克井", "济源市克井镇"])
def test_rosters_may_go_on_writing_the_old_name(cast: SimpleNamespace, jiyuan: SimpleNamespace, written: str) -> None:
    changes.rename(jiyuan.kejing, "东湖街道", "东湖街道", by=cast.officer, reason="改设", on=DAY)
    assert places_for(loader_for(COMMAND_LINE, "registry.import")).find(written) == [jiyuan.kejing]
    merge_areas([jiyuan.kejing], into=jiyuan.qinyuan, on=DAY, by=cast.officer, reason="x")
    places = places_for(loader_for(COMMAND_LINE, "registry.import"))
    assert places.find(written) == places.find("东湖街道") == [jiyuan.qinyuan]
