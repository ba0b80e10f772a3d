"""Announcements and results of evaluation on the public pages: masked, and gone by themselves."""

from types import SimpleNamespace
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.evaluation import objecting
from tongxing.evaluation.models import Candidate, Objection
from tongxing.evaluation.tests.world import a_batch, a_filing, an_application, pass_days, published
from tongxing.registry.tests.people_factories import a_person

NAMES = ("张晓明", "欧阳修远", "李白")


def a_notice(jiyuan: SimpleNamespace, value: str = "80") -> Any:
    batch = a_batch(a_filing(jiyuan.kejing))
    for name in NAMES:
        an_application(batch, a_person(jiyuan.kejing, name=name))
    return published(batch, value)


def read(client: Client, uid: object) -> str:
    return client.get(reverse("portal:assessment-notice", args=[uid])).content.decode()


def test_an_announcement_is_public_while_one_may_apply(client: Client, jiyuan: SimpleNamespace) -> None:
    batch = a_batch(a_filing(jiyuan.kejing), title="秋季四级评价")
    url = reverse("portal:assessments")
    assert "秋季四级评价" in client.get(url).content.decode()
    pass_days(batch, 11)
    assert "秋季四级评价" not in client.get(url).content.decode()


def test_names_are_masked_and_failed_ones_are_not_shown(client: Client, jiyuan: SimpleNamespace) -> None:
    batch = a_notice(jiyuan)
    Candidate.objects.filter(person__name="李白").update(passed=False)
    page = read(client, batch.uid)
    assert ("张*明" in page, "欧**远" in page, "李*" in page) == (True, True, False)
    assert not any(name in page for name in NAMES)
    assert batch.title in client.get(reverse("portal:assessments")).content.decode()


def test_a_notice_is_taken_down_when_it_is_over(client: Client, jiyuan: SimpleNamespace) -> None:
    batch = a_notice(jiyuan)
    one = Candidate.objects.filter(batch=batch)[0]
    facts: dict[str, Any] = {"raised_on": timezone.localdate(), "raised_by": "群众", "text": "不实"}
    objection = objecting.raise_objection(one, by=COMMAND_LINE, **facts)
    pass_days(batch, 20)
    page = read(client, batch.uid)
    assert (page.count("合格</td>"), page.count("顺延"), "异议核查" in page) == (1, 1, False), (
        "only the name whose clock stands still is left"
    )
    objecting.dismiss_objection(objection, by=COMMAND_LINE, answer="属实")
    assert "张*明" in read(client, batch.uid)
    pass_days(batch, 20)
    assert client.get(reverse("portal:assessment-notice", args=[batch.uid])).status_code == 404


def test_a_notice_asks_as_much_for_three_names_as_for_one(client: Client, jiyuan: SimpleNamespace) -> None:
    batch = a_notice(jiyuan)
    with CaptureQueriesContext(connection) as three:
        read(client, batch.uid)
    Candidate.objects.filter(batch=batch).exclude(person__name="李白").update(passed=False)
    with CaptureQueriesContext(connection) as one:
        read(client, batch.uid)
    assert len(three) == len(one)


def test_anybody_may_object_to_a_result(client: Client, jiyuan: SimpleNamespace) -> None:
    batch = a_notice(jiyuan)
    one, other = Candidate.objects.filter(batch=batch).order_by("ticket")[:2]
    door = reverse("portal:assessment-objection", args=[batch.uid])
    typed = {"reference": one.ticket, "text": "没有参加考试，证件 41900119900307123X", "contact": "0391-1234567"}
    assert "已收到您的异议" in client.post(door, typed).content.decode()
    case = Objection.objects.get()
    assert (case.candidate_id, case.raised_by, case.state) == (one.pk, "匿名", "open")
    assert "19900307" not in case.text
    assert "1234567" not in case.contact_sealed
    again = client.post(door, {"reference": one.ticket, "text": "另有照片", "name": "知情人", "contact": "a@b.cn"})
    assert "已收到您的异议" in again.content.decode()
    case.refresh_from_db()
    assert (Objection.objects.count(), "又收到（知情人）：另有照片" in case.text) == (1, True)
    assert objecting.reveal_contact(case, by=COMMAND_LINE, reason="答复") == "0391-1234567；a@b.cn"
    assert Entry.objects.get(act="evaluation.reveal_contact").reason == "答复"
    wrong = client.post(door, {"reference": "260000999999", "text": "x"})
    assert (wrong.status_code, "没有这个准考证号" in wrong.content.decode()) == (422, True)
    assert not Objection.objects.filter(candidate=other).exists()
    pass_days(batch, 20)
    assert client.post(door, {"reference": other.ticket, "text": "x"}).status_code in {404, 422}
    assert Objection.objects.count() == 1
