"""Where an organisation belonged on a day: moves keep the past, corrections rewrite it, an undone roster leaves no trace."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import Q
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tongxing.core.errors import Refused
from tongxing.registry.bulk.organisations import Change, change_many, take_back
from tongxing.registry.models import Organisation, PastArea, PastEnd
from tongxing.registry.organisations import change_status, place_organisations, update_organisation
from tongxing.registry.tests.people_factories import an_organisation
from tongxing.registry.whereabouts import ALWAYS, placed_on

TODAY = timezone.localdate()
MONTH = timedelta(days=30)


def place_on(organisation: Organisation, day: date) -> int:
    return placed_on(Organisation.objects.filter(pk=organisation.pk), day, lambda field: Q()).get().area_on


@pytest.fixture
def made(jiyuan: SimpleNamespace) -> Organisation:
    return an_organisation(jiyuan.kejing, no_code_reason="试")


def move(made: Organisation, area: Any, cast: SimpleNamespace, since: date | None = None) -> Organisation:
    version = Organisation.objects.get(pk=made.pk).version
    return update_organisation(made, by=cast.officer, version=version, area=area, area_since=since)


def test_a_move_counts_from_its_day(made: Organisation, jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    move(made, jiyuan.qinyuan, cast, TODAY - MONTH)
    before, after = jiyuan.kejing.code, jiyuan.qinyuan.code
    days = (TODAY - 2 * MONTH, TODAY - MONTH - timedelta(days=1), TODAY - MONTH, TODAY - timedelta(days=1), TODAY)
    assert [place_on(made, day) for day in days] == [before, before, after, after, after]


def test_moves_follow_one_another_and_a_second_move_on_one_day_leaves_the_first_out(
    made: Organisation, jiyuan: SimpleNamespace, cast: SimpleNamespace
) -> None:
    move(made, jiyuan.qinyuan, cast, TODAY - 2 * MONTH)
    move(made, jiyuan.park, cast, TODAY - MONTH)
    move(made, jiyuan.kejing, cast)
    move(made, jiyuan.qinyuan, cast)
    days = (TODAY - 3 * MONTH, TODAY - 2 * MONTH, TODAY - MONTH, TODAY - timedelta(days=1), TODAY)
    codes = [jiyuan.kejing.code, jiyuan.qinyuan.code, jiyuan.park.code, jiyuan.park.code, jiyuan.qinyuan.code]
    assert [place_on(made, day) for day in days] == codes


def test_a_move_dated_back_before_an_earlier_one_takes_the_days_from_then_on(
    made: Organisation, jiyuan: SimpleNamespace, cast: SimpleNamespace
) -> None:
    move(made, jiyuan.qinyuan, cast, TODAY - MONTH)
    move(made, jiyuan.park, cast, TODAY - 2 * MONTH)
    days = (TODAY - 3 * MONTH, TODAY - 2 * MONTH, TODAY - MONTH, TODAY)
    assert [place_on(made, day) for day in days] == [jiyuan.kejing.code, *[jiyuan.park.code] * 3]


def test_a_correction_holds_for_all_days(made: Organisation, jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    move(made, jiyuan.qinyuan, cast, TODAY - MONTH)
    move(made, jiyuan.park, cast, ALWAYS)
    assert (place_on(made, TODAY - 2 * MONTH), PastArea.objects.exists()) == (jiyuan.park.code, False)


def test_a_move_in_the_future_is_refused(made: Organisation, jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    with pytest.raises(Refused) as refused:
        move(made, jiyuan.qinyuan, cast, TODAY + timedelta(days=1))
    assert refused.value.code == "future_day"


def test_out_of_the_queue_it_has_been_there_all_along_out_of_a_town_it_moved(
    made: Organisation, jiyuan: SimpleNamespace, cast: SimpleNamespace
) -> None:
    waiting = an_organisation(jiyuan.county, unplaced=True)
    place_organisations([made.pk, waiting.pk], jiyuan.qinyuan, by=cast.officer)
    yesterday = TODAY - timedelta(days=1)
    assert (place_on(made, yesterday), place_on(waiting, yesterday)) == (jiyuan.kejing.code, jiyuan.qinyuan.code)


def test_the_days_between_end_and_reopening_stay_empty(made: Organisation, cast: SimpleNamespace) -> None:
    change_status(made, "moved", by=cast.officer, on=TODAY - 3 * MONTH)
    with pytest.raises(Refused) as refused:
        change_status(made, "operating", by=cast.officer, on=TODAY - 4 * MONTH)
    assert refused.value.code == "before_end"
    change_status(made, "operating", by=cast.officer, on=TODAY - MONTH)
    days = (TODAY - 4 * MONTH, TODAY - 3 * MONTH, TODAY - MONTH - timedelta(days=1), TODAY - MONTH, TODAY)
    there = [Organisation.objects.operating_on(day).filter(pk=made.pk).exists() for day in days]
    assert there == [True, False, False, True, True]


def test_the_form_tells_a_move_from_a_correction(made: Organisation, jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    client, address = Client(), reverse("registry:organisation-edit", args=[made.uid])
    client.force_login(cast.officer)
    assert f'value="{TODAY}"' in client.get(address).content.decode()
    form = {"name": made.name, "no_code_reason": "试", "kind": "enterprise", "version": "1"}
    assert client.post(address, form | {"area": jiyuan.qinyuan.code, "area_since": str(TODAY - MONTH)}).status_code == 302
    assert place_on(made, TODAY - 2 * MONTH) == jiyuan.kejing.code
    assert client.post(address, form | {"area": jiyuan.park.code, "area_since": "", "version": "2"}).status_code == 302
    assert place_on(made, TODAY - 2 * MONTH) == jiyuan.park.code
    page = client.get(reverse("registry:organisation", args=[made.uid])).content.decode()
    assert "更正登记" in page


def test_a_roster_moves_as_of_today_and_its_undo_leaves_no_trace(
    made: Organisation, jiyuan: SimpleNamespace, cast: SimpleNamespace
) -> None:
    Organisation.objects.filter(pk=made.pk).update(ended_on=TODAY - MONTH, status="moved")
    before = {"area_id": made.area_id, "unplaced": False, "ended_on": TODAY - MONTH, "status": "moved"}
    after = {"area_id": jiyuan.qinyuan.code, "ended_on": None, "status": "operating"}
    change = Change(made.pk, 1, made.area_id, before, after)
    change_many([change], by=cast.officer, today=TODAY)
    yesterday = TODAY - timedelta(days=1)
    assert (place_on(made, yesterday), place_on(made, TODAY)) == (jiyuan.kejing.code, jiyuan.qinyuan.code)
    assert not Organisation.objects.operating_on(yesterday).filter(pk=made.pk).exists()
    fields = {name: str(value) if isinstance(value, date) else value for name, value in change.old_values(TODAY).items()}
    take_back([], [Change.back(made.pk, 2, {"area_id": made.area_id, "fields": fields})], by=cast.officer)
    assert (PastArea.objects.exists(), PastEnd.objects.exists(), Organisation.objects.get(pk=made.pk).ended_on) == (
        False,
        False,
        TODAY - MONTH,
    )
