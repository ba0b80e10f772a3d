"""Pages of training, as people use them."""

from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tongxing.registry.models import Organisation
from tongxing.registry.tests.people_factories import a_coordinator, a_person, an_id, an_organisation
from tongxing.training import classes, inviting
from tongxing.training.models import Course, Provider, TrainingClass

from .world import COMMAND_LINE, TODAY, a_class, a_course, a_provider, a_session, an_account, complete_plan, trainees

pytestmark = pytest.mark.django_db


def client_of(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


@pytest.fixture
def officer(cast: SimpleNamespace) -> Client:
    return client_of(cast.officer)


def test_the_list_of_classes_shows_the_year_and_costs_the_same_for_one_and_three(officer: Client, jiyuan: SimpleNamespace) -> None:
    trainees(a_class(jiyuan.county), 1)
    address = reverse("training:classes")
    page = officer.get(address)
    assert "全年至少 60 人，还差 <strong>60</strong> 人" in page.content.decode()
    for _ in range(2):
        trainees(a_class(jiyuan.county), 2)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            officer.get(address)
        counts.append(len(asked))
        trainees(a_class(jiyuan.county), 1)
    assert counts[0] == counts[1]


def test_the_class_page_costs_the_same_for_one_and_many_people(officer: Client, jiyuan: SimpleNamespace) -> None:
    made = a_class(jiyuan.county)
    address = reverse("training:class", args=[made.uid])
    counts = []
    for day in range(3):
        a_session(made, day)
        trainees(made, 2)
        with CaptureQueriesContext(connection) as asked:
            assert officer.get(address).status_code == 200
        counts.append(len(asked))
    assert counts[1] == counts[2]


def test_a_class_from_the_first_form_to_the_approval(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    provider, course = a_provider(jiyuan.county), a_course()
    clerk, chief = client_of(an_account("clerk", "training", area=jiyuan.county)), client_of(cast.officer)
    facts = {"course": course.pk, "provider": provider.pk, "area": jiyuan.county.pk, "title": "第一期", "mode": "offline"}
    facts |= {"capacity": 30, "starts_on": "2099-03-01", "ends_on": "2099-03-20", "place": "人社局三楼"}
    refused = clerk.post(reverse("training:class-new"), facts)
    assert "没有培训资格" in refused.content.decode()
    facts["starts_on"], facts["ends_on"] = f"{TODAY.year + 1}-03-01", f"{TODAY.year + 1}-03-20"
    assert clerk.post(reverse("training:class-new"), facts).status_code == 302
    made = TrainingClass.objects.get()
    assert "补齐下面“报备材料”中缺的内容" in clerk.get(reverse("training:class", args=[made.uid])).content.decode()
    assert "教学资源：还没有填写" in clerk.get(reverse("training:class", args=[made.uid])).content.decode()
    complete_plan(made)
    assert clerk.post(reverse("training:class-file", args=[made.uid])).status_code == 302
    own = clerk.post(reverse("training:class-approve", args=[made.uid]))
    assert own.status_code == 403
    assert chief.post(reverse("training:class-approve", args=[made.uid]), {"remark": "同意"}).status_code == 302
    made.refresh_from_db()
    assert made.state == "approved"


def test_a_session_is_planned_on_the_page_and_its_clash_is_said(officer: Client, jiyuan: SimpleNamespace) -> None:
    made = a_class(jiyuan.county)
    held = a_session(made)
    facts = {"on": held.on.isoformat(), "begins": "08:30", "ends": "10:00", "hours": 2, "trainer": held.trainer_id}
    page = officer.post(reverse("training:session-new", args=[made.uid]), facts)
    assert "本班这个时间已有课" in page.content.decode()
    facts |= {"begins": "14:00", "ends": "15:30", "is_online": "on"}
    assert officer.post(reverse("training:session-new", args=[made.uid]), facts).status_code == 302
    assert made.sessions.count() == 2


def test_somebody_new_is_entered_by_document_and_admitted_from_the_list(officer: Client, jiyuan: SimpleNamespace) -> None:
    made, number = a_class(jiyuan.county), an_id()
    facts = {"name": "李新", "id_number": number, "id_type": "resident", "funding": "market"}
    assert officer.post(reverse("training:person-add", args=[made.uid]), facts).status_code == 302
    row = made.enrolments.get()
    assert (row.person.name, row.person.area, row.funding) == ("李新", jiyuan.county, "market")
    wrong = officer.post(reverse("training:person-add", args=[a_class(jiyuan.county).uid]), facts | {"name": "李旧"})
    assert "姓名与这个证件号在登记册中的姓名不一致" in wrong.content.decode()
    listed = officer.post(f"{reverse('training:admit')}?class={made.uid}", {"ids": [row.pk]}, follow=True)
    assert "录取 1 人" in listed.content.decode()


def test_a_person_applies_and_withdraws_on_the_own_page(jiyuan: SimpleNamespace) -> None:
    made = a_class(jiyuan.county)
    person = a_person(jiyuan.kejing)
    own = client_of(an_account("trainee", "trainee", area=jiyuan.county, person=person))
    assert made.title not in own.get(reverse("training:own")).content.decode()
    classes.announce_class(made, by=COMMAND_LINE, open_for_all=True)
    assert made.title in own.get(reverse("training:own")).content.decode()
    assert own.post(reverse("training:own-apply", args=[made.uid]), {"funding": "subsidised"}).status_code == 302
    assert made.enrolments.get().state == "applied"
    assert own.post(reverse("training:own-withdraw", args=[made.uid])).status_code == 302
    assert made.enrolments.get().state == "withdrawn"


def test_an_employer_sends_its_people(jiyuan: SimpleNamespace) -> None:
    firm = an_organisation(jiyuan.kejing)
    made = a_class(jiyuan.county)
    classes.announce_class(made, by=COMMAND_LINE, open_for_all=True)
    person = a_coordinator(jiyuan.kejing, organisation=firm).person
    agent = client_of(an_account("agent-of-firm", "agent", organisation=firm.pk))
    assert made.title in agent.get(reverse("training:send-list")).content.decode()
    facts = {"organisation": firm.pk, "people": [person.pk], "funding": "subsidised"}
    assert agent.post(reverse("training:send", args=[made.uid]), facts).status_code == 302
    assert [row.person for row in made.enrolments.all()] == [person]


def test_an_invited_employer_without_a_coordinator_sends_somebody_new(jiyuan: SimpleNamespace) -> None:
    firm, made = an_organisation(jiyuan.kejing), a_class(jiyuan.county)
    agent = client_of(an_account("agent-of-firm", "agent", organisation=firm.pk))
    address = reverse("training:send-new", args=[made.uid])
    assert agent.get(address).status_code == 404
    inviting.invite_organisations(made, [firm], by=COMMAND_LINE, why="缺口：大中型企业")
    facts = {"organisation": firm.pk, "name": "李新", "id_number": an_id(), "id_type": "resident", "funding": "subsidised"}
    assert agent.post(address, facts).status_code == 302
    row = made.enrolments.get()
    assert (row.person.name, row.person.area, row.organisation, row.state) == ("李新", jiyuan.kejing, firm, "applied")
    assert made.invitations.get().state == "answered"


def test_providers_and_courses_are_kept_on_their_pages(officer: Client, jiyuan: SimpleNamespace) -> None:
    school = Organisation.objects.create(name="济源技校", name_key="济源技校", kind="training", area=jiyuan.county)
    assert officer.post(reverse("training:provider-new"), {"organisation": "济源技校"}).status_code == 302
    provider = Provider.objects.get(organisation=school)
    address = reverse("training:eligibility", args=[provider.uid])
    assert officer.post(address, {"year": TODAY.year, "levels": ["4", "3"], "document": "一号文"}).status_code == 302
    assert provider.eligible_in(TODAY.year) == {4, 3}
    officer.post(reverse("training:trainer-new", args=[provider.uid]), {"name": "王老师"})
    officer.post(reverse("training:room-new", args=[provider.uid]), {"name": "一号", "seats": 50})
    shown = officer.get(reverse("training:provider", args=[provider.uid])).content.decode()
    assert "王老师" in shown
    assert "50 座" in shown
    topics = "劳动合同管理，20学时\n集体协商，20，实操"
    done = officer.post(reverse("training:course-new"), {"name": "四级班", "level": "4", "topics": topics})
    assert done.status_code == 302
    assert [(t.title, t.hours, t.is_practice) for t in Course.objects.get().topics.all()] == [
        ("劳动合同管理", 20, False),
        ("集体协商", 20, True),
    ]
    bad = officer.post(reverse("training:course-new"), {"name": "坏", "level": "4", "topics": "没有学时"})
    assert "第 1 行看不懂" in bad.content.decode()


def test_a_township_sees_of_a_county_class_only_its_own_people_and_organisations(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    made = a_class(jiyuan.county)
    near, far = an_organisation(jiyuan.kejing, name="近处的厂"), an_organisation(jiyuan.park, name="远处的厂")
    inviting.invite_organisations(made, [near, far], by=COMMAND_LINE)
    ours, theirs = trainees(made, 1, jiyuan.kejing)[0].person, trainees(made, 1, jiyuan.park)[0].person
    page = client_of(cast.township).get(reverse("training:class", args=[made.uid])).content.decode()
    assert [name in page for name in ("近处的厂", "远处的厂", ours.name, theirs.name)] == [True, False, True, False]
