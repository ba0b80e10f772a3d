"""The paper behind a conduct record: kept after a check of its content, opened only where personal data may be read, and logged."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tongxing.audit.models import Entry
from tongxing.core.errors import Refused
from tongxing.registry.conduct import add_conduct, attach_document, lift_conduct, open_document, strike_conduct
from tongxing.registry.models import ConductRecord, Organisation, Person
from tongxing.registry.tests.people_factories import PDF, a_person, an_organisation

FACTS: dict[str, Any] = {"kind": "violation", "happened_on": date(2024, 3, 1), "source": "济源市人民法院", "summary": "拒不支付劳动报酬"}


@pytest.fixture(autouse=True)
def _store(settings: Any, tmp_path: Any) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}},
    }


def paper(content: bytes = PDF, name: str = "决定书.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("about", ["person", "organisation"])
def test_a_paper_is_uploaded_with_the_record_and_opened_with_an_entry(about: str, jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    subject: Person | Organisation = a_person(jiyuan.kejing) if about == "person" else an_organisation(jiyuan.kejing)
    form = "registry:conduct-new" if about == "person" else "registry:organisation-conduct-new"
    client = client_of(cast.township)
    answer = client.post(reverse(form, args=[subject.uid]), FACTS | {"document": "(2024)豫9001号", "document_file": paper()})
    assert answer.status_code == 302
    entry = ConductRecord.objects.get()
    address = reverse("registry:conduct-document", args=[entry.pk])
    assert address in client.get(answer.headers["Location"].partition("#")[0]).content.decode()
    shown = client.get(address + "?inline")
    assert (shown.getvalue(), shown.headers["Content-Type"]) == (PDF, "application/pdf")
    assert shown.headers["Content-Disposition"].startswith("inline")
    read = Entry.objects.get(act="registry.open_conduct_document")
    assert (read.actor_id, read.object_id, read.after["file"]) == (cast.township.pk, str(subject.pk), "决定书.pdf")
    for user, status in ((cast.leader, 403), (cast.other, 404), (cast.coordinator, 403)):
        assert client_of(user).get(address).status_code == status


def test_the_paper_follows_a_person_who_moves_away(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    person = a_person(jiyuan.kejing)
    entry = add_conduct(person, by=cast.officer, document_file=paper(), **FACTS)
    Person.objects.filter(pk=person.pk).update(area=jiyuan.other_street)
    entry = ConductRecord.objects.get(pk=entry.pk)
    assert open_document(entry, by=cast.other).name == "决定书.pdf"
    with pytest.raises(Refused) as refused:
        open_document(entry, by=cast.township)
    assert refused.value.status == 403


def test_a_paper_that_is_not_what_its_name_says_is_refused_and_nothing_is_entered(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    organisation = an_organisation(jiyuan.kejing)
    address = reverse("registry:organisation-conduct-new", args=[organisation.uid])
    answer = client_of(cast.officer).post(address, FACTS | {"document_file": paper(b"MZ\x90\x00" + bytes(600), "决定书.pdf")})
    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors()
    assert not ConductRecord.objects.exists()


def test_a_paper_can_come_later_and_be_replaced(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    entry = add_conduct(an_organisation(jiyuan.kejing), by=cast.officer, **FACTS)
    with pytest.raises(Refused) as refused:
        open_document(entry, by=cast.officer)
    assert refused.value.code == "no_document"
    attach_document(entry, by=cast.township, document_file=paper())
    better = attach_document(entry, by=cast.township, document_file=paper(PDF + b"\n", "清晰版.pdf"))
    assert open_document(better, by=cast.auditor).name == "清晰版.pdf"
    log = Entry.objects.filter(act="registry.attach_conduct_document").first()
    assert log is not None
    assert (log.before["file"], log.after["file"]) == ("决定书.pdf", "清晰版.pdf")


def test_one_paper_makes_one_record(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    organisation = an_organisation(jiyuan.kejing)
    first = add_conduct(organisation, by=cast.officer, document="济人社罚〔2024〕1号", **FACTS)
    with pytest.raises(Refused) as refused:
        add_conduct(organisation, by=cast.officer, document="济人社罚〔2024〕1号", **FACTS)
    assert refused.value.code == "already_recorded"
    strike_conduct(first, by=cast.officer, reason="录错了单位")
    again = add_conduct(organisation, by=cast.officer, document="济人社罚〔2024〕1号", **FACTS)
    assert list(ConductRecord.objects.standing()) == [again]


def test_a_struck_record_stays_readable_and_takes_no_further_act(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    organisation = an_organisation(jiyuan.kejing)
    entry = add_conduct(organisation, by=cast.officer, **FACTS)
    with pytest.raises(Refused) as refused:
        strike_conduct(entry, by=cast.officer, reason=" ")
    assert refused.value.code == "reason_missing"
    with pytest.raises(Refused):
        strike_conduct(entry, by=cast.other, reason="不归我管")
    strike_conduct(entry, by=cast.officer, reason="录错了单位")
    for act in (
        lambda: strike_conduct(entry, by=cast.officer, reason="再作废"),
        lambda: lift_conduct(entry, by=cast.officer, reason="修复"),
        lambda: attach_document(entry, by=cast.officer, document_file=paper()),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "struck"
    page = client_of(cast.officer).get(reverse("registry:organisation", args=[organisation.uid])).content.decode()
    assert "已作废" in page
    assert "录错了单位" in page


def test_the_reason_of_a_lift_stands_on_the_page(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    person = a_person(jiyuan.kejing)
    lift_conduct(add_conduct(person, by=cast.officer, **FACTS), by=cast.officer, on=date(2025, 3, 1), reason="信用修复决定 12 号")
    assert "信用修复决定 12 号" in client_of(cast.officer).get(reverse("registry:person", args=[person.uid])).content.decode()


def test_the_list_shows_people_and_organisations_of_the_own_area(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    person, organisation = a_person(jiyuan.kejing), an_organisation(jiyuan.qinyuan)
    add_conduct(person, by=cast.officer, **FACTS)
    lift_conduct(add_conduct(organisation, by=cast.officer, **FACTS), by=cast.officer, reason="修复")
    address = reverse("registry:conduct-records")

    def names(user: Any, query: str = "") -> set[str]:
        page = client_of(user).get(address + query).content.decode()
        return {row.name for row in (person, organisation) if row.name in page}

    both = {person.name, organisation.name}
    assert [names(user) for user in (cast.officer, cast.township, cast.other)] == [both, {person.name}, set()]
    assert names(cast.officer, "?subject=organisation") == {organisation.name}
    assert names(cast.officer, "?state=standing") == {person.name}
    assert names(cast.officer, f"?area={jiyuan.qinyuan.code}") == {organisation.name}
    assert names(cast.officer, f"?q={organisation.name}") == {organisation.name}
    with CaptureQueriesContext(connection) as two:
        client_of(cast.officer).get(address)
    for _ in range(3):
        add_conduct(a_person(jiyuan.kejing), by=cast.officer, **FACTS)
    with CaptureQueriesContext(connection) as five:
        client_of(cast.officer).get(address)
    assert len(five) == len(two)
