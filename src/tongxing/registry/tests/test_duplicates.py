"""The queue of likely doubles shows every pair, page by page."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tongxing.registry import duplicates
from tongxing.registry.duplicates import pairs
from tongxing.registry.models import NotDuplicate, Person

PAIRS = 520


def test_every_pair_is_in_the_queue_and_a_page_reads_only_its_own_people(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    born = date(1990, 3, 7)
    names = [f"张{number}" for number in range(PAIRS)]
    Person.objects.bulk_create([Person(name=name, born_on=born, area=jiyuan.kejing) for name in names * 2])
    found = pairs(Person.objects.all())
    assert len(found) == PAIRS
    first = found[0]
    assert (first.first.name, first.reasons) == (first.second.name, ["姓名和出生日期相同"])
    NotDuplicate.objects.create(first=first.first, second=first.second, by="王经办")
    client = Client()
    client.force_login(cast.officer)
    address = reverse("registry:duplicates")
    page = client.get(address, {"page": "52"})
    assert (page.context["page"].paginator.count, page.context["page"].number) == (PAIRS - 1, 52)
    assert len(page.context["page"].object_list) == 9
    counts = []
    for number in ("1", "51"):
        with CaptureQueriesContext(connection) as queries:
            client.get(address, {"page": number})
        counts.append(len(queries))
    assert counts[0] == counts[1] < 25


def test_looking_stops_at_a_bound_and_goes_on_behind_what_is_settled(
    jiyuan: SimpleNamespace, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, "MOST_PAIRS", 4)
    monkeypatch.setattr(duplicates, "CHUNK", 3)
    for day in (7, 8):
        Person.objects.bulk_create([Person(name=f"张{number % 5}", born_on=date(1990, 3, day), area=jiyuan.kejing) for number in range(10)])
    seen = set()
    while found := pairs(Person.objects.all()):
        assert len(found) == min(4, 10 - len(seen))
        assert found.more is (10 - len(seen) > 4)
        for pair in found:
            seen.add((pair.first.name, pair.first.born_on))
            NotDuplicate.objects.create(first=pair.first, second=pair.second, by="王经办")
    assert seen == {(f"张{number}", date(1990, 3, day)) for number in range(5) for day in (7, 8)}
