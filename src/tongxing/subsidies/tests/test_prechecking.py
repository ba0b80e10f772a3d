"""The joins that auditors make: each one finds what it should, says it, and is cleared only by two people."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tongxing.audit.log import COMMAND_LINE
from tongxing.certificates.register import record_national_check
from tongxing.core.errors import Refused
from tongxing.registry.tests.people_factories import a_coordinator, an_organisation
from tongxing.subsidies import comparing, handling, moving, prechecking
from tongxing.subsidies.comparing import Named
from tongxing.subsidies.models import Claim, ComparisonKind, Finding, FindingKind, Listed
from tongxing.training.models import Attendance, Session

from .scene import Scene, an_account, an_id_number, anew
from .test_joined import trained


def a_list(scene: Scene, *rows: Named, kind: str = ComparisonKind.PAYROLL, sha256: str = "0" * 64) -> comparing.Taken:
    facts: dict[str, Any] = {"kind": kind, "source": "财政局", "as_of": timezone.localdate(), "sha256": sha256}
    return comparing.take_list(rows, by=scene.handler, area_code=scene.jiyuan.county.pk, **facts)


def found(claims: list[Claim]) -> list[tuple[str, str]]:
    return [(row.kind, row.text) for rows in prechecking.examine(anew(claims)).values() for row in rows]


def test_a_clean_claim_has_no_finding(scene: Scene) -> None:
    assert found(scene.accepted()) == []


def test_who_stands_on_an_uploaded_list(scene: Scene) -> None:
    number = an_id_number(500)
    person = scene.person(id_number=number, name="李四")
    claims = scene.accepted(scene.ask(scene.certificate(person)))
    a_list(scene, Named(2, "李思", number, "某局"), Named(3, "别人", an_id_number(501)))
    ((kind, text),) = found(claims)
    assert kind == FindingKind.LISTED
    assert "在财政供养人员（财政局，截至" in text
    assert "（某局），名单上的姓名是“李思”" in text


def test_a_list_keeps_no_number(scene: Scene) -> None:
    number = an_id_number(502)
    taken = a_list(scene, Named(2, "李四", number), Named(3, "坏行", "123"), Named(4, "李四", number))
    assert (taken.comparison.rows_count, [row for row, _ in taken.left]) == (1, [3])
    assert number not in str(list(Listed.objects.values()))


def test_the_same_file_is_not_taken_twice_and_a_list_without_people_not_at_all(scene: Scene) -> None:
    a_list(scene, Named(2, "李四", an_id_number(503)))
    with pytest.raises(Refused, match="同一份文件已经导入过"):
        a_list(scene, Named(2, "李四", an_id_number(503)))
    with pytest.raises(Refused, match="没有一行有效的身份证号码"):
        a_list(scene, Named(2, "李四", "1"), sha256="1" * 64)


def test_a_retired_list_finds_nothing_any_more(scene: Scene) -> None:
    number = an_id_number(504)
    claims = scene.accepted(scene.ask(scene.certificate(scene.person(id_number=number))))
    taken = a_list(scene, Named(2, "李四", number))
    assert found(claims)
    comparing.retire_list(taken.comparison, by=scene.handler)
    assert (found(claims), Listed.objects.count()) == ([], 0)
    assert Finding.objects.get().gone_at


def test_an_account_that_two_people_share(scene: Scene) -> None:
    account = an_account()
    claims = scene.accepted(scene.training(account=account), scene.training(account=account))
    assert [kind for kind, _ in found(claims)] == [FindingKind.ACCOUNT, FindingKind.ACCOUNT]
    assert claims[1].serial in found(claims)[0][1]


def test_one_body_may_use_its_account_for_many_claims(scene: Scene) -> None:
    assert found(scene.accepted(scene.ask(), scene.ask())) == []


def test_a_certificate_that_the_national_site_does_not_know(scene: Scene) -> None:
    claims = scene.accepted()
    record_national_check(claims[0].certificate, by=COMMAND_LINE, found=False, remark="姓名不符")
    assert found(claims) == [(FindingKind.NATIONAL, f"{timezone.localdate()} 在全国网站没有查到证书或内容不一致：姓名不符")]


def test_who_sits_in_an_office_that_the_budget_pays(scene: Scene) -> None:
    office = an_organisation(scene.jiyuan.county, kind="grassroots", name="克井镇政府", name_key="克井镇政府")
    person = scene.person()
    a_coordinator(scene.jiyuan.kejing, person=person, organisation=office, on=timezone.localdate() - timedelta(days=100))
    ((kind, text),) = found(scene.accepted(scene.ask(scene.certificate(person))))
    assert (kind, text) == (FindingKind.PAYROLL_HOST, "现任职于“克井镇政府”，请核实是否财政供养人员。")


def test_one_person_under_two_numbers(scene: Scene) -> None:
    first, second = (scene.person(name="赵同名", id_number=an_id_number(number)) for number in (510, 511))
    claims = scene.accepted(scene.ask(scene.certificate(first)), scene.ask(scene.certificate(second)))
    assert [kind for kind, _ in found(claims)] == [FindingKind.SAME_PERSON] * 2


def test_a_finding_stands_in_the_way_until_two_people_cleared_it(scene: Scene) -> None:
    account = an_account()
    claims = scene.accepted(scene.training(account=account))
    scene.opened(scene.training(account=account))
    with pytest.raises(Refused, match="还有 1 项预审发现没有排除"):
        handling.approve_claims(claims, by=scene.approver, fund=scene.fund)
    ((finding,),) = prechecking.examine(anew(claims)).values()
    with pytest.raises(Refused, match="还没有人写明排除理由"):
        prechecking.confirm_clearance(finding, by=scene.second)
    prechecking.propose_clearance(finding, by=scene.handler, reason="夫妻共用账户，已核对结婚证")
    with pytest.raises(Refused, match="同一人不能既提出排除又复核"):
        prechecking.confirm_clearance(finding, by=scene.handler)
    prechecking.confirm_clearance(finding, by=scene.approver)
    assert handling.approve_claims(claims, by=scene.approver, fund=scene.fund)


def test_a_cleared_finding_comes_back_when_it_says_something_else(scene: Scene) -> None:
    account = an_account()
    claims = scene.accepted(scene.training(account=account))
    scene.opened(scene.training(account=account))
    ((finding,),) = prechecking.examine(anew(claims)).values()
    prechecking.propose_clearance(finding, by=scene.handler, reason="已核对")
    prechecking.confirm_clearance(finding, by=scene.second)
    assert found(claims) == []
    scene.opened(scene.training(account=account))
    assert len(found(claims)) == 1


def test_facts_that_contradict_are_not_argued_away(scene: Scene) -> None:
    claims = scene.accepted()
    Claim.objects.update(draws_pension=True)
    ((finding,),) = prechecking.examine(anew(claims)).values()
    assert finding.kind == FindingKind.NOT_ENTITLED
    with pytest.raises(Refused, match="不能由人排除"):
        prechecking.propose_clearance(finding, by=scene.handler, reason="没事")


def test_the_number_of_queries_does_not_grow_with_the_claims(scene: Scene) -> None:
    few = scene.accepted(scene.ask())
    many = scene.accepted(*(scene.ask() for _ in range(15)))

    def look(claims: list[Claim]) -> int:
        with CaptureQueriesContext(connection) as seen:
            prechecking.examine(moving.locked(claim.pk for claim in claims))
        return len(seen)

    assert look(many) == look(few)


def test_somebody_in_two_places_at_one_time_is_asked_about(scene: Scene) -> None:
    certificate = scene.certificate()
    row = trained(scene, certificate.person)
    other = trained(scene, certificate.person)
    today = timezone.localdate() - timedelta(days=30)
    for enrolment, begins, ends in ((row, 9, 12), (other, 11, 14)):
        session = Session.objects.create(training_class=enrolment.training_class, on=today, begins=time(begins), ends=time(ends), hours=4)
        Attendance.objects.create(session=session, enrolment=enrolment, state="present", source="tap", at=timezone.now(), by="教师")
    claims = scene.accepted(scene.training(certificate))
    ((finding,),) = prechecking.examine(anew(claims)).values()
    assert (finding.kind, finding.final) == (FindingKind.OVERLAP, False)
    assert "同一时间在两处到课" in finding.text
    assert f"{today} 09:00–12:00" in finding.text
    Attendance.objects.filter(enrolment=other).update(state="absent")
    assert prechecking.examine(anew(claims)) == {}
