"""Pages of supervision: from the plan to the close in the browser, the telephone's side, query counts."""

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tongxing.core.offline import HEADER
from tongxing.evaluation.tests.world import a_batch, a_filing
from tongxing.files.tests.test_images import a_jpeg
from tongxing.registry.tests.people_factories import PDF
from tongxing.supervision.models import Anomaly, Draw, Finding, Photo, Plan, Sanction, Visit

from .world import BEACON, a_finding, a_scene, agent_of, announced, begun, facts_of, filled, signed, today


def page(client: Client, name: str, *args: object, status: int = 200) -> str:
    answer = client.get(reverse(f"supervision:{name}", args=args))
    assert answer.status_code == status, answer.content.decode()[:500]
    return answer.content.decode()


def send(client: Client, view: str, /, *args: object, **data: Any) -> Any:
    return client.post(reverse(f"supervision:{view}", args=args), data)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def officer(client: Client, cast: SimpleNamespace) -> Client:
    client.force_login(cast.officer)
    return client


def test_a_plan_is_made_announced_and_drawn(officer: Client, jiyuan: SimpleNamespace) -> None:
    a_scene(jiyuan.county)
    facts = {name: value for name, value in facts_of().items() if value is not None}
    assert send(officer, "plan-new", area=jiyuan.county.pk, per_visit=2, **facts).status_code == 302
    plan = Plan.objects.get()
    assert "填一个" in send(officer, "plan-edit", plan.uid, area=jiyuan.county.pk, per_visit=2, share=5, **facts).content.decode()
    send(officer, "plan-announce", plan.uid)
    assert Draw.objects.get().seed_digest in page(officer, "plan", plan.uid)
    Plan.objects.update(beacon_on=today())  # the figure is out
    assert send(officer, "plan-draw", plan.uid, beacon=BEACON).status_code == 302
    assert "不能抽取" in send(officer, "plan-draw", plan.uid, beacon=BEACON).content.decode()
    text = page(officer, "plan", plan.uid)
    assert ("复算一致" in text, Visit.objects.get().place in text, Draw.objects.get().secret in text) == (True, True, False)
    assert "提前告知" in officer.post(reverse("supervision:plan-publish", args=[plan.uid]), follow=True).content.decode()


def test_the_device_keeps_a_checklist_only_while_it_is_filled(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    scene = a_scene(jiyuan.county, bodies=1)
    visit = begun(scene.bodies[0], scene.inspectors[:2])
    url = reverse("supervision:visit", args=[visit.uid])
    inspector = signed_in(scene.inspectors[0].user)
    assert inspector.get(url).headers[HEADER] == str(scene.inspectors[0].user.pk)
    assert HEADER not in signed_in(cast.officer).get(url).headers
    signed(filled(visit))
    answer = inspector.get(url)
    assert (HEADER in answer.headers, "data-offline-copy" in answer.content.decode()) == (False, False)


def test_a_telephone_sends_what_it_kept(jiyuan: SimpleNamespace) -> None:
    scene = a_scene(jiyuan.county, bodies=1)
    visit = begun(scene.bodies[0], scene.inspectors[:2])
    client, key = signed_in(scene.inspectors[0].user), visit.items.all()[0].key
    url = reverse("supervision:visit-sync", args=[visit.uid])
    ahead = (timezone.now() + timedelta(days=2)).isoformat()
    fills = [{"item": key, "verdict": "unfit", "note": "缺两份", "at": ahead}, {"item": "x", "verdict": "fit", "note": "", "at": ahead}]
    answer = client.post(url, json.dumps({"fills": fills}), content_type="application/json").json()
    assert [(row["item"], row["saved"], row["verdict"]) for row in answer["results"]] == [(key, True, "unfit"), ("x", False, "")]
    assert visit.items.get(key=key).filled_at <= timezone.now(), "a clock that runs ahead does not win"
    assert client.post(url, "{", content_type="application/json").status_code == 400
    number = str(uuid4())
    for _ in range(2):
        data = {"photo": SimpleUploadedFile("a.jpg", a_jpeg()), "client": number, "item": key}
        said = client.post(reverse("supervision:photo-new", args=[visit.uid]), data, headers={"X-Requested-With": "fetch"}).json()
        assert said["saved"]
    photo = Photo.objects.get()
    picture = client.get(reverse("supervision:photo", args=[photo.pk]))
    assert (picture.headers["Content-Type"], b"GPS" in b"".join(picture.streaming_content)) == ("image/jpeg", False)
    text = page(client, "visit", visit.uid)
    assert ("缺两份" in text, f"/supervision/photos/{photo.pk}/" in text, "visit.js" in text) == (True, True, True)
    assert visit.place in page(client, "mine")


def test_a_visit_goes_on_without_a_script(jiyuan: SimpleNamespace) -> None:
    scene = a_scene(jiyuan.county, bodies=1)
    visit = begun(scene.bodies[0], scene.inspectors[:2])
    first, second = (signed_in(one.user) for one in scene.inspectors[:2])
    values = {f"verdict-{item.key}": "fit" for item in visit.items.all()}
    assert send(first, "visit-fill", visit.uid, **values).status_code == 302
    for client in (first, second):
        assert send(client, "visit-sign", visit.uid, summary="好").status_code == 302
    facts = {"name": "赵主任", "post": "主任", "words": "属实"}
    assert send(first, "visit-countersign", visit.uid, **facts).status_code == 302
    assert "赵主任" in page(first, "visit", visit.uid)


def test_the_body_answers_and_states_in_its_own_pages(officer: Client, jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    finding = a_finding(jiyuan.county)
    agent, leader = signed_in(agent_of(finding.organisation)), signed_in(cast.leader)
    assert finding.code in page(agent, "findings")
    upload = SimpleUploadedFile("整改.pdf", PDF)
    assert send(agent, "finding-answer", finding.uid, text="已改", evidence=upload).status_code == 302
    assert "整改.pdf" in page(officer, "finding", finding.uid)
    assert send(officer, "finding-recheck", finding.uid, passed="0", text="还差两份").status_code == 302
    data = {"kind": "suspension", "findings": [finding.pk], "facts": "两次整改不到位", "days": 30, "level": ""}
    assert send(officer, "finding-propose", finding.uid, **data).status_code == 302
    row = Sanction.objects.get()
    assert page(agent, "sanction", row.uid, status=404)
    send(officer, "sanction-step", row.uid, "notify")
    assert "提交陈述申辩" in page(agent, "sanction", row.uid)
    assert send(agent, "sanction-step", row.uid, "state", text="设备已订购").status_code == 302
    assert send(officer, "sanction-step", row.uid, "decide", document="1号").status_code == 403
    assert send(leader, "sanction-step", row.uid, "decide", document="试人社督决〔2026〕1号").status_code == 302
    text = page(leader, "sanction", row.uid)
    assert ("试人社督决" in text, "未核实" in text, "解除" in text) == (True, True, True)
    card = page(officer, "of-body", finding.organisation.uid)
    assert row.code in card
    body = signed_in(cast.officer).get(reverse("evaluation:body", args=[finding.organisation.uid])).content.decode()
    assert ("督导记录" in body, "暂停全部等级评价" in body) == (True, True)


def an_anomaly(jiyuan: SimpleNamespace, number: int = 1, **facts: Any) -> Anomaly:
    values = {
        "rule": "last_digit",
        "reference": str(number),
        "text": f"尾数{number}",
        "advice": "看评分表",
        "figures": {"个位": 5, "受理号": ["a", "b"]},
    }
    return Anomaly.objects.create(area=jiyuan.county, **{**values, **facts})


def test_an_anomaly_says_its_figures_and_becomes_a_visit(officer: Client, jiyuan: SimpleNamespace) -> None:
    scene = a_scene(jiyuan.county, bodies=1)
    row = an_anomaly(jiyuan, organisation=scene.bodies[0])
    text = page(officer, "anomaly", row.uid)
    assert ("看评分表" in text, "a、b" in text, "万分之几" in text) == (True, True, True)
    people = [one.pk for one in scene.inspectors[:2]]
    data = {"inspectors": people, "due_from": today(), "due_until": today(), "reason": "核实"}
    assert send(officer, "anomaly-visit", row.uid, **data).status_code == 302
    assert Visit.objects.get().added_reason.startswith("异常线索")
    other = an_anomaly(jiyuan, 2)
    assert "没有指向一家机构" in page(officer, "anomaly-visit", other.uid, status=409)
    assert send(officer, "anomaly-dismiss", other.uid, reason="已核对").status_code == 302


def test_an_anomaly_leads_to_what_it_is_about(officer: Client, jiyuan: SimpleNamespace) -> None:
    batch = a_batch(a_filing(jiyuan.county))
    row = an_anomaly(jiyuan, reference=f"{batch.pk}:theory", organisation=batch.filing.organisation)
    text = page(officer, "anomaly", row.uid)
    assert reverse("evaluation:batch", args=[batch.uid]) in text
    assert reverse("supervision:of-body", args=[batch.filing.organisation.uid]) in text


@pytest.mark.parametrize("name", ["plans", "inspectors", "visits", "findings", "sanctions", "anomalies", "mine"])
def test_a_list_asks_as_much_for_three_rows_as_for_one(officer: Client, jiyuan: SimpleNamespace, cast: SimpleNamespace, name: str) -> None:
    def more() -> None:
        finding = a_finding(jiyuan.county)
        assert finding.visit
        sanction = Sanction.objects.create(
            organisation=finding.organisation, area=jiyuan.county, kind="warning", facts="事实", source="依据"
        )
        sanction.findings.add(finding)
        an_anomaly(jiyuan, finding.pk, organisation=finding.organisation)
        announced(jiyuan.county)

    more()
    finding = Finding.objects.get()
    assert finding.visit
    client = officer if name != "mine" else signed_in(finding.visit.inspectors.select_related("inspector__user")[0].inspector.user)
    page(client, name)
    with CaptureQueriesContext(connection) as one:
        page(client, name)
    more()
    more()
    if name == "mine":
        rows = Visit.objects.exclude(pk=finding.visit_id)
        for row in rows:
            row.inspectors.filter(pk=row.inspectors.all()[0].pk).update(inspector=finding.visit.inspectors.all()[0].inspector_id)
    with CaptureQueriesContext(connection) as three:
        page(client, name)
    assert len(one) == len(three)


def test_a_checklist_asks_as_much_for_many_photos_as_for_none(jiyuan: SimpleNamespace) -> None:
    scene = a_scene(jiyuan.county, bodies=1)
    visit = begun(scene.bodies[0], scene.inspectors[:2])
    client = signed_in(scene.inspectors[0].user)
    page(client, "visit", visit.uid)
    with CaptureQueriesContext(connection) as none:
        page(client, "visit", visit.uid)
    for item in visit.items.all()[:5]:
        Photo.objects.create(visit=visit, item=item, file_id=1, added_by="某")
    with CaptureQueriesContext(connection) as five:
        page(client, "visit", visit.uid)
    assert len(none) == len(five)


def test_the_body_signs_with_its_own_account(jiyuan: SimpleNamespace) -> None:
    scene = a_scene(jiyuan.county, bodies=1)
    agent = agent_of(scene.bodies[0])
    visit = begun(scene.bodies[0], scene.inspectors[:2])
    page(signed_in(agent), "visit", visit.uid, status=404)
    send(signed_in(scene.inspectors[0].user), "visit-fill", visit.uid, **{f"verdict-{item.key}": "fit" for item in visit.items.all()})
    signed(visit)
    assert "被检查方签字" in page(signed_in(agent), "visit", visit.uid)
