"""The queue of likely doubles shows every pair, page by page."""

from datetime import date
from types import SimpleNamespace

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

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
