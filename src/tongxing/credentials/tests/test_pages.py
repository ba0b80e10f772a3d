"""Pages of handing out: officer, holder, list, keys, status list."""

import json
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from tongxing.accounts.models import User
from tongxing.audit.log import COMMAND_LINE
from tongxing.certificates.models import Certificate
from tongxing.certificates.register import void_certificate
from tongxing.credentials import keys
from tongxing.credentials.models import Photo, SigningKey
from tongxing.credentials.proofs import check
from tongxing.credentials.statuses import is_set

from .scene import a_certificate, a_picture


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def one(jiyuan: SimpleNamespace) -> Certificate:
    return a_certificate(jiyuan.kejing, name="欧阳修远")


def test_an_officer_sets_a_photo_and_prints(cast: SimpleNamespace, one: Certificate) -> None:
    client = signed_in(cast.officer)
    page = client.get(reverse("credentials:of-certificate", args=[one.uid])).content.decode()
    assert "还没有照片" in page
    bad = SimpleUploadedFile("x.png", b"GIF89a" + b"\0" * 99)
    answer = client.post(reverse("credentials:photo", args=[one.uid]), {"photo": bad})
    assert "只能是 JPG 或 PNG" in answer.content.decode()
    answer = client.post(reverse("credentials:photo", args=[one.uid]), {"photo": SimpleUploadedFile("x.png", a_picture())})
    assert answer.status_code == 302
    assert Photo.objects.get().person == one.person
    assert "录入。" in client.get(reverse("credentials:of-certificate", args=[one.uid])).content.decode()
    made = client.post(reverse("credentials:extract", args=[one.uid]))
    assert (made["Content-Type"], made["Cache-Control"]) == ("application/pdf", "private, no-store")
    assert len(PdfReader(BytesIO(made.content)).pages) == 1


def test_the_holder_gets_extract_and_credential_and_sets_no_photo(cast: SimpleNamespace, one: Certificate) -> None:
    cast.coordinator.person_id = one.person_id
    cast.coordinator.save(update_fields=["person_id"])
    client = signed_in(cast.coordinator)
    page = client.get(reverse("credentials:of-certificate", args=[one.uid])).content.decode()
    assert "录入照片" not in page
    panel = client.get(reverse("certificates:of-person", args=[one.person.uid])).content.decode()
    assert reverse("credentials:of-certificate", args=[one.uid]) in panel
    made = client.post(reverse("credentials:badge", args=[one.uid]))
    assert made["Content-Type"] == "application/vc+json"
    assert check(made.json(), keys.trusted())
    assert client.post(reverse("credentials:extract", args=[one.uid]), {"reason": "本人使用"}).status_code == 200
    assert client.get(reverse("credentials:photo", args=[one.uid])).status_code == 403


def test_the_list_prints_what_is_ticked(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    made = [a_certificate(jiyuan.kejing) for _ in range(3)]
    far = a_certificate(jiyuan.other)
    client = signed_in(cast.officer)
    answer = client.post(reverse("credentials:extracts"), {"ids": [one.pk for one in [*made[:2], far]]})
    assert len(PdfReader(BytesIO(answer.content)).pages) == 2
    assert len(PdfReader(BytesIO(client.post(reverse("credentials:extracts"), {"all": "1"}).content)).pages) == 3
    assert "打印登记摘录" in client.get(reverse("certificates:certificates")).content.decode()


def test_what_ended_is_not_handed_out_and_shows_in_the_public_list(cast: SimpleNamespace, one: Certificate) -> None:
    client = signed_in(cast.officer)
    credential = client.post(reverse("credentials:badge", args=[one.uid])).json()
    status = credential["credentialStatus"]
    path = "/" + status["statusListCredential"].split("/", 3)[3]

    def revoked() -> bool:
        answer = Client().get(path)
        assert (answer["Cache-Control"], answer["Access-Control-Allow-Origin"]) == ("public, max-age=60", "*")
        return is_set(answer.json()["credentialSubject"]["encodedList"], int(status["statusListIndex"]))

    assert not revoked()
    void_certificate(one, by=COMMAND_LINE, reason="发证有误")
    assert revoked()
    page = client.get(reverse("credentials:of-certificate", args=[one.uid])).content.decode()
    assert "不再出具" in page
    assert client.post(reverse("credentials:badge", args=[one.uid])).status_code == 409
    assert json.dumps(credential, ensure_ascii=False).count("欧阳") == 0


def test_the_administrator_exchanges_and_withdraws_keys(cast: SimpleNamespace) -> None:
    client = signed_in(cast.admin)
    first = keys.current()
    assert client.post(reverse("credentials:key-rotate"), {"reason": "每年更换"}).status_code == 302
    page = client.get(reverse("credentials:keys")).content.decode()
    assert first.kid in page
    refused = client.post(reverse("credentials:key-withdraw", args=[keys.current().uid]), {"reason": "x"})
    assert "在用的密钥不能直接撤销" in refused.content.decode()
    assert client.post(reverse("credentials:key-withdraw", args=[first.uid]), {"reason": "泄露"}).status_code == 302
    assert list(SigningKey.objects.values_list("state", flat=True)) == ["current", "withdrawn"]
