"""Pages of evaluation: the way from plan to certificate in the browser, what each may see, query counts, files."""

import re
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.certificates.models import Certificate
from tongxing.evaluation import applying, objecting, seating
from tongxing.evaluation.archiving import CHECKLIST
from tongxing.evaluation.exporting import COLUMNS
from tongxing.evaluation.models import Application, AssessmentBatch, Assessor, Candidate, Entitlement, Site
from tongxing.registry.tests.people_factories import PDF, a_coordinator, a_person, an_id, an_organisation

from .world import a_batch, a_filing, a_site, a_user, an_application, an_assessor, examined, fixed, pass_days, published


def page(client: Client, name: str, *args: object, status: int = 200) -> str:
    answer = client.get(reverse(f"evaluation:{name}", args=args))
    assert answer.status_code == status, answer.content.decode()[:500]
    return answer.content.decode()


def send(client: Client, view: str, /, *args: object, **data: Any) -> Any:
    return client.post(reverse(f"evaluation:{view}", args=args), data)


@pytest.fixture
def officer(client: Client, cast: SimpleNamespace) -> Client:
    client.force_login(cast.officer)
    return client


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_body_gets_level_site_and_assessor(officer: Client, jiyuan: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing, levels=())
    uid = filing.organisation.uid
    assert send(officer, "entitlement-new", uid, filing=filing.pk, level=4, since="2024-01-01", until="", document="").status_code == 302
    facts = {"name": "一号考点", "address": "文昌路", "area": jiyuan.kejing.code, "capacity": 40, "since": "2024-01-01"}
    assert send(officer, "site-new", uid, **facts).status_code == 302
    person = a_person(jiyuan.kejing, name="李考评", id_number=an_id())
    who = {"name": "李考评", "id_number": person.id_number, "kind": "assessor", "level": 3, "since": "2024-01-01"}
    assert "登记册里没有" in send(officer, "assessor-new", uid, **who | {"name": "王考评"}).content.decode()
    assert send(officer, "assessor-new", uid, **who).status_code == 302
    text = page(officer, "body", uid)
    for word in ("四级/劳动关系协调员", "一号考点", "李考评", "三级/劳动关系协调员"):
        assert word in text
    assert "可开展一级评价" not in text
    send(officer, "entitlement-new", uid, filing=filing.pk, level=1, since="2024-01-01", document="豫人社〔2024〕1号")
    assert "可开展一级评价" in page(officer, "body", uid)
    today = timezone.localdate()
    for name, key in (
        ("entitlement-end", Entitlement.objects.get(level=4).pk),
        ("site-close", Site.objects.get().pk),
        ("assessor-end", Assessor.objects.get().uid),
    ):
        assert send(officer, name, key, on=today.isoformat(), reason="到期").status_code == 302
    assert page(officer, "bodies").count("一级") >= 1


def test_a_plan_outside_the_scope_comes_back_with_the_reason(officer: Client, jiyuan: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing, levels=(4,))
    today = timezone.localdate()
    facts = {
        "title": "三级评价",
        "filing": filing.pk,
        "level": 3,
        "site": a_site(filing.organisation).pk,
        "apply_from": today.isoformat(),
        "apply_until": (today + timedelta(days=9)).isoformat(),
        "exam_on": (today + timedelta(days=20)).isoformat(),
        "capacity": 30,
    }
    answer = send(officer, "batch-new", **facts)
    assert (answer.status_code, AssessmentBatch.objects.count()) == (200, 0)
    assert "不含三级/劳动关系协调员" in answer.content.decode()
    answer = send(officer, "batch-new", **facts | {"level": 4})
    found = AssessmentBatch.objects.get()
    assert answer.url == reverse("evaluation:batch", args=[found.uid])
    text = page(officer, "batch", found.uid)
    assert "发布公告" in text
    assert send(officer, "step", found.uid, "announce").status_code == 302
    found.refresh_from_db()
    assert found.state == "announced"
    assert send(officer, "step", found.uid, "nothing").status_code == 404
    change = {key: value for key, value in facts.items() if key != "filing"} | {"level": 4, "capacity": 20}
    assert "须写明原因" in send(officer, "batch-edit", found.uid, **change).content.decode()
    assert send(officer, "batch-edit", found.uid, **change, reason="减座").status_code == 302
    assert send(officer, "batch-cancel", found.uid, reason="停电").status_code == 302
    assert "停电" in page(officer, "batch", found.uid)


def test_three_ways_to_apply_in_the_browser(jiyuan: SimpleNamespace, officer: Client) -> None:
    filing = a_filing(jiyuan.kejing)
    batch, coordinator = a_batch(filing), a_coordinator(jiyuan.kejing)
    employer = coordinator.postings.get().organisation
    mine = signed_in(a_user("本人", "coordinator", organisation=employer, person=coordinator.person))
    agent = signed_in(a_user("单位", "agent", organisation=employer))
    assert batch.title in page(mine, "own")
    claimed = {"years": 6, "schooling": "none", "school": "none"}
    answer = send(mine, "own-new", batch.uid, **claimed)
    row = Application.objects.get()
    assert (answer.url, row.applied_by, row.years) == (reverse("evaluation:application", args=[row.uid]), "self", 6)
    assert "累计从事本职业或相关职业满 4 年" in page(mine, "application", row.uid)
    assert send(mine, "application-correct", row.uid, **claimed | {"years": 2}).status_code == 302
    assert "从业年限还差 2 年" in page(agent, "application", row.uid)
    upload = SimpleUploadedFile("证明.pdf", PDF, content_type="application/pdf")
    assert send(mine, "evidence-new", row.uid, kind="work", upload=upload).status_code == 302
    evidence = row.evidence.get()
    assert b"".join(mine.get(reverse("evaluation:evidence", args=[evidence.pk])).streaming_content) == PDF
    assert agent.get(reverse("evaluation:evidence", args=[evidence.pk])).status_code == 403
    assert send(mine, "application-withdraw", row.uid).status_code == 302
    send(agent, "own-new", batch.uid, **claimed, person=coordinator.person.pk)
    row.refresh_from_db()
    assert (row.applied_by, row.organisation, row.state) == ("agent", employer, "submitted")
    other = a_person(jiyuan.kejing, name="赵六", id_number=an_id())
    answer = send(officer, "application-new", batch.uid, **claimed, name="赵六", id_number=other.id_number)
    assert Application.objects.get(person=other).applied_by == "officer"
    stranger = signed_in(a_user("别家", "agent", organisation=an_organisation(jiyuan.kejing)))
    assert "选择一个有效的选项" in send(stranger, "own-new", batch.uid, **claimed, person=other.pk).content.decode()
    assert "等级评价" in officer.get(reverse("registry:person", args=[other.uid])).content.decode()
    assert batch.title in page(officer, "of-person", other.uid)


def test_checking_says_what_the_rule_says(officer: Client, jiyuan: SimpleNamespace) -> None:
    batch = a_batch(a_filing(jiyuan.kejing))
    short = an_application(batch, accepted=False, years=1)
    assert "从业年限还差 3 年" in page(officer, "application", short.uid)
    answer = send(officer, "application-accept", short.uid, note="")
    assert (answer.status_code, "按申报条件不符合" in answer.content.decode()) == (422, True)
    assert send(officer, "application-return", short.uid, note="").status_code == 422
    assert send(officer, "application-return", short.uid, note="缺证明").status_code == 302
    fine = an_application(batch, accepted=False)
    assert send(officer, "application-accept", fine.uid, note="").status_code == 302
    assert send(officer, "application-reject", fine.uid, note="晚了").status_code == 422
    text = page(officer, "batch-applications", batch.uid)
    assert ("退回补正" in text, "审核通过" in text) == (True, True)


def test_what_was_changed_meanwhile_stops_the_check(officer: Client, jiyuan: SimpleNamespace) -> None:
    row = an_application(a_batch(a_filing(jiyuan.kejing)), accepted=False)
    seen = officer.get(reverse("evaluation:application", args=[row.uid])).context["seen"]
    applying.correct(row, by=COMMAND_LINE, years=30)
    answer = send(officer, "application-accept", row.uid, note="", seen=seen)
    assert (answer.status_code, "改过，所以没有保存" in answer.content.decode()) == (422, True)


def test_rooms_seats_and_tickets(officer: Client, jiyuan: SimpleNamespace) -> None:
    batch = a_batch(a_filing(jiyuan.kejing))
    people = [an_application(batch, a_person(jiyuan.kejing, name=name, id_number=an_id())) for name in ("钱一", "孙二", "李三")]
    fixed(batch)
    assert send(officer, "room-new", batch.uid, name="101 教室", capacity=2).status_code == 302
    send(officer, "seats-draw", batch.uid, seed="88")
    assert "考场座位只有 2 个" in page(officer, "seats", batch.uid)
    send(officer, "room-new", batch.uid, name="102 教室", capacity=2)
    send(officer, "seats-draw", batch.uid, seed="88")
    text = page(officer, "seats", batch.uid)
    assert all(word in text for word in ("102 教室", "钱一", "孙二", "李三", "88"))
    answer = send(officer, "tickets", batch.uid)
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert people[0].person.id_number.encode() not in answer.content
    one = Candidate.objects.first()
    assert one is not None
    give = {"candidate": one.pk, "room": batch.rooms.last().pk, "seat": 2, "reason": "行动不便"}
    assert send(officer, "seat-give", batch.uid, **give).status_code == 302
    one.refresh_from_db()
    assert (one.room.name, one.seat) == ("102 教室", 2)


def test_attendance_for_the_rest_at_once(officer: Client, jiyuan: SimpleNamespace) -> None:
    batch = a_batch(a_filing(jiyuan.kejing))
    for _ in range(3):
        an_application(batch)
    fixed(batch)
    first, *others = Candidate.objects.all()
    marks = {f"a{one.pk}": "expected" for one in others} | {f"a{first.pk}": "violation", f"n{first.pk}": ""}
    answer = send(officer, "attendance-save", batch.uid, **marks, rest="1")
    assert (answer.status_code, "登记违纪须写明情况" in answer.content.decode()) == (422, True)
    send(officer, "attendance-save", batch.uid, **marks | {f"n{first.pk}": "夹带"}, rest="1")
    assert sorted(Candidate.objects.values_list("attendance", flat=True)) == ["present", "present", "violation"]
    assert "夹带" in page(officer, "attendance", batch.uid)


def test_double_entry_shows_nobody_the_other_one(jiyuan: SimpleNamespace, officer: Client) -> None:
    filing = a_filing(jiyuan.kejing)
    batch = a_batch(filing)
    an_application(batch), an_application(batch)
    examined(batch)
    one, two = Candidate.objects.all()
    clients = [signed_in(a_user(name, "scorer", organisation=filing.organisation)) for name in ("录一", "录二")]
    bad = send(clients[0], "scores", batch.uid, "theory", 1, **{f"s{one.pk}": "101", f"s{two.pk}": "八十"})
    assert (bad.status_code, "还有 2 处需要改" in bad.content.decode()) == (422, True)
    assert 'value="101"' in bad.content.decode(), "what was typed stays"
    for part in ("theory", "practice"):
        assert send(clients[0], "scores", batch.uid, part, 1, **{f"s{one.pk}": "77", f"s{two.pk}": "66.5"}).status_code == 302
        assert 'value="77' not in (second := page(clients[1], "scores", batch.uid, part, 2))
        assert not re.search(r">[^<]*(?<!\d)77(\.0+)?(?!\d)", second), "neither in a field nor in a text"
        assert "另一遍是您录的" in page(clients[0], "scores", batch.uid, part, 2)
    send(clients[1], "scores", batch.uid, "theory", 2, **{f"s{one.pk}": "71", f"s{two.pk}": "66.5"})
    send(clients[1], "scores", batch.uid, "practice", 2, **{f"s{one.pk}": "77", f"s{two.pk}": "66.5"})
    assert "77.0（录一" not in page(clients[1], "differences", batch.uid)
    for name in ("batch-applications", "seats", "attendance", "results"):
        page(clients[1], name, batch.uid, status=403)
    assert "77.0（录一" in page(officer, "differences", batch.uid)
    assert "1 个分数两遍不一致" in page(officer, "batch", batch.uid)
    assert send(officer, "resolve", one.uid, "theory", value="77", reason="对照评分表").status_code == 302
    send(officer, "step", batch.uid, "settle")
    send(officer, "step", batch.uid, "publish")
    batch.refresh_from_db()
    assert batch.state == "published"
    assert page(officer, "results", batch.uid).count("合格") >= 2


def test_objection_issue_archive_and_export(officer: Client, jiyuan: SimpleNamespace) -> None:
    batch = a_batch(a_filing(jiyuan.kejing))
    people = [a_person(jiyuan.kejing, id_number=an_id()) for _ in range(2)]
    for person in people:
        an_application(batch, person)
    published(batch)
    one, two = Candidate.objects.all()
    today = timezone.localdate().isoformat()
    assert send(officer, "objection-new", one.uid, raised_on=today, raised_by="群众", text="年限不实").status_code == 302
    objection = one.objections.get()
    assert "异议核查中" in page(officer, "results", batch.uid)
    pass_days(batch, 20)
    send(officer, "issue", batch.uid)
    assert list(Certificate.objects.values_list("person_id", flat=True)) == [two.person_id]
    assert send(officer, "objection-dismiss", objection.uid, answer="属实").status_code == 302
    Candidate.objects.filter(pk=one.pk).update(notice_until=timezone.localdate() - timedelta(days=1))
    send(officer, "issue", batch.uid)
    assert Certificate.objects.count() == 2
    assert "须写明" not in page(officer, "national", batch.uid)
    book = load_workbook(BytesIO(send(officer, "national", batch.uid, reason="报全国系统").content)).active
    rows = list(book.values)
    assert rows[0] == COLUMNS
    assert [row[3] for row in rows[1:]] == [two.person.id_number, one.person.id_number]
    assert {row[5] for row in rows[1:]} == {"--"}
    assert Entry.objects.get(act="evaluation.export_national").reason == "报全国系统"
    send(officer, "archive-note", batch.uid, **{f"p-{key}": "on" for key in CHECKLIST})
    send(officer, "archive-close", batch.uid, place="档案室")
    batch.refresh_from_db()
    assert batch.state == "archived"
    assert "档案室" in page(officer, "archive", batch.uid)


def test_an_upheld_objection_and_a_cancelled_result(officer: Client, jiyuan: SimpleNamespace) -> None:
    batch = a_batch(a_filing(jiyuan.kejing))
    an_application(batch), an_application(batch)
    published(batch)
    one, two = Candidate.objects.all()
    facts: dict[str, Any] = {"raised_on": timezone.localdate(), "raised_by": "本人", "text": "算错"}
    objection = objecting.raise_objection(one, by=COMMAND_LINE, **facts)
    assert send(officer, "objection-uphold", objection.uid, part="theory", value="59", answer="复核").status_code == 302
    assert send(officer, "result-cancel", two.uid, reason="替考").status_code == 302
    assert list(Candidate.objects.values_list("passed", flat=True)) == [False, False]


def test_duties_in_the_browser(officer: Client, jiyuan: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing)
    batch, person = a_batch(filing), a_person(jiyuan.kejing, name="周考评")
    assessor = an_assessor(filing.organisation, person)
    assert send(officer, "duty-new", batch.uid, assessor=assessor.pk, kind="assessor").status_code == 302
    assert "周考评" in page(officer, "duties", batch.uid)
    assert send(officer, "duty-remove", batch.duties.get().pk).status_code == 302
    assert batch.duties.count() == 0


@pytest.mark.parametrize("name", ["batch-applications", "seats", "attendance", "differences", "results", "duties", "batch"])
def test_pages_of_a_batch_ask_as_much_for_three_as_for_one(officer: Client, jiyuan: SimpleNamespace, name: str) -> None:
    counts = []
    for people in (1, 3):
        batch = a_batch(a_filing(jiyuan.kejing))
        for _ in range(people):
            an_application(batch)
        fixed(batch)
        seating.add_room(batch, by=COMMAND_LINE, name="101", capacity=9)
        seating.draw_seats(batch, by=COMMAND_LINE)
        page(officer, name, batch.uid)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page(officer, name, batch.uid)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_lists_ask_as_much_for_three_as_for_one(officer: Client, jiyuan: SimpleNamespace) -> None:
    counts = []
    for bodies in (1, 2):
        for _ in range(bodies):
            a_batch(a_filing(jiyuan.kejing))
        page(officer, "batches"), page(officer, "bodies")
        with CaptureQueriesContext(connection) as asked:
            page(officer, "batches"), page(officer, "bodies")
        counts.append(len(asked))
    assert counts[0] == counts[1]
    answer = officer.get(reverse("evaluation:batches"), {"q": AssessmentBatch.objects.first().code})
    assert "四级评价" in answer.content.decode()
