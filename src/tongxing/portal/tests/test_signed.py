"""The page of a scanned code, the published keys, the page about look-alike sites."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from tongxing.audit.log import COMMAND_LINE
from tongxing.certificates.models import Certificate
from tongxing.certificates.official import sites
from tongxing.certificates.register import void_certificate
from tongxing.credentials import keys, payload
from tongxing.credentials.models import SigningKey
from tongxing.credentials.tests.scene import a_certificate
from tongxing.policy.amending import add_version


@pytest.fixture
def one(jiyuan: SimpleNamespace) -> Certificate:
    return a_certificate(jiyuan.kejing, name="欧阳修远")


def code(one: Certificate) -> str:
    return payload.signed(payload.claims_of(one, on=date(2026, 11, 23)), keys.signer())


def page(client: Client, text: str, status: int = 200) -> str:
    answer = client.get(payload.PLACE + text)
    assert answer.status_code == status
    assert "no-store" in answer["Cache-Control"]
    return answer.content.decode()


def test_the_printed_place_is_the_pages_address() -> None:
    assert reverse("portal:signed", args=["a.b.c"]) == f"{payload.PLACE}a.b.c"


def test_a_scanned_code_shows_the_present_state_with_the_name_masked(client: Client, one: Certificate) -> None:
    shown = page(client, code(one))
    assert "欧**远" in shown
    assert "欧阳修远" not in shown
    assert "有效，密钥" in shown
    assert "status" not in client.cookies


def test_a_voided_and_a_replaced_one_say_class_and_day(client: Client, one: Certificate, jiyuan: SimpleNamespace) -> None:
    text = code(one)
    void_certificate(one, by=COMMAND_LINE, reason="王五举报", ground="mistake", on=date(2025, 2, 3))
    shown = page(client, text)
    assert "登记或发证有误" in shown
    assert "2025-02-03" in shown
    assert "王五" not in shown
    new = a_certificate(jiyuan.kejing)
    Certificate.objects.filter(pk=one.pk).update(status="replaced", replaced_by=new, status_ground="")
    shown = page(client, text)
    assert "换发新证" in shown
    assert f"…{new.number[-6:]}" in shown
    assert new.number not in shown


def test_what_was_corrected_since_is_pointed_out(client: Client, one: Certificate) -> None:
    text = code(one)
    Certificate.objects.filter(pk=one.pk).update(level=4, body_name="乙机构")
    shown = page(client, text)
    assert "与纸上不同的是：等级、评价机构" in shown
    Certificate.objects.filter(pk=one.pk).update(number="S000041000001233999999")
    assert "登记册里已经没有编号" in page(client, text)


def test_a_false_code_and_one_of_a_withdrawn_key_are_not_believed(client: Client, one: Certificate) -> None:
    text = code(one)
    assert "不能采信" in page(client, text[:-2] + ("AA" if not text.endswith("AA") else "BB"), 404)
    assert "这不是本系统的" in page(client, "x", 404)
    key = keys.current()
    keys.rotate(by=COMMAND_LINE, reason="更换")
    assert "有效，密钥" in page(client, text)
    keys.withdraw(key, by=COMMAND_LINE, reason="泄露")
    assert "不在公布的公钥里" in page(client, text, 404)


def test_keys_are_published_for_people_and_programs(client: Client, db: None) -> None:
    first = keys.signer()
    keys.rotate(by=COMMAND_LINE, reason="每年更换")
    found = client.get("/.well-known/jwks.json")
    assert keys.read_key_set(found.json()) == keys.trusted()
    assert found["Access-Control-Allow-Origin"] == "*"
    document = client.get("/.well-known/did.json").json()
    assert document["id"] == "did:web:testserver"
    assert len(document["verificationMethod"]) == 2
    shown = client.get(reverse("portal:keys")).content.decode()
    assert first.kid in shown
    assert "每年更换" in shown
    private = SigningKey.objects.first()
    assert private is not None
    assert private.private_sealed not in shown


def test_in_production_the_address_must_be_set(client: Client, db: None, settings: object) -> None:
    settings.PRODUCTION = True
    assert client.get("/.well-known/did.json").status_code == 409
    settings.PUBLIC_URL = "https://hr.example.gov.cn"
    assert client.get("/.well-known/did.json").json()["id"] == "did:web:hr.example.gov.cn"


def test_the_offline_page_carries_the_keys(client: Client, db: None) -> None:
    kid = keys.signer().kid
    shown = client.get(reverse("portal:offline")).content.decode()
    assert f'"kid": "{kid}"' in shown


def test_the_official_sites_are_policy_with_a_source(client: Client, db: None) -> None:
    shown = client.get(reverse("portal:official")).content.decode()
    assert "http://zscx.osta.org.cn" in shown
    assert "本机关尚未确认原件" in shown
    value = "https://zscx.osta.org.cn"
    add_version("certificates.official_sites", value, valid_from=date(2026, 1, 1), source="人社部公告", by=COMMAND_LINE)
    from django.core.cache import caches

    caches["process"].clear()
    assert (sites().certificates, sites().confirmed) == ([value], True)
    caches["process"].clear()
