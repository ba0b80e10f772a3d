"""The public side of subsidies: what is on show, what is not, objections, and the way of a claim."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tongxing.files.models import StoredFile
from tongxing.subsidies.models import Claim, ClaimState, Objection, Round
from tongxing.subsidies.tests.scene import Scene


@pytest.fixture
def scene(jiyuan: SimpleNamespace) -> Scene:
    return Scene(jiyuan)


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_notice_is_read_by_everybody_without_numbers(scene: Scene, client: Client) -> None:
    row, claims = scene.published()
    assert row.title in text_of(client.get(reverse("portal:notices")))
    page = text_of(client.get(reverse("portal:notice", args=[row.uid])))
    assert claims[0].person.name in page
    assert claims[0].person.id_number[:6] + "*" * 12 in page
    assert claims[0].person.id_number[-4:] not in page.replace(claims[0].serial, "")
    assert claims[0].person.id_number not in page
    assert claims[0].account not in page
    assert claims[0].account_masked not in page


def test_drafts_and_what_is_over_are_not_found(scene: Scene, client: Client) -> None:
    draft = scene.drafted(scene.approved())
    assert client.get(reverse("portal:notice", args=[draft.uid])).status_code == 404
    row, _ = scene.published(scene.ask())
    Round.objects.filter(pk=row.pk).update(shown_until=timezone.localdate() - timedelta(days=1))
    assert client.get(reverse("portal:notice", args=[row.uid])).status_code == 404
    assert row.title not in text_of(client.get(reverse("portal:notices")))


def test_an_attachment_is_read_only_while_its_notice_is_on_show(scene: Scene, client: Client) -> None:
    claims = scene.approved()
    row = scene.drafted(claims, attachments=[ContentFile("序号,姓名\n1,张三\n".encode(), name="名单.csv")])
    file = StoredFile.objects.get(pk=row.attachments[0])
    address = reverse("portal:notice-file", args=[row.uid, file.uid])
    assert client.get(address).status_code == 404
    Round.objects.filter(pk=row.pk).update(
        state="published", published_on=timezone.localdate(), ends_on=timezone.localdate(), shown_until=timezone.localdate()
    )
    answer: Any = client.get(address)
    assert b"".join(answer.streaming_content).decode() == "序号,姓名\n1,张三\n"
    other = StoredFile.objects.create(name="x", stored_as="x", size=1, sha256="0" * 64, content_type="text/csv", purpose="x.y")
    assert client.get(reverse("portal:notice-file", args=[row.uid, other.uid])).status_code == 404


def test_anybody_may_object_to_one_name(scene: Scene, client: Client) -> None:
    row, claims = scene.published(scene.ask(), scene.ask())
    door = reverse("portal:objection", args=[row.uid])
    answer = client.post(door, {"reference": claims[0].serial, "text": "没有参加考试", "contact": "0391-1234567"})
    raised = Objection.objects.get()
    assert f"编号 {raised.number}" in text_of(answer)
    assert [claim.state for claim in Claim.objects.order_by("serial")] == [ClaimState.OBJECTED, ClaimState.NOTICED]
    wrong = client.post(door, {"reference": "BT2020000001", "text": "x"})
    assert (wrong.status_code, "没有这个受理号" in text_of(wrong)) == (422, True)
    assert client.post(door, {"reference": claims[1].serial, "text": ""}).status_code == 422


def test_objections_are_limited_for_each_visitor(scene: Scene, client: Client) -> None:
    row, claims = scene.published()
    door = reverse("portal:objection", args=[row.uid])
    answers = [client.post(door, {"reference": claims[0].serial, "text": f"第 {place} 次"}).status_code for place in range(6)]
    assert answers[:5] == [200] * 5
    assert answers[5] == 429


def test_the_way_of_a_claim_needs_serial_and_the_last_four_signs(scene: Scene, client: Client) -> None:
    claim = scene.accepted()[0]
    door = reverse("portal:progress-look-up")
    page = text_of(client.post(door, {"serial": claim.serial.lower(), "tail": claim.person.id_number[-4:]}))
    assert "待审批" in page
    assert claim.handled_by not in page
    for serial, tail in (
        (claim.serial, "0000"),
        ("BT2020000001", claim.person.id_number[-4:]),
        (claim.serial, claim.person.id_number[-3:]),
    ):
        assert "没有找到受理号和证件号末四位都一致的申请" in text_of(client.post(door, {"serial": serial, "tail": tail}))


def test_four_signs_are_not_tried_out(scene: Scene, client: Client) -> None:
    claim = scene.opened()[0]
    door = reverse("portal:progress-look-up")
    answers = [client.post(door, {"serial": claim.serial, "tail": f"{place:04d}"}).status_code for place in range(12)]
    assert (answers[9], answers[10]) == (200, 429)
