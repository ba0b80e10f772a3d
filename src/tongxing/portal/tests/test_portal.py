"""The public pages."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from tongxing.certificates.links import link_of
from tongxing.certificates.models import Certificate
from tongxing.portal.statistics import suppressed
from tongxing.portal.verification import by_token, masked_name
from tongxing.registry.models import Person

NUMBER = "S000041000001234000001"


@pytest.fixture
def certificate(jiyuan: SimpleNamespace) -> Certificate:
    person = Person.objects.create(name="张晓明", area=jiyuan.kejing)
    return Certificate.objects.create(
        person=person, number=NUMBER, kind="skill_level", level=3, issued_on=date(2023, 6, 1), body_name="济源某评价机构"
    )


def ask(client: Client, number: str, name: str) -> str:
    return client.get(reverse("portal:verify"), {"number": number, "name": name}).content.decode()


def test_number_and_name_together_find_the_certificate_with_the_name_masked(client: Client, certificate: Certificate) -> None:
    page = ask(client, " s00004100000123400 0001 ", "张 晓明")
    assert "张*明" in page
    assert "张晓明" not in page.replace('value="张 晓明"', "")
    assert "有效" in page


def test_a_wrong_name_and_an_unknown_number_answer_alike(client: Client, certificate: Certificate) -> None:
    wrong_name = ask(client, NUMBER, "李四").replace("李四", "")
    unknown = ask(client, NUMBER[:-1] + "9", "李四").replace("李四", "").replace(NUMBER[:-1] + "9", NUMBER)
    assert wrong_name == unknown


def test_a_void_certificate_says_so_with_day_and_reason(client: Client, certificate: Certificate) -> None:
    Certificate.objects.update(status="void", status_on=date(2024, 1, 5), status_reason="评价程序不符")
    page = ask(client, NUMBER, "张晓明")
    assert "作废" in page
    assert "评价程序不符" in page
    assert "2024-01-05" in page


def test_the_qr_link_opens_its_certificate_and_no_other_link_does(client: Client, certificate: Certificate) -> None:
    link = link_of(certificate)
    assert client.get(link).status_code == 200
    assert client.get(link[:-3] + "xx/").status_code == 404
    assert by_token("nonsense") is None


def test_verification_is_limited(client: Client, certificate: Certificate) -> None:
    answers = [client.get(reverse("portal:verify"), {"number": NUMBER, "name": "甲"}).status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]


def test_small_cells_are_hidden_and_never_only_one() -> None:
    assert suppressed([("企业", 40), ("协会", 3), ("工会", 7)]) == [
        {"label": "企业", "count": 40},
        {"label": "协会", "count": None},
        {"label": "工会", "count": None},
    ]
    assert suppressed([("企业", 40), ("工会", 7)]) == [{"label": "企业", "count": 40}, {"label": "工会", "count": 7}]


def test_names_are_masked() -> None:
    assert [masked_name(name) for name in ("张三", "张晓明", "欧阳修远")] == ["张*", "张*明", "欧**远"]
