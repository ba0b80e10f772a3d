"""Acts on certificates: contradictions, what counts on a day, replacing, merging, the national check."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError

from tongxing.areas.models import TouchedLeaf
from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.certificates import register
from tongxing.certificates.bodies import file_body
from tongxing.certificates.merging import merge_with_certificates
from tongxing.certificates.models import Certificate
from tongxing.core.errors import Refused
from tongxing.registry.tests.people_factories import a_coordinator, a_person, an_organisation

NUMBER = "S000041000012233000001"
ISSUED = date(2023, 6, 1)


def a_certificate(person: object, number: str = NUMBER, level: int = 3, issued_on: date = ISSUED) -> Certificate:
    return register.register_certificate(person, by=COMMAND_LINE, number=number, level=level, issued_on=issued_on)


def test_registering_judges_and_touches_where_the_holder_covers(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    coordinator = a_coordinator(jiyuan.kejing)
    TouchedLeaf.objects.all().delete()
    certificate = register.register_certificate(
        coordinator.person, by=cast.township, number="s0000 41000012 233000001", level=3, issued_on=ISSUED, body_name="某评价公司"
    )
    assert (certificate.number, certificate.kind, certificate.status) == (NUMBER, "skill_level", "valid")
    assert set(TouchedLeaf.objects.values_list("area_code", flat=True)) == {jiyuan.kejing.code}
    with pytest.raises(Refused) as refused:
        a_certificate(a_person(jiyuan.kejing))
    assert refused.value.code == "certificate_exists"
    with pytest.raises(Refused) as refused:
        register.register_certificate(coordinator.person, by=cast.other, number=NUMBER, level=3, issued_on=ISSUED)
    assert refused.value.code == "not_allowed"


def test_contradictions_are_refused_by_field_unless_somebody_vouches(jiyuan: SimpleNamespace) -> None:
    person = a_person(jiyuan.kejing)
    body = an_organisation(jiyuan.kejing, kind="assessment")
    file_body(body, by=COMMAND_LINE, number="S000041000099")
    facts = {"number": NUMBER, "level": 2, "issued_on": date(2024, 1, 5), "body": body}
    with pytest.raises(ValidationError) as wrong:
        register.register_certificate(person, by=COMMAND_LINE, **facts)
    assert sorted(wrong.value.error_dict) == ["body", "issued_on", "level"]
    certificate = register.register_certificate(person, by=COMMAND_LINE, doubt="原件如此，机构已更名", **facts)
    assert (certificate.level, Entry.objects.get(act="certificates.register").reason) == (2, "原件如此，机构已更名")


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"number": "12"}, "number"),
        ({"level": 5, "number": "S000041000012235000001"}, "level"),
        ({"issued_on": date(2999, 1, 1)}, "issued_on"),
        ({"issued_on": date(2005, 1, 1)}, "issued_on"),
    ],
)
def test_impossible_facts_are_refused(jiyuan: SimpleNamespace, facts: dict[str, object], field: str) -> None:
    person = a_person(jiyuan.kejing, born_on=date(1990, 1, 1))
    with pytest.raises(ValidationError) as wrong:
        register.register_certificate(person, by=COMMAND_LINE, **({"number": NUMBER, "level": 3, "issued_on": ISSUED} | facts))
    assert list(wrong.value.error_dict) == [field]


def test_void_and_replaced_count_only_before_their_day(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    person = a_person(jiyuan.kejing)
    old = a_certificate(person)
    new = register.replace_certificate(
        old, by=cast.officer, reason="升级", number="S000041000012252000007", level=2, issued_on=date(2025, 3, 1)
    )
    assert list(Certificate.objects.valid_on(date(2025, 2, 28))) == [old]
    assert list(Certificate.objects.valid_on(date(2025, 3, 1))) == [new]
    register.void_certificate(new, by=cast.officer, reason="冒领", on=date(2025, 4, 1))
    assert not Certificate.objects.valid_on(date(2025, 4, 1)).exists()
    old.refresh_from_db()
    assert (old.status, old.replaced_by, old.status_on) == ("replaced", new, date(2025, 3, 1))
    with pytest.raises(Refused) as refused:
        register.void_certificate(old, by=cast.officer, reason="再作废")
    assert refused.value.code == "not_valid"


def test_a_mistaken_voiding_is_taken_back(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    certificate = a_certificate(a_person(jiyuan.kejing))
    for reason, code in (("办错", "not_void"), (" ", "not_void")):
        with pytest.raises(Refused) as refused:
            register.reinstate_certificate(certificate, by=cast.officer, reason=reason)
        assert refused.value.code == code
    register.void_certificate(certificate, by=cast.officer, reason="看错人", on=date(2025, 4, 1))
    with pytest.raises(Refused, match="写明原因"):
        register.reinstate_certificate(certificate, by=cast.officer, reason=" ")
    back = register.reinstate_certificate(certificate, by=cast.officer, reason="作废的应是另一张")
    assert (back.status, back.status_on, back.status_reason) == ("valid", None, "")
    assert Certificate.objects.valid_on(date(2025, 4, 2)).exists()
    entry = Entry.objects.get(act="certificates.reinstate")
    assert (entry.before, entry.reason) == ({"status": "void", "on": "2025-04-01", "was": "看错人"}, "作废的应是另一张")


def test_correcting_detects_conflicts(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    certificate = a_certificate(a_person(jiyuan.kejing))
    facts = {"number": NUMBER[:-1] + "9", "level": 3, "issued_on": ISSUED}
    corrected = register.correct_certificate(certificate, by=cast.officer, version=1, reason="抄错", **facts)
    assert (corrected.number[-1], corrected.version) == ("9", 2)
    with pytest.raises(Refused) as refused:
        register.correct_certificate(certificate, by=cast.officer, version=1, reason="抄错", **facts)
    assert refused.value.code == "edit_conflict"
    entry = Entry.objects.get(act="certificates.correct")
    assert (entry.before, entry.after, entry.reason) == ({"number": NUMBER}, {"number": NUMBER[:-1] + "9"}, "抄错")


def test_national_checks_are_written_down(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    certificate = a_certificate(a_person(jiyuan.kejing))
    with pytest.raises(Refused) as refused:
        register.record_national_check(certificate, by=cast.officer, found=False)
    assert refused.value.code == "remark_missing"
    check = register.record_national_check(certificate, by=cast.officer, found=True, checked_on=date(2025, 1, 2))
    assert (check.by, check.checked_on, check.file_id) == (cast.officer.display_name, date(2025, 1, 2), None)


def test_merging_takes_the_certificates_along(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    keep, drop = a_person(jiyuan.kejing, name="郑八"), a_person(jiyuan.kejing, name="郑八")
    certificate = a_certificate(drop)
    merge_with_certificates(keep, drop, by=cast.officer)
    certificate.refresh_from_db()
    assert certificate.person == keep
    assert list(Certificate.objects.visible_to(cast.other)) == []


def test_filing_numbers_belong_to_assessment_bodies(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    with pytest.raises(Refused) as refused:
        file_body(an_organisation(jiyuan.kejing), by=cast.officer, number="S000041000012")
    assert refused.value.code == "not_a_body"
    body = an_organisation(jiyuan.kejing, is_assessment_body=True)
    file_body(body, by=cast.officer, number="s000041000012")
    with pytest.raises(Refused) as refused:
        file_body(body, by=cast.officer, number="S000041000012")
    assert refused.value.code == "filing_exists"


def test_body_is_found_by_its_filing_and_a_name_that_differs_is_refused(jiyuan: SimpleNamespace) -> None:
    body = an_organisation(jiyuan.kejing, kind="assessment", name="甲评价中心", name_key="甲评价中心")
    file_body(body, by=COMMAND_LINE, number=NUMBER[:13])
    holder = a_person(jiyuan.kejing)
    with pytest.raises(ValidationError) as wrong:
        register.register_certificate(holder, by=COMMAND_LINE, number=NUMBER, level=3, issued_on=ISSUED, body_name="乙评价中心")
    assert sorted(wrong.value.error_dict) == ["body_name"]
    assert "“甲评价中心”的备案号，填写的评价机构是“乙评价中心”" in str(wrong.value)
    certificate = register.register_certificate(holder, by=COMMAND_LINE, number=NUMBER, level=3, issued_on=ISSUED)
    assert (certificate.body, certificate.body_name) == (body, "甲评价中心")


def test_body_filed_anew_keeps_its_older_number(jiyuan: SimpleNamespace) -> None:
    body = an_organisation(jiyuan.kejing, kind="assessment")
    file_body(body, by=COMMAND_LINE, number=NUMBER[:13], since=date(2020, 1, 1))
    file_body(body, by=COMMAND_LINE, number="S000041000099", since=date(2024, 1, 1))
    certificate = register.register_certificate(
        a_person(jiyuan.kejing), by=COMMAND_LINE, number=NUMBER, level=3, issued_on=ISSUED, body=body
    )
    assert certificate.body == body


def test_old_number_is_held_against_level_and_year(jiyuan: SimpleNamespace) -> None:
    facts = {"number": "1541190000300001", "by": COMMAND_LINE}
    for level, issued_on, field in ((2, date(2015, 6, 1), "level"), (3, date(2016, 6, 1), "issued_on")):
        with pytest.raises(ValidationError) as wrong:
            register.register_certificate(a_person(jiyuan.kejing), level=level, issued_on=issued_on, **facts)
        assert list(wrong.value.error_dict) == [field]
    assert register.register_certificate(a_person(jiyuan.kejing), level=3, issued_on=date(2015, 6, 1), **facts).kind == "qualification"
