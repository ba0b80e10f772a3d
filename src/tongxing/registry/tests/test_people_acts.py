"""Acts on people: documents, doubles, merging, edit conflicts, and nothing personal in the log."""

import json
from datetime import date
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError

from tongxing.areas.models import TouchedLeaf
from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused
from tongxing.core.identifiers import id_check_digit
from tongxing.registry import duplicates, people
from tongxing.registry.identity import clean_document, id_index
from tongxing.registry.merging import merge_people
from tongxing.registry.models import Coordinator, NotDuplicate, Person
from tongxing.registry.reveal import reveal
from tongxing.registry.tests.people_factories import PHONE, a_coordinator, a_person, an_id, an_organisation


def foreign(first17: str) -> str:
    return first17 + id_check_digit(first17)


@pytest.mark.parametrize(
    ("kind", "raw", "number"),
    [
        ("passport", " e1234 5678", "E12345678"),
        ("hk_macau", "h12345678", "H12345678"),
        ("hk_macau", "M1234567801", "M1234567801"),
        ("taiwan", "12345678", "12345678"),
        ("taiwan", "1234567890(B)", "1234567890B"),
        ("foreign", "CAN110183010100", "CAN110183010100"),
    ],
)
def test_documents_without_checks_are_read_by_form(kind: str, raw: str, number: str) -> None:
    assert clean_document(kind, raw) == (number, None, 0)


def test_documents_with_birth_date_say_birth_date_and_sex() -> None:
    residence = foreign("81000019900307123")
    card = foreign("93104019850615001")
    assert clean_document("residence", residence) == (residence, date(1990, 3, 7), 1)
    assert clean_document("foreign", card) == (card, date(1985, 6, 15), 1)


@pytest.mark.parametrize(
    ("kind", "raw", "code"),
    [
        ("passport", "ABCDEF", "document_form"),
        ("hk_macau", "X12345678", "document_form"),
        ("taiwan", "123", "document_form"),
        ("foreign", "9" * 18, "id_checksum"),
        ("resident", foreign("81000019900307123"), "document_type"),
        ("residence", an_id(), "document_type"),
        ("resident", "41900119900307123", "id_form"),
    ],
)
def test_wrong_documents_are_refused_with_a_code(kind: str, raw: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        clean_document(kind, raw)
    assert refused.value.code == code


def test_registering_takes_birth_date_and_sex_from_the_document(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    number = an_id(date(1988, 8, 8), male=False)
    person = people.register_person(
        by=cast.township, area=jiyuan.kejing, name="李 丽", id_number=number, phone="138-0013-8000", sex=1, born_on=date(2000, 1, 1)
    )
    person.refresh_from_db()
    assert (person.name, person.born_on, person.sex, person.id_number, person.phone) == ("李丽", date(1988, 8, 8), 2, number, PHONE)
    assert number not in person.id_number_sealed
    entry = Entry.objects.get(act="registry.register_person")
    assert number not in json.dumps(entry.after)
    assert PHONE not in json.dumps(entry.after)
    assert entry.after["id_number"] == "419001********" + number[-4:]


def test_one_document_is_registered_once(jiyuan: SimpleNamespace) -> None:
    number = an_id()
    a_person(jiyuan.kejing, id_number=number)
    with pytest.raises(Refused) as refused:
        a_person(jiyuan.qinyuan, id_number=number.lower())
    assert refused.value.code == "person_exists"


def test_keepers_register_only_in_their_area(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    with pytest.raises(Refused) as refused:
        people.register_person(by=cast.township, area=jiyuan.qinyuan, name="王五")
    assert refused.value.code == "not_allowed"
    with pytest.raises(Refused):
        people.update_person(a_person(jiyuan.kejing), by=cast.other, version=1, name="赵六")


def test_updating_counts_versions_and_masks_the_log(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    person = a_person(jiyuan.kejing, name="周一", phone=PHONE)
    updated = people.update_person(person, by=cast.officer, version=1, phone="13900139000", education="20")
    assert (updated.phone, updated.education, updated.version) == ("13900139000", "20", 2)
    entry = Entry.objects.get(act="registry.update_person")
    assert (entry.before, entry.after) == ({"phone": "138****8000", "education": ""}, {"phone": "139****9000", "education": "大学本科"})
    with pytest.raises(Refused) as refused:
        people.update_person(person, by=cast.officer, version=1, phone=PHONE)
    assert refused.value.code == "edit_conflict"
    assert "139****9000" in refused.value.message
    assert "13900139000" not in refused.value.message


def test_likely_doubles_are_found_and_pairs_judged_once(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    first = a_person(jiyuan.kejing, name="钱二", born_on=date(1990, 1, 1), phone=PHONE)
    second = a_person(jiyuan.qinyuan, name="钱二", born_on=date(1990, 1, 1), phone=PHONE)
    a_person(jiyuan.kejing, name="孙三", born_on=date(1990, 1, 1))
    found = duplicates.similar_to(name="钱二", born_on=date(1990, 1, 1), number="", phone=PHONE, but=second.pk)
    assert [(like.person, like.reasons) for like in found] == [(first, ["手机号相同", "姓名和出生日期相同"])]
    assert [(p.first, p.second, p.reasons) for p in duplicates.pairs(Person.objects.visible_to(cast.officer))] == [
        (first, second, ["手机号相同", "姓名和出生日期相同"])
    ]
    assert list(duplicates.pairs(Person.objects.visible_to(cast.other))) == []
    people.mark_not_duplicate(second, first, by=cast.officer)
    people.mark_not_duplicate(first, second, by=cast.officer)
    assert NotDuplicate.objects.count() == 1
    assert list(duplicates.pairs(Person.objects.visible_to(cast.officer))) == []


def test_merging_moves_rows_and_leads_to_the_kept_record(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    number = an_id()
    keep = a_person(jiyuan.kejing, name="吴七", phone=PHONE)
    drop = a_coordinator(jiyuan.qinyuan, person=a_person(jiyuan.qinyuan, name="吴七", id_number=number)).person
    TouchedLeaf.objects.all().delete()
    merge_people(keep, drop, by=cast.officer, reason="同一人")
    keep.refresh_from_db()
    drop.refresh_from_db()
    assert (keep.id_number, keep.phone, keep.id_index, keep.born_on) == (number, PHONE, id_index(number), date(1990, 3, 7))
    assert (drop.merged_into, drop.id_index) == (keep, None)
    assert Coordinator.objects.get(person=keep).area == jiyuan.qinyuan
    assert keep.area == jiyuan.qinyuan
    assert people.holder_of(number) == keep
    assert jiyuan.qinyuan.code in set(TouchedLeaf.objects.values_list("area_code", flat=True))
    assert number not in json.dumps([[e.before, e.after] for e in Entry.objects.all()])
    with pytest.raises(Refused):
        merge_people(keep, drop, by=cast.officer)


def test_two_documents_and_foreign_areas_do_not_merge(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    one, two = a_person(jiyuan.kejing, id_number=an_id()), a_person(jiyuan.kejing, id_number=an_id())
    with pytest.raises(Refused) as refused:
        merge_people(one, two, by=cast.officer)
    assert refused.value.code == "two_documents"
    with pytest.raises(Refused) as refused:
        merge_people(one, a_person(jiyuan.other), by=cast.officer)
    assert refused.value.code == "not_allowed"


def test_two_enrolments_become_one(jiyuan: SimpleNamespace) -> None:
    shared = an_organisation(jiyuan.kejing)
    ours = a_coordinator(jiyuan.kejing, organisation=shared, on=date(2024, 6, 1))
    theirs = a_coordinator(jiyuan.kejing, organisation=shared, on=date(2023, 1, 1))
    merge_people(ours.person, theirs.person, by=COMMAND_LINE)
    ours.refresh_from_db()
    theirs.refresh_from_db()
    assert (ours.status, ours.enrolled_on, ours.postings.count(), ours.status_periods.count()) == ("active", date(2023, 1, 1), 1, 1)
    assert (theirs.status, theirs.postings.count(), theirs.status_periods.count()) == ("left", 0, 0)
    assert list(Coordinator.objects.standing()) == [ours]


def test_reveal_needs_reason_and_leaves_an_entry_without_the_value(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    number = an_id()
    person = a_person(jiyuan.kejing, id_number=number)
    with pytest.raises(Refused):
        reveal(person, "id_number", by=cast.officer, reason=" ")
    with pytest.raises(Refused):
        reveal(person, "id_number", by=cast.other, reason="核对")
    assert reveal(person, "id_number", by=cast.officer, reason="核对报名") == number
    entry = Entry.objects.get(act="registry.reveal")
    assert (entry.reason, entry.after, entry.object_id) == ("核对报名", {"field": "证件号码"}, str(person.pk))
