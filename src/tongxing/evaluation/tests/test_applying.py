"""Applications: by whom, with what the register says, checked with the answer kept; evidence; retakes; closed doors."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.certificates.register import register_certificate, void_certificate
from tongxing.core.errors import Refused
from tongxing.evaluation import applying, checking, kept, planning, publishing, scoring
from tongxing.evaluation.models import Application, Candidate, Evidence
from tongxing.notices.models import Notice
from tongxing.registry.merging import merge_people
from tongxing.registry.models import Person
from tongxing.registry.tests.people_factories import PDF, a_coordinator, a_person, an_organisation

from .world import FIRST, SECOND, THIRD, a_batch, a_filing, a_user, an_application, examined, pass_days, past_notice, refused_code

FOURTH = {"number": "S000041000012204000001", "level": 4, "issued_on": date(2020, 6, 1)}


def test_the_answer_is_kept_with_rule_version_and_inputs(jiyuan: SimpleNamespace) -> None:
    batch, person = a_batch(a_filing(jiyuan.kejing), level=3), a_person(jiyuan.kejing)
    register_certificate(person, by=COMMAND_LINE, **FOURTH)
    application = an_application(batch, person, accepted=False, years=1)
    assert (application.eligible, application.rule_version, application.resting_on.number) == (True, "2019/2019-03-26", FOURTH["number"])
    application.refresh_from_db()
    assert application.decision["facts"]["原证书"] == [[4, "2020-06-01"]]
    assert application.decision["facts"]["计算到"] == batch.apply_until.isoformat()
    assert application.decision["reasons"] == ["符合“取得四级证书后满 5 年”。"]
    assert Entry.objects.get(act="evaluation.apply").after["eligible"] is True


def test_the_person_the_agent_and_the_managers_may_apply_and_nobody_else(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing)
    batch, coordinator = a_batch(filing), a_coordinator(jiyuan.kejing)
    employer, person = coordinator.postings.get().organisation, coordinator.person
    mine = a_user("本人", "coordinator", organisation=employer, person=person)
    agent, stranger = (
        a_user("单位经办", "agent", organisation=employer),
        a_user("别家经办", "agent", organisation=an_organisation(jiyuan.kejing)),
    )
    body = a_user("机构经办", "assessment_body", organisation=filing.organisation)
    for by in (stranger, cast.other, cast.auditor, a_user("另一人", "coordinator", organisation=employer, person=a_person(jiyuan.kejing))):
        assert refused_code(lambda by=by: applying.apply(batch, person, by=by, years=9)) == "not_allowed"
    ways = []
    for by in (mine, agent, body, cast.officer):
        application = applying.apply(batch, person, by=by, years=9)
        ways.append(application.applied_by)
        applying.withdraw(application, by=by)
    assert ways == ["self", "agent", "officer", "officer"]
    assert Application.objects.count() == 1


def test_one_application_a_batch_and_only_while_it_is_open(jiyuan: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing)
    batch, person = a_batch(filing, capacity=1), a_person(jiyuan.kejing)
    an_application(batch, person)
    assert refused_code(lambda: an_application(batch, person)) == "already_applied"
    one = a_user("本人", "coordinator", organisation=an_organisation(jiyuan.kejing), person=a_person(jiyuan.kejing))
    assert refused_code(lambda: applying.apply(batch, Person.objects.get(pk=one.person_id), by=one, years=9)) == "full"
    pass_days(batch, 11)
    assert refused_code(lambda: an_application(batch)) == "not_open"
    planning.close_applications(batch, by=COMMAND_LINE)
    assert refused_code(lambda: an_application(batch)) == "wrong_state"


def test_who_holds_the_level_or_a_higher_one_is_not_examined(jiyuan: SimpleNamespace) -> None:
    batch, person = a_batch(a_filing(jiyuan.kejing)), a_person(jiyuan.kejing)
    certificate = register_certificate(person, by=COMMAND_LINE, **FOURTH)
    assert refused_code(lambda: an_application(batch, person)) == "level_held"
    void_certificate(certificate, by=COMMAND_LINE, reason="冒名")
    assert an_application(batch, person).state == "accepted"


def test_years_and_merged_records_are_judged(jiyuan: SimpleNamespace) -> None:
    batch, keep, drop = a_batch(a_filing(jiyuan.kejing)), a_person(jiyuan.kejing), a_person(jiyuan.kejing)
    assert refused_code(lambda: applying.apply(batch, keep, by=COMMAND_LINE, years=61)) == "years"
    merge_people(keep, drop, by=COMMAND_LINE)
    drop.refresh_from_db()
    assert refused_code(lambda: applying.apply(batch, drop, by=COMMAND_LINE, years=9)) == "merged"


def test_accepting_follows_the_rule_and_unconfirmed_levels_need_a_reason(jiyuan: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing, levels=(2, 4))
    short = an_application(a_batch(filing), accepted=False, years=3)
    assert refused_code(lambda: checking.accept(short, by=COMMAND_LINE, note="可以")) == "not_eligible"
    applying.correct(short, by=COMMAND_LINE, years=4)
    assert checking.accept(short, by=COMMAND_LINE).eligible
    assert refused_code(lambda: checking.accept(short, by=COMMAND_LINE)) == "wrong_state"
    second = an_application(a_batch(filing, level=2), accepted=False)
    assert refused_code(lambda: checking.accept(second, by=COMMAND_LINE)) == "reason_missing"
    accepted = checking.accept(second, by=COMMAND_LINE, note="对照标准原文第 3 项")
    assert (accepted.state, accepted.eligible) == ("accepted", False)


def test_accepting_asks_the_register_again(jiyuan: SimpleNamespace) -> None:
    batch, person = a_batch(a_filing(jiyuan.kejing), level=3), a_person(jiyuan.kejing)
    certificate = register_certificate(person, by=COMMAND_LINE, **FOURTH)
    application = an_application(batch, person, accepted=False)
    assert application.eligible
    void_certificate(certificate, by=COMMAND_LINE, reason="查实造假", on=timezone.localdate())
    assert refused_code(lambda: checking.accept(application, by=COMMAND_LINE)) == "not_eligible"


def test_sending_back_and_rejecting_say_why_and_tell_the_applicant(jiyuan: SimpleNamespace) -> None:
    batch, person = a_batch(a_filing(jiyuan.kejing)), a_person(jiyuan.kejing)
    reader = a_user("本人", "coordinator", organisation=an_organisation(jiyuan.kejing), person=person)
    application = an_application(batch, person, accepted=False)
    assert refused_code(lambda: checking.send_back(application, by=COMMAND_LINE, note=" ")) == "reason_missing"
    assert refused_code(lambda: checking.accept(application, by=reader)) == "not_allowed"
    checking.send_back(application, by=COMMAND_LINE, note="缺工作证明")
    applying.correct(application, by=reader, years=12)
    checking.reject(application, by=COMMAND_LINE, note="证明是假的")
    assert list(Notice.objects.filter(user=reader).order_by("id").values_list("body", flat=True)) == ["缺工作证明", "证明是假的"]
    assert refused_code(lambda: applying.correct(application, by=reader, years=12)) == "wrong_state"


def test_nobody_checks_the_own_application(jiyuan: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing)
    person = a_person(jiyuan.kejing)
    agent = a_user("机构经办", "assessment_body", organisation=filing.organisation, person=person)
    application = an_application(a_batch(filing), person, accepted=False)
    assert refused_code(lambda: checking.accept(application, by=agent)) == "own_application"


def test_evidence_is_sealed_and_opens_with_a_read_entry(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing)
    application = an_application(a_batch(filing), accepted=False)
    evidence = applying.attach(application, by=cast.officer, kind="work", upload=ContentFile(PDF, name="证明.pdf"))
    body = a_user("机构经办", "assessment_body", organisation=filing.organisation)
    for by in (cast.officer, body, cast.auditor):
        with applying.open_evidence(evidence, by=by).open() as file:
            assert file.read() == PDF
    for by in (cast.other, cast.leader, a_user("别的机构", "assessment_body", organisation=a_filing(jiyuan.kejing).organisation)):
        assert refused_code(lambda by=by: applying.open_evidence(evidence, by=by)) == "not_allowed"
    assert Entry.objects.filter(act="evaluation.open_evidence").count() == 3
    assert refused_code(lambda: applying.attach(application, by=cast.officer, kind="x", upload=ContentFile(PDF, name="a.pdf"))) == "kind"
    with pytest.raises(Refused):
        applying.attach(application, by=cast.officer, kind="work", upload=ContentFile(b"MZ", name="a.exe"))
    assert Evidence.objects.count() == 1


def test_lists_show_what_one_may_see(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing)
    batch, coordinator = a_batch(filing), a_coordinator(jiyuan.kejing)
    application, _ = an_application(batch, coordinator.person), an_application(batch)
    employer = coordinator.postings.get().organisation
    counts = {
        "officer": cast.officer,
        "other": cast.other,
        "body": a_user("机构", "assessment_body", organisation=filing.organisation),
        "scorer": a_user("录分", "scorer", organisation=filing.organisation),
        "rival": a_user("别家", "assessment_body", organisation=a_filing(jiyuan.kejing).organisation),
        "own": a_user("本人", "coordinator", organisation=employer, person=coordinator.person),
        "agent": a_user("单位", "agent", organisation=employer),
        "nobody": cast.nobody,
    }
    seen = {name: Application.objects.visible_to(user).count() for name, user in counts.items()}
    assert seen == {"officer": 2, "other": 0, "body": 2, "scorer": 2, "rival": 0, "own": 1, "agent": 1, "nobody": 0}
    assert Application.objects.visible_to(counts["own"]).get() == application


def test_a_passed_part_is_kept_for_a_time_and_not_taken_again(jiyuan: SimpleNamespace) -> None:
    filing, person = a_filing(jiyuan.kejing), a_person(jiyuan.kejing)
    first = a_batch(filing)
    an_application(first, person)
    examined(first)
    candidate = Candidate.objects.get(batch=first)
    for part, value in (("theory", "75"), ("practice", "40")):
        for turn, by in ((1, FIRST), (2, SECOND)):
            scoring.enter_scores(first, part, turn, {candidate.pk: Decimal(value)}, by=by)
    batch = scoring.settle(first, by=THIRD)
    assert kept.of(person, 4, timezone.localdate()) == {}, "nothing is kept before it was published"
    batch = publishing.publish_results(batch, by=COMMAND_LINE)
    assert {part: float(row.value) for part, row in kept.of(person, 4, timezone.localdate()).items()} == {"theory": 75.0}
    again = an_application(a_batch(filing), person)
    assert (again.takes_theory, again.takes_practice) == (False, True)
    assert kept.of(person, 4, batch.exam_on.replace(year=batch.exam_on.year + 2) + timedelta(days=1)) == {}
    assert kept.of(person, 3, timezone.localdate()) == {}
    pass_days(batch, 60)
    past_notice(again.batch)
    outcome = Candidate.objects.get(application=again)
    assert (outcome.passed, outcome.outcome["facts"]["理论知识"], outcome.outcome["facts"]["技能操作"]) == (True, 75.0, 80.0)
    assert outcome.parts.get(part="theory").kept_from.candidate == candidate
