"""Make-up and spread on a past day: education and full-time work as they were then (notice:3.4.1)."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.core.errors import Refused
from tongxing.registry.enrolment import update_coordinator
from tongxing.registry.merging import merge_people
from tongxing.registry.models import Coordinator, PastEducation, PastEngagement, Person
from tongxing.registry.pasts import ALWAYS, EDUCATION, ENGAGEMENT, make_up_noted_since
from tongxing.registry.people import update_person
from tongxing.targets import spread

from .world import coordinator

pytestmark = pytest.mark.usefixtures("shipped")
DAY = timedelta(days=1)
TODAY = timezone.localdate()
LONG_AGO = date(2024, 6, 30)


def made_up(area: Area, key: str, on: date | None = None) -> dict[str, int]:
    return {cell.value: cell.number for cell in spread.make_up(area.code, on, key)}


def engaged(holder: Coordinator, cast: SimpleNamespace, full_time: bool, since: date | None = None) -> None:
    held = Coordinator.objects.get(pk=holder.pk)
    update_coordinator(held, by=cast.officer, version=held.version, full_time=full_time, remark="", since=since)


def taught(holder: Coordinator, cast: SimpleNamespace, education: str, since: date | None = None) -> None:
    held = Person.objects.get(pk=holder.person_id)
    update_person(held, by=cast.officer, version=held.version, education=education, education_since=since)


def test_past_days_keep_what_was_true_then(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    holder = coordinator(jiyuan.kejing, education="30")
    coordinator(jiyuan.kejing, education="20", full_time=True)
    engaged(holder, cast, True, since=date(2025, 3, 1))
    taught(holder, cast, "20", since=date(2025, 7, 1))
    area = jiyuan.kejing
    assert made_up(area, "full_time") == made_up(area, "full_time", date(2025, 3, 1)) == {"1": 2}
    assert made_up(area, "full_time", date(2025, 2, 28)) == made_up(area, "full_time", LONG_AGO) == {"1": 1, "0": 1}
    assert made_up(area, "education") == made_up(area, "education", date(2025, 7, 1)) == {"20": 2}
    assert made_up(area, "education", date(2025, 6, 30)) == {"30": 1, "20": 1}
    cross = spread.cross(area.code, LONG_AGO, "education", "full_time")
    assert sorted((row.value, numbers) for row, numbers in cross.rows) == [("20", [1, 0]), ("30", [0, 1])]
    (then,) = spread.names(area.code, LONG_AGO, {"full_time": "0", "education": "30"})
    assert (then.pk, then.full_time_on, then.education_on) == (holder.pk, "0", "30")  # type: ignore[attr-defined]
    assert not spread.names(area.code, None, {"education": "30"}).exists()


def test_changes_there_and_back_and_two_on_one_day(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    holder, area = coordinator(jiyuan.kejing), jiyuan.kejing
    engaged(holder, cast, True, since=TODAY - 20 * DAY)
    engaged(holder, cast, False, since=TODAY - 10 * DAY)
    assert [made_up(area, "full_time", TODAY - n * DAY) for n in (21, 20, 11, 10)] == [{"0": 1}, {"1": 1}, {"1": 1}, {"0": 1}]
    engaged(holder, cast, True)
    engaged(holder, cast, False)
    assert [made_up(area, "full_time", TODAY - n * DAY) for n in (11, 1, 0)] == [{"1": 1}, {"0": 1}, {"0": 1}]
    with pytest.raises(Refused):
        engaged(holder, cast, True, since=TODAY + DAY)


def test_what_was_wrong_or_unknown_is_put_right_for_past_days_too(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    known, unknown = coordinator(jiyuan.kejing, education="30"), coordinator(jiyuan.kejing)
    taught(unknown, cast, "20")
    taught(known, cast, "20", since=ALWAYS)
    engaged(known, cast, True)
    engaged(known, cast, False, since=ALWAYS)
    assert made_up(jiyuan.kejing, "education", LONG_AGO) == {"20": 2}
    assert made_up(jiyuan.kejing, "full_time", LONG_AGO) == {"0": 2}
    assert (PastEducation.objects.count(), PastEngagement.objects.count()) == (0, 0)


def test_the_forms_ask_from_which_day_and_an_emptied_day_corrects(jiyuan: SimpleNamespace, cast: SimpleNamespace, client: Client) -> None:
    holder = coordinator(jiyuan.kejing, "张三")
    client.force_login(cast.officer)
    url = reverse("registry:coordinator-edit", args=[holder.uid])
    assert f'value="{TODAY}"' in client.get(url).content.decode()
    assert client.post(url, {"full_time": "1", "since": "2025-03-01", "version": "1"}).status_code == 302
    assert PastEngagement.objects.get().until == date(2025, 2, 28)
    assert client.post(url, {"full_time": "0", "since": "", "version": "2"}).status_code == 302
    assert not PastEngagement.objects.exists()
    edit = reverse("registry:person-edit", args=[holder.person.uid])
    assert "学历自哪一天起" in client.get(edit).content.decode()


def test_a_merge_takes_the_history_of_what_it_takes(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    kept, dropped = coordinator(jiyuan.kejing, "张三"), Person.objects.create(name="张三", area=jiyuan.kejing, education="30")
    update_person(dropped, by=cast.officer, version=1, education="20", education_since=date(2025, 7, 1))
    merge_people(kept.person, dropped, by=cast.officer)
    assert made_up(jiyuan.kejing, "education", LONG_AGO) == {"30": 1}
    assert made_up(jiyuan.kejing, "education") == {"20": 1}


def test_the_past_costs_no_query_for_each_row_and_none_where_nothing_changed(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    def asked() -> list[Any]:
        with CaptureQueriesContext(connection) as caught:
            spread.make_up(jiyuan.kejing.code, LONG_AGO, "education")
        return list(caught)

    people = [coordinator(jiyuan.kejing, education="30") for _ in range(3)]
    quiet = asked()
    taught(people[0], cast, "20")
    one = asked()
    taught(people[1], cast, "20")
    taught(people[2], cast, "20")
    assert len(one) == len(asked()) == len(quiet)
    assert "pasteducation" not in quiet[-1]["sql"]
    assert str(ENGAGEMENT.on(TODAY, "full_time", "pk")) == "F(full_time)"
    assert EDUCATION.held_on(LONG_AGO).count() == 3


def test_the_page_says_from_when_on_changes_are_noted(client: Client, cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    coordinator(jiyuan.kejing)
    client.force_login(cast.officer)
    noted = make_up_noted_since()
    assert noted is not None
    assert f"变动从 {noted} 起有记载" in client.get(reverse("targets:spread"), {"on": "2024-06-30"}).content.decode()
    assert "起有记载" not in client.get(reverse("targets:spread")).content.decode()
