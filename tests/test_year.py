"""A year in the office: a gap becomes a person in a class, hours, an examination, a certificate, a closed gap and a subsidy that is paid once.

Every step is taken on the page by the one whose step it is; between the steps the days pass.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts.models import Grant, User
from tongxing.audit.log import COMMAND_LINE
from tongxing.certificates.models import Certificate
from tongxing.certificates.register import void_certificate
from tongxing.evaluation.models import Application, AssessmentBatch, Candidate
from tongxing.evaluation.tests.world import a_filing, a_site, an_assessor
from tongxing.registry.models import Organisation, Person
from tongxing.registry.tests.people_factories import an_id
from tongxing.subsidies import noticing, prechecking
from tongxing.subsidies.models import Claim, Fund, PaymentList, Round
from tongxing.subsidies.tests.scene import a_card
from tongxing.targets.base_data import load
from tongxing.targets.figures import figure
from tongxing.targets.gaps import sync_gaps
from tongxing.targets.models import Gap
from tongxing.training.models import Attendance, Session, TrainingClass
from tongxing.training.tests.world import TODAY, a_course, a_provider, a_session


class Days:
    """The clock of the test: everything that asks for the time gets this one. It begins so long ago that all of it is past by now."""

    def __init__(self) -> None:
        self.moment = timezone.now() - timedelta(days=200)

    def now(self) -> datetime:
        return self.moment

    @property
    def today(self) -> date:
        return timezone.localdate(self.moment)

    def pass_until(self, day: date) -> None:
        self.moment += timedelta(days=(day - self.today).days)


@pytest.fixture
def days() -> Iterator[Days]:
    clock = Days()
    with mock.patch("django.utils.timezone.now", clock.now):
        yield clock


class Desk:
    """Somebody's browser. What a page answers to a wrong step is shown by the failing test."""

    def __init__(
        self, role: str, jiyuan: SimpleNamespace, *, organisation: Organisation | None = None, person: Person | None = None
    ) -> None:
        name = f"{role}-{organisation.pk if organisation else ''}-{User.objects.count()}"
        self.user = User.objects.create_user(name, "clay-river-9-lamp", name=name, person_id=person.pk if person else None)
        area = None if organisation else jiyuan.county
        held = {"area": area, "organisation_id": organisation.pk if organisation else None}
        Grant.objects.create(user=self.user, role=role, since=date(2020, 1, 1), granted_by="测试", **held)
        self.client = Client()

    def sees(self, name: str, /, *args: object, query: str = "") -> str:
        self.client.force_login(self.user)
        answer = self.client.get(reverse(name, args=args) + query)
        assert answer.status_code == 200, (name, answer.status_code)
        return answer.content.decode()

    def does(self, name: str, /, *args: object, query: str = "", **data: Any) -> str:
        self.client.force_login(self.user)
        answer = self.client.post(reverse(name, args=args) + query, data)
        form = answer.context.get("form") if answer.context else None
        said = dict(form.errors) if form else re.sub(r"(<[^>]+>|\s)+", " ", answer.content.decode().partition("<main")[2])[:1500]
        assert answer.status_code == 302, (name, answer.status_code, said)
        return str(answer.headers["Location"])


@pytest.fixture
def office(jiyuan: SimpleNamespace) -> SimpleNamespace:
    """The bureau, a firm without a coordinator, a school, an assessment body, a fund."""
    load(COMMAND_LINE)
    firm = Organisation.objects.create(name="济源大厂", name_key="济源大厂", kind="enterprise", size="large", area=jiyuan.kejing)
    provider, filing = a_provider(jiyuan.county, years=(TODAY.year - 1, TODAY.year)), a_filing(jiyuan.kejing, levels=(4,))
    roles = ("officer", "training", "assessment", "subsidy_handler", "subsidy_approver", "cashier")
    desks = {role: Desk(role, jiyuan) for role in roles}
    own = {
        "agent": Desk("agent", jiyuan, organisation=firm),
        "school": Desk("training_provider", jiyuan, organisation=provider.organisation),
        "body": Desk("assessment_body", jiyuan, organisation=filing.organisation),
        "scorers": [Desk("scorer", jiyuan, organisation=filing.organisation) for _ in range(2)],
    }
    fund = Fund.objects.create(area=jiyuan.county, year=TODAY.year, source="就业补助资金", budget=Decimal(10_000))
    place = a_site(filing.organisation)
    for kind, level in (("assessor", 1), ("assessor", 1), ("assessor", 1), ("moderator", 1)):
        an_assessor(filing.organisation, kind=kind, level=level)
    return SimpleNamespace(jiyuan=jiyuan, firm=firm, provider=provider, filing=filing, fund=fund, site=place, **desks, **own)


def certified(office: SimpleNamespace) -> tuple[int, int]:
    found = figure(office.jiyuan.county.code, "enterprises")
    return found.covered, found.certified


def trained(office: SimpleNamespace, days: Days) -> Person:
    """From the gap to the certificate of completion."""
    sync_gaps()
    gap = Gap.objects.standing().get(unit_name="济源大厂")
    facts = {"course": a_course().pk, "provider": office.provider.pk, "area": office.jiyuan.county.pk, "title": "第一期", "mode": "offline"}
    starts = days.today + timedelta(days=30)
    facts |= {"capacity": 30, "starts_on": starts, "ends_on": starts + timedelta(days=20), "place": "人社局三楼"}
    office.training.does("training:class-new", **facts)
    held = TrainingClass.objects.get()
    chosen = {"picked": str(gap.pk), "training_class": str(held.uid)}
    office.officer.does("targets:gaps-invite", **chosen)
    who = {"organisation": office.firm.pk, "name": "李新", "id_number": an_id(), "id_type": "resident", "funding": "subsidised"}
    office.agent.does("training:send-new", held.uid, **who)
    row = held.enrolments.get()
    office.training.does("training:admit", query=f"?class={held.uid}", ids=[row.pk])
    TrainingClass.objects.update(teaching_plan="按大纲", materials="统编教材", test_plan="闭卷百分制")
    for day in range(10):
        a_session(held, day)
    office.training.does("training:class-file", held.uid)
    office.officer.does("training:class-approve", held.uid, remark="同意")
    days.pass_until(starts)
    office.school.does("training:class-start", held.uid)
    for session in Session.objects.order_by("on"):
        days.pass_until(session.on)
        office.school.does("training:attendance-take", session.uid, **{f"mark-{row.uid}": "present"})
    assert set(Attendance.objects.values_list("state", flat=True)) == {"present"}
    office.school.does("training:scores", held.uid, **{f"score-{row.uid}": "88"})
    office.school.does("training:complete", held.uid)
    office.school.does("training:class-finish", held.uid)
    office.training.does("training:certificates-issue", held.uid)
    row.refresh_from_db()
    assert (row.state, row.hours) == ("completed", 40)
    return row.person


def evaluated(office: SimpleNamespace, days: Days, person: Person, own: Desk) -> Certificate:
    """From the announcement to the certificate."""
    today = days.today
    facts = {
        "title": "秋季评价",
        "filing": office.filing.pk,
        "level": 4,
        "site": office.site.pk,
        "capacity": 30,
        "announcement": "请带身份证。",
    }
    facts |= {"apply_from": today, "apply_until": today + timedelta(days=9), "exam_on": today + timedelta(days=20)}
    office.body.does("evaluation:batch-new", **facts)
    batch = AssessmentBatch.objects.get()
    office.body.does("evaluation:step", batch.uid, "announce")
    own.does("evaluation:own-new", batch.uid, years=6, schooling="none", school="none")
    office.body.does("evaluation:application-accept", Application.objects.get().uid, note="")
    days.pass_until(batch.apply_until + timedelta(days=1))
    office.body.does("evaluation:step", batch.uid, "close")
    office.body.does("evaluation:step", batch.uid, "fix")
    office.body.does("evaluation:room-new", batch.uid, name="101 教室", capacity=30)
    office.body.does("evaluation:seats-draw", batch.uid, seed="2026")
    days.pass_until(batch.exam_on)
    one = Candidate.objects.get()
    office.body.does("evaluation:attendance-save", batch.uid, rest="1", **{f"a{one.pk}": "expected"})
    office.body.does("evaluation:step", batch.uid, "examine")
    for turn, scorer in enumerate(office.scorers, start=1):
        for part in ("theory", "practice"):
            scorer.does("evaluation:scores", batch.uid, part, turn, **{f"s{one.pk}": "77"})
    office.body.does("evaluation:step", batch.uid, "settle")
    office.assessment.does("evaluation:step", batch.uid, "publish")
    assert one.ticket in Client().get(reverse("portal:assessment-notice", args=[batch.uid])).content.decode()
    batch.refresh_from_db()
    assert batch.notice_until
    days.pass_until(batch.notice_until + timedelta(days=1))
    office.assessment.does("evaluation:issue", batch.uid)
    return Certificate.objects.get(person=person)


def paid(office: SimpleNamespace, days: Days, paper: Certificate, own: Desk) -> Claim:
    """From the claim of the person to the money in the account."""
    typed = {"account_name": "李新", "bank": "工商银行济源支行", "account": a_card(), "category": "employee"}
    own.does("subsidies:own-open", paper.uid, **typed)
    claim = Claim.objects.get()
    picked = {"picked": str(claim.pk)}
    office.subsidy_handler.does("subsidies:accept", **picked)
    office.subsidy_approver.does("subsidies:approve", **picked, fund=office.fund.pk)
    office.subsidy_handler.does("subsidies:round-new", **picked, title="补贴公示", text="现予公示。", contact="0391-6636515")
    row = Round.objects.get()
    office.subsidy_approver.does("subsidies:round-publish", row.uid)
    row.refresh_from_db()
    assert row.ends_on
    assert claim.serial in Client().get(reverse("portal:notice", args=[row.uid])).content.decode()
    days.pass_until(row.ends_on + timedelta(days=1))
    assert noticing.clear_due() == 1
    office.cashier.does("subsidies:payment-new", **picked, fund=office.fund.pk, note="")
    payment = PaymentList.objects.get()
    office.subsidy_approver.does("subsidies:payment-approve", payment.uid)
    office.cashier.does("subsidies:payment-send", payment.uid)
    answer = SimpleUploadedFile("回单.csv", f"受理号,金额,处理结果\n{claim.serial},{claim.amount},成功\n".encode())
    office.cashier.client.post(reverse("subsidies:payment-settle", args=[payment.uid]), {"file": answer})
    claim.refresh_from_db()
    return claim


def test_a_gap_becomes_a_certificate_and_a_subsidy(office: SimpleNamespace, days: Days) -> None:
    assert certified(office) == (0, 0)
    person = trained(office, days)
    own = Desk("trainee", office.jiyuan, person=person)
    assert "第一期" in own.sees("training:own")
    post = {"on": days.today, "full_time": "1", "status": "active", "post": "人力资源部", "organisation": "济源大厂"}
    office.officer.does("certificates:coordinator-new", query=f"?person={person.uid}", **post)
    sync_gaps()
    assert not Gap.objects.standing().filter(unit_name="济源大厂").exists()
    assert certified(office) == (1, 0)
    paper = evaluated(office, days, person, own)
    assert certified(office) == (1, 1)
    claim = paid(office, days, paper, own)
    assert (claim.state, claim.hours, claim.payee_person_id) == ("paid", 40, person.pk)
    assert claim.serial in own.sees("subsidies:own")
    assert "已到账" in office.subsidy_handler.sees("subsidies:claim", claim.uid)
    with pytest.raises(AssertionError, match="404"):
        own.does("subsidies:own-open", paper.uid)
    void_certificate(paper, by=office.officer.user, reason="替考，查实")
    assert certified(office) == (1, 0)
    assert [row.final for rows in prechecking.examine([claim]).values() for row in rows] == [True]
