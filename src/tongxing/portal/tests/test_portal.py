"""The public pages."""

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache, caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tongxing.audit.log import COMMAND_LINE
from tongxing.certificates.links import link_of
from tongxing.certificates.models import Certificate
from tongxing.core.models import LimitedUse
from tongxing.core.suppression import SMALLEST_CELL
from tongxing.credentials.payload import masked_name
from tongxing.policy.amending import add_version
from tongxing.portal import statistics
from tongxing.portal.verification import by_token
from tongxing.registry.models import Coordinator, Person
from tongxing.registry.models.coordinators import StatusPeriod

NUMBER = "S000041000001234000001"


@pytest.fixture(autouse=True)
def fresh_counts() -> Iterator[None]:
    """What this process counts of its own outlives a test."""
    caches["process"].clear()
    yield
    caches["process"].clear()


@pytest.fixture
def certificate(jiyuan: SimpleNamespace) -> Certificate:
    person = Person.objects.create(name="张晓明", area=jiyuan.kejing)
    return Certificate.objects.create(
        person=person, number=NUMBER, kind="skill_level", level=3, issued_on=date(2023, 6, 1), body_name="济源某评价机构"
    )


def ask(client: Client, number: str, name: str) -> str:
    return client.post(reverse("portal:look-up"), {"number": number, "name": name}, follow=True).content.decode()


def test_number_and_name_together_find_the_certificate_with_the_name_masked(client: Client, certificate: Certificate) -> None:
    page = ask(client, " s00004100000123400 0001 ", "张 晓明")
    assert "张*明" in page
    assert "张晓明" not in page.replace('value="张 晓明"', "")
    assert "有效" in page


def test_a_wrong_name_and_an_unknown_number_answer_alike(client: Client, certificate: Certificate) -> None:
    wrong_name = ask(client, NUMBER, "李四").replace("李四", "")
    unknown = ask(client, NUMBER[:-1] + "9", "李四").replace("李四", "").replace(NUMBER[:-1] + "9", NUMBER)
    assert wrong_name == unknown


def test_a_void_certificate_says_so_with_day_and_class_but_not_what_the_officer_wrote(client: Client, certificate: Certificate) -> None:
    facts = {"status_on": date(2024, 1, 5), "status_ground": "improper", "status_reason": "李四举报替考"}
    Certificate.objects.update(status="void", **facts)
    page = ask(client, NUMBER, "张晓明")
    assert "作废" in page
    assert "以不正当手段取得" in page
    assert "李四" not in page
    assert "2024-01-05" in page


def test_the_qr_link_opens_its_certificate_and_no_other_link_does(client: Client, certificate: Certificate) -> None:
    link = link_of(certificate)
    assert client.get(link).status_code == 200
    assert client.get(link[:-3] + "xx/").status_code == 404
    assert by_token("nonsense") is None


def test_verification_is_limited(client: Client, certificate: Certificate) -> None:
    answers = [client.post(reverse("portal:look-up"), {"number": NUMBER, "name": "甲"}).status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]


def test_an_address_looks_up_so_often_a_day_and_scanning_does_not_count(client: Client, certificate: Certificate) -> None:
    add_version("credentials.lookups_per_day", 3, valid_from=date(2026, 1, 1), source="内部规定", by=COMMAND_LINE)

    def asked(address: str = "192.0.2.7") -> Any:
        return client.post(reverse("portal:look-up"), {"number": NUMBER, "name": "甲"}, REMOTE_ADDR=address)

    assert [asked().status_code for _ in range(4)] == [200, 200, 200, 429]
    told = asked().content.decode()
    assert [part in told for part in ("一天内已按编号和姓名查验 3 次", "小时后恢复", "二维码", "批量核验")] == [True] * 4
    assert asked("192.0.2.8").status_code == 200
    with CaptureQueriesContext(connection) as queries:
        assert client.get(link_of(certificate), REMOTE_ADDR="192.0.2.7").status_code == 200
    assert len(queries) == 1, "a scanned code stays one statement"


def test_links_are_limited_roughly(client: Client, certificate: Certificate) -> None:
    """Counted by each process and told to the others now and then: a visitor who scans once writes nothing."""
    link = link_of(certificate)
    with CaptureQueriesContext(connection) as first:
        assert client.get(link).status_code == 200
    assert len(first) == 1
    answers = [client.get(link).status_code for _ in range(125)]
    assert answers == [200] * 119 + [429] * 6
    assert LimitedUse.objects.get().uses == 120


def test_no_address_holds_the_name(client: Client, certificate: Certificate) -> None:
    """Web servers log addresses: what is found is shown under the QR code's link, which holds neither number nor name."""
    answer = client.post(reverse("portal:look-up"), {"number": NUMBER, "name": "张晓明"})
    assert (answer.status_code, answer["Location"]) == (302, link_of(certificate))
    assert "no-store" in answer["Cache-Control"]
    page = client.get(reverse("portal:verify"), {"number": NUMBER, "name": "张晓明"})
    assert NUMBER in page.content.decode()
    assert "张晓明" not in page.content.decode()
    assert (page["Cache-Control"], page.cookies) == ("max-age=3600, public", {})


def test_home_is_cached_and_not_sent_twice(client: Client, cast: SimpleNamespace) -> None:
    first = client.get("/")
    assert (first.status_code, first["Cache-Control"]) == (200, "max-age=300, public")
    again = client.get("/", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["Cache-Control"]) == (304, b"", "max-age=300, public")
    assert client.get("/", headers={"If-None-Match": '"another"'}).status_code == 200


def test_copy_of_a_signed_in_reader_is_kept_by_no_proxy(client: Client, cast: SimpleNamespace) -> None:
    client.force_login(cast.officer)
    for path in ("/", "/programme/"):
        assert "public" not in client.get(path)["Cache-Control"]


def test_answers_about_certificates_are_kept_by_nobody(client: Client, certificate: Certificate) -> None:
    assert "no-store" in client.get(link_of(certificate))["Cache-Control"]
    assert "no-store" in client.post(reverse("portal:look-up"), {"number": NUMBER, "name": "李四"})["Cache-Control"]


def test_one_request_computes_the_figures_and_the_others_do_not(
    client: Client, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics, "PATIENCE_SECONDS", 0.0)
    cache.clear()
    cache.set(statistics.COMPUTING_KEY, 1)
    answer = client.get("/")
    assert statistics.current() is None
    assert "正在生成" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    statistics.refresh()
    assert "截至" in client.get("/").content.decode()
    cache.clear()
    assert "截至" in client.get("/").content.decode()
    assert cache.get(statistics.COMPUTING_KEY) is None


def test_few_coordinators_are_not_counted_in_public(client: Client, jiyuan: SimpleNamespace) -> None:
    for number in range(SMALLEST_CELL):
        person = Person.objects.create(name=f"甲{number}", area=jiyuan.kejing)
        one = Coordinator.objects.create(person=person, area=jiyuan.kejing, host_kind="enterprise", enrolled_on=date(2024, 1, 1))
        StatusPeriod.objects.create(coordinator=one, status="active", since=date(2024, 1, 1))
        content = statistics.refresh()
        few = number + 1 < SMALLEST_CELL
        assert (content["coordinators"], content["hosts"]) == (
            (None, []) if few else (SMALLEST_CELL, [{"label": "企业", "count": SMALLEST_CELL}])
        )
        assert ("不足 5 名" in client.get("/").content.decode()) == few


def test_names_are_masked() -> None:
    assert [masked_name(name) for name in ("张三", "张晓明", "欧阳修远")] == ["张*", "张*明", "欧**远"]
