"""Pages of people and coordinators: the way through them, scope, query counts, and no number in clear anywhere but in a reveal."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tongxing.accounts.models import Grant
from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.notices.models import Notice
from tongxing.registry import assignments, conduct, enrolment, people
from tongxing.registry.models import NotDuplicate, Person, RecordConfirmation
from tongxing.registry.tests.people_factories import PHONE, a_coordinator, a_person, an_id, an_organisation

NUMBER = an_id(date(1985, 5, 5), serial=77)


@pytest.fixture
def officer(client: Client, cast: SimpleNamespace) -> Client:
    client.force_login(cast.officer)
    return client


@pytest.fixture
def known(jiyuan: SimpleNamespace) -> Person:
    """A coordinator with everything that a page could leak or count."""
    person = a_person(jiyuan.kejing, name="李四光", id_number=NUMBER, phone=PHONE)
    coordinator = a_coordinator(jiyuan.kejing, person=person)
    enrolment.give_duty_area(coordinator, jiyuan.park, by=COMMAND_LINE, since=date(2024, 2, 1))
    assignments.assign(coordinator, an_organisation(jiyuan.kejing, size="small"), by=COMMAND_LINE, since=date(2024, 2, 1))
    facts: dict[str, Any] = {"kind": "violation", "happened_on": date(2024, 1, 1), "source": "法院", "summary": "试"}
    conduct.add_conduct(person, by=COMMAND_LINE, **facts)
    person.refresh_from_db()
    return person


def text(response: Any) -> str:
    body: str = (b"".join(response.streaming_content) if response.streaming else response.content).decode()
    return body


def test_registering_a_person_leads_to_the_page(officer: Client, jiyuan: SimpleNamespace) -> None:
    facts = {"name": "王五", "id_type": "resident", "id_number": NUMBER, "phone": PHONE, "sex": "0", "area": jiyuan.kejing.code}
    answer = officer.post(reverse("registry:person-new"), facts)
    person = Person.objects.get()
    assert (answer.status_code, answer.url) == (302, reverse("registry:person", args=[person.uid]))
    assert (person.name, person.born_on, person.sex, person.area) == ("王五", date(1985, 5, 5), 1, jiyuan.kejing)
    again = officer.post(reverse("registry:person-new"), facts)
    assert (again.status_code, Person.objects.count()) == (200, 1)
    assert "一人只登记一次" in text(again)


def test_a_wrong_number_stands_at_its_field(officer: Client, jiyuan: SimpleNamespace) -> None:
    facts = {"name": "王五", "id_type": "resident", "id_number": NUMBER[:-1] + "0", "sex": "0", "area": jiyuan.kejing.code}
    form = officer.post(reverse("registry:person-new"), facts).context["form"]
    assert list(form.errors) == ["id_number"]


def test_areas_outside_the_keepers_scope_are_not_offered(client: Client, cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    client.force_login(cast.township)
    facts = {"name": "王五", "id_type": "resident", "id_number": NUMBER, "sex": "0", "area": jiyuan.qinyuan.code}
    assert list(client.post(reverse("registry:person-new"), facts).context["form"].errors) == ["area"]


def test_editing_keeps_what_was_left_empty_and_detects_conflicts(officer: Client, known: Person) -> None:
    url = reverse("registry:person-edit", args=[known.uid])
    facts = {"name": "李四光", "id_type": "resident", "id_number": "", "phone": "", "sex": "1", "education": "20"}
    facts |= {"area": str(known.area_id + 1), "version": str(known.version)}
    assert officer.post(url, facts).status_code == 302
    known.refresh_from_db()
    assert (known.education, known.id_number, known.phone) == ("20", NUMBER, PHONE)
    conflict = officer.post(url, facts | {"education": "10"})
    assert (conflict.status_code, "别人修改过这条记录" in text(conflict)) == (200, True)


def test_a_merged_record_leads_to_the_kept_one(officer: Client, jiyuan: SimpleNamespace) -> None:
    keep, drop = a_person(jiyuan.kejing), a_person(jiyuan.kejing)
    Person.objects.filter(pk=drop.pk).update(merged_into=keep)
    assert officer.get(reverse("registry:person", args=[drop.uid])).url == reverse("registry:person", args=[keep.uid])


def test_doubles_are_warned_of_while_typing(officer: Client, known: Person, jiyuan: SimpleNamespace) -> None:
    a_person(jiyuan.other, name="外地人", id_number=an_id(serial=5))
    url = reverse("registry:person-similar")
    page = text(officer.post(url, {"name": "某", "id_type": "resident", "id_number": NUMBER, "phone": PHONE}))
    assert ("李四光" in page, "证件号相同、手机号相同" in page) == (True, True)
    elsewhere = text(officer.post(url, {"id_type": "resident", "id_number": an_id(serial=5)}))
    assert ("外地人" in elsewhere, "不在您的管辖范围" in elsewhere) == (False, True)
    assert text(officer.post(url, {"name": "李", "id_number": "41", "id_type": "x"})).strip() == ""


PAGES = ["registry:people", "registry:duplicates", "certificates:coordinators", "certificates:certificates"]
OF_PERSON = ["person", "person-edit", "person-confirm", "conduct-new"]
OF_COORDINATOR = ["coordinator-edit", "coordinator-transfer", "coordinator-rejoin", "posting-new", "duty-new", "assign"]


def test_no_page_but_a_reveal_shows_a_number_in_clear(officer: Client, known: Person, jiyuan: SimpleNamespace) -> None:
    other = a_person(jiyuan.kejing, name="李四光二", phone=PHONE)
    people.update_person(known, by=COMMAND_LINE, version=known.version, name="李四广")
    coordinator = known.coordinator.uid
    addresses = [reverse(name) for name in PAGES]
    addresses += [reverse(f"registry:{name}", args=[known.uid]) for name in OF_PERSON]
    addresses += [reverse(f"registry:{name}", args=[coordinator]) for name in OF_COORDINATOR]
    addresses += [f"{reverse('certificates:merge')}?keep={known.uid}&drop={other.uid}", reverse("certificates:of-person", args=[known.uid])]
    addresses += [f"{reverse('registry:people')}?columns=name,id_number,phone&q=李四广", reverse("registry:person-similar")]
    for address in addresses:
        typed = {"name": "李四广", "born_on": "1985-05-05", "id_type": "resident"}
        answer = officer.post(address, typed) if address.endswith("similar/") else officer.get(address)
        assert answer.status_code == 200, address
        assert [plain for plain in (NUMBER, PHONE) if plain in text(answer)] == [], address
    assert [plain for plain in (NUMBER, PHONE) if plain in str(list(Entry.objects.values_list("before", "after")))] == []


def test_a_reveal_asks_a_reason_and_is_not_kept(officer: Client, known: Person) -> None:
    url = reverse("registry:person-reveal", args=[known.uid, "id_number"])
    assert NUMBER not in text(officer.post(url, {"reason": ""}))
    answer = officer.post(url, {"reason": "核对报名"}, headers={"HX-Request": "true"})
    assert NUMBER in text(answer)
    assert "no-store" in answer["Cache-Control"]
    assert Entry.objects.filter(act="registry.reveal", reason="核对报名").count() == 1


def test_the_other_countys_officer_sees_nothing(client: Client, cast: SimpleNamespace, known: Person) -> None:
    client.force_login(cast.other)
    for name in ("registry:people", "certificates:coordinators"):
        assert "李四光" not in text(client.get(reverse(name)))
    assert client.get(reverse("registry:person", args=[known.uid])).status_code == 404


@pytest.mark.parametrize("name", ["registry:people", "certificates:coordinators", "registry:duplicates"])
def test_lists_ask_as_much_for_three_rows_as_for_one(
    officer: Client, jiyuan: SimpleNamespace, name: str, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def pair(number: int) -> None:
        for _ in range(2):
            a_coordinator(jiyuan.kejing, person=a_person(jiyuan.kejing, phone=f"1380013800{number}"))

    pair(1)
    officer.get(reverse(name))
    with CaptureQueriesContext(connection) as first:
        officer.get(reverse(name))
    pair(2)
    pair(3)
    with django_assert_num_queries(len(first)):
        officer.get(reverse(name))


def test_the_persons_page_asks_as_much_for_much_as_for_little(
    officer: Client, known: Person, jiyuan: SimpleNamespace, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    url = reverse("registry:person", args=[known.uid])
    officer.get(url)
    with CaptureQueriesContext(connection) as first:
        officer.get(url)
    for _ in range(3):
        small = an_organisation(jiyuan.kejing, size="micro")
        assignments.assign(known.coordinator, small, by=COMMAND_LINE)
        enrolment.add_posting(known.coordinator, an_organisation(jiyuan.kejing), by=COMMAND_LINE)
    with django_assert_num_queries(len(first)):
        officer.get(url)


def test_moves_are_offered_and_done(officer: Client, known: Person) -> None:
    page = officer.get(reverse("registry:person", args=[known.uid]))
    assert [move.act for move in page.context["enrolment"].moves] == ["suspend", "leave"]
    url = reverse("registry:coordinator-move", args=[known.coordinator.uid, "leave"])
    assert list(officer.post(url, {"on": "2025-05-20", "reason": ""}).context["form"].errors) == ["reason"]
    assert officer.post(url, {"on": "2025年5月20日", "reason": "调离"}).status_code == 302
    known.coordinator.refresh_from_db()
    assert known.coordinator.status == "left"
    refused = officer.post(url, {"on": "2025-05-21", "reason": "再次"})
    assert "不能办理" in str(refused.context["form"].non_field_errors())


def test_an_organisation_is_found_by_code_name_or_proposal(officer: Client, known: Person, jiyuan: SimpleNamespace) -> None:
    agency = an_organisation(jiyuan.qinyuan, name="仁和律师事务所", name_key="仁和律师事务所", kind="legal_agency")
    url = reverse("registry:coordinator-transfer", args=[known.coordinator.uid])
    assert list(officer.post(url, {"organisation": "没有的单位", "on": "2025-05-20"}).context["form"].errors) == ["organisation"]
    assert officer.post(url, {"organisation": "仁和律师事务所", "on": "2025-05-20"}).status_code == 302
    known.coordinator.refresh_from_db()
    assert (known.coordinator.host_kind, known.coordinator.area_id) == ("legal_agency", agency.area_id)


def test_many_enterprises_are_given_into_care_at_once(officer: Client, known: Person, jiyuan: SimpleNamespace) -> None:
    small = [an_organisation(jiyuan.kejing, size="small") for _ in range(2)]
    ids = [organisation.pk for organisation in [*small, an_organisation(jiyuan.kejing, size="large")]]
    url = reverse("registry:assign-many")
    assert officer.post(url, {"ids": ids}).context["count"] == 3
    answer = officer.post(url, {"ids": ids, "coordinator": known.coordinator.pk, "on": "2025-05-20"}, follow=True)
    said = [str(message) for message in answer.context["messages"]]
    assert said == ["李四光 新包联 2 家企业。", "1 家没有包联：规模为“大型”，包联只针对小型、微型企业。"]
    assert assignments.load_of([known.coordinator.pk]) == {known.coordinator.pk: 3}


def test_duplicates_are_told_apart(officer: Client, jiyuan: SimpleNamespace) -> None:
    first, second = a_person(jiyuan.kejing, phone=PHONE), a_person(jiyuan.kejing, phone=PHONE)
    assert officer.get(reverse("registry:duplicates")).context["page"].paginator.count == 1
    officer.post(reverse("registry:not-duplicate"), {"first": first.uid, "second": second.uid})
    assert NotDuplicate.objects.count() == 1
    assert officer.get(reverse("registry:duplicates")).context["page"].paginator.count == 0
    assert officer.post(reverse("registry:not-duplicate"), {"first": "x"}).status_code == 404


def test_coordinators_confirm_on_their_own_page(client: Client, cast: SimpleNamespace, known: Person) -> None:
    cast.coordinator.person_id = known.pk
    cast.coordinator.save()
    client.force_login(cast.coordinator)
    page = text(client.get(reverse("registry:own-record")))
    assert ("李四光" in page, NUMBER in page, "还没有核实" in page) == (True, False, True)
    answer = client.post(reverse("registry:person-confirm", args=[known.uid]), {"remark": "手机号已换"})
    assert answer.url == reverse("registry:own-record")
    assert RecordConfirmation.objects.get().person == known
    assert {notice.user for notice in Notice.objects.filter(title="李四光 请更正信息")} == {cast.officer, cast.township}
    assert client.get(reverse("registry:person", args=[known.uid])).status_code == 403
    assert client.get(reverse("certificates:of-person", args=[known.uid])).status_code == 200


def test_an_account_is_linked_once_and_only_with_the_role(officer: Client, cast: SimpleNamespace, known: Person) -> None:
    url = reverse("registry:person-account", args=[known.uid])
    for username in ("nobody-here", "leader"):
        assert list(officer.post(url, {"username": username}).context["form"].errors) == ["__all__"]
    assert officer.post(url, {"username": "coordinator"}).status_code == 302
    cast.coordinator.refresh_from_db()
    assert cast.coordinator.person_id == known.pk
    other = reverse("registry:person-account", args=[a_person(known.area).uid])
    assert "已对应另一名人员" in str(officer.post(other, {"username": "coordinator"}).context["form"].non_field_errors())


def test_agents_see_and_confirm_their_own_only(client: Client, cast: SimpleNamespace, known: Person, jiyuan: SimpleNamespace) -> None:
    host = known.coordinator.postings.get().organisation
    stranger = a_coordinator(jiyuan.kejing).person
    Grant.objects.create(user=cast.agent, role="agent", organisation_id=host.pk, since=date(2020, 1, 1), granted_by="测试")
    client.force_login(cast.agent)
    page = text(client.get(reverse("registry:own-organisation")))
    assert (host.name in page, "李四光" in page, stranger.name in page) == (True, True, False)
    assert client.post(reverse("registry:person-confirm", args=[known.uid])).url == reverse("registry:own-organisation")
    assert client.post(reverse("registry:person-confirm", args=[stranger.uid])).status_code == 404
    assert client.post(reverse("registry:organisation-confirm", args=[host.uid])).url == reverse("registry:own-organisation")


def test_the_live_warning_says_what_to_do(officer: Client, known: Person) -> None:
    def warned(**typed: str) -> str:
        return text(officer.post(reverse("registry:person-similar"), {"id_type": "resident", **typed}))

    assert "证件号相同的不能再登记" in warned(name="另写", id_number=NUMBER)
    assert "可以继续登记" in warned(name="另写", phone=PHONE)
    assert warned(name="另写").strip() == ""
