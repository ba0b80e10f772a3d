"""Findings from the order to the close, and sanctions from the proposal to the lifting."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile

from tongxing.audit.log import COMMAND_LINE
from tongxing.evaluation import planning
from tongxing.evaluation.tests.world import a_user, plan, refused_code
from tongxing.files.models import StoredFile
from tongxing.notices.models import Notice
from tongxing.registry.tests.people_factories import PDF, a_person, an_organisation
from tongxing.supervision import inspecting, merging, rectifying, sanctioning
from tongxing.supervision.models import Finding, Sanction
from tongxing.training.tests.world import a_class, a_provider
from tongxing.workdays.calendar import add_working_days

from .world import a_batch_of, a_finding, agent_of, an_inspector, answered, fresh, heard, overdue, proposed, today


def test_the_deadline_counts_working_days_by_severity(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    finding = a_finding(jiyuan.county)
    assert (finding.severity, finding.due_on) == ("minor", add_working_days(today(), 15))
    rectifying.regrade(finding, by=cast.officer, severity="grave", reason="签到表系伪造")
    finding.refresh_from_db()
    assert finding.due_on == add_working_days(today(), 5)


def test_the_body_answers_with_evidence_and_somebody_else_looks_again(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    finding = a_finding(jiyuan.county)
    agent = agent_of(finding.organisation)
    assert refused_code(lambda: rectifying.answer(finding, by=cast.officer, text="改了")) == "not_allowed"
    assert refused_code(lambda: rectifying.recheck(finding, by=cast.officer, passed=True, text="好")) == "wrong_state"
    rectifying.answer(finding, by=agent, text="已补签", files=[ContentFile(PDF, name="a.pdf")])
    step = finding.steps.get()
    assert StoredFile.objects.visible_to(cast.officer).filter(pk__in=step.files).exists()
    assert not StoredFile.objects.visible_to(cast.other).filter(pk__in=step.files).exists()
    assert refused_code(lambda: rectifying.recheck(finding, by=agent, passed=True, text="好")) == "not_allowed"
    row = rectifying.recheck(finding, by=cast.officer, passed=False, text="仍有两人没有签名")
    assert (row.state, row.failed, row.due_on) == ("ordered", 1, add_working_days(today(), 5))
    rectifying.answer(finding, by=agent, text="全部补签")
    row = rectifying.recheck(finding, by=cast.officer, passed=True, text="抽看十份，齐全")
    assert (row.state, row.closed_on) == ("closed", today())
    assert [one.what for one in row.steps.all()] == ["整改答复", "复查不合格", "整改答复", "复查合格"]


def test_a_deadline_is_extended_once_within_bounds(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    finding = a_finding(jiyuan.county)
    latest = add_working_days(finding.due_on, 10)
    for until, code in ((finding.due_on, "bad_day"), (latest + timedelta(days=1), "bad_day")):
        assert refused_code(lambda until=until: rectifying.extend(finding, by=cast.officer, until=until, reason="装修")) == code
    assert refused_code(lambda: rectifying.extend(finding, by=cast.officer, until=latest, reason="")) == "reason_missing"
    rectifying.extend(finding, by=cast.officer, until=latest, reason="监控设备在途")
    assert refused_code(lambda: rectifying.extend(finding, by=cast.officer, until=latest, reason="再延")) == "extended"


def test_overdue_ones_are_told_once_until_there_is_a_new_deadline(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    finding = a_finding(jiyuan.county)
    agent = agent_of(finding.organisation)
    assert rectifying.tell_overdue() == 0
    overdue(finding)
    Notice.objects.all().delete()
    assert (rectifying.tell_overdue(), rectifying.tell_overdue()) == (1, 0)
    assert set(Notice.objects.values_list("user__name", flat=True)) == {agent.name, cast.officer.name}
    assert "逾期" in Notice.objects.get(user=agent).title
    rectifying.answer(finding, by=agent, text="迟了，已改")
    assert finding.steps.get().what == "逾期答复"


def test_findings_are_their_areas_and_their_bodys(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    finding = a_finding(jiyuan.county)
    agent, stranger = agent_of(finding.organisation), a_user("别家", "assessment_body", organisation=a_provider(jiyuan.county).organisation)
    seen = {user.name: Finding.objects.visible_to(user).exists() for user in (cast.officer, cast.other, agent, stranger)}
    assert list(seen.values()) == [True, False, True, False]
    assert rectifying.withdraw(finding, by=cast.officer, reason="现场看错").state == "withdrawn"
    assert refused_code(lambda: proposed(finding)) == "withdrawn"


def test_a_sanction_is_told_answered_and_decided_by_somebody_else(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    finding = a_finding(jiyuan.county)
    agent = agent_of(finding.organisation)
    row = proposed(finding, by=cast.officer)
    assert (row.source_confirmed, "河南省" in row.source) == (False, True)
    assert not Sanction.objects.visible_to(agent).exists()
    assert refused_code(lambda: sanctioning.decide(row, by=cast.leader, document="1号")) == "wrong_state"
    row = sanctioning.notify(row, by=cast.officer)
    assert row.answer_until == add_working_days(today(), 5)
    assert Sanction.objects.visible_to(agent).exists()
    assert refused_code(lambda: sanctioning.waive(row, by=cast.officer)) == "too_early"
    assert refused_code(lambda: sanctioning.decide(row, by=cast.leader, document="1号")) == "wrong_state"
    row = sanctioning.state(row, by=agent, text="当天停电，事后已补签")
    assert refused_code(lambda: sanctioning.decide(row, by=cast.officer, document="1号")) == "not_allowed"
    row = sanctioning.decide(row, by=cast.leader, document="试人社督决〔2026〕1号")
    assert (row.state, row.suspension, [step.what for step in row.steps.all()]) == (
        "decided",
        None,
        ["告知机构", "提交陈述申辩", "作出决定"],
    )
    assert refused_code(lambda: sanctioning.lift(row, by=cast.leader, reason="改好了")) == "nothing_to_lift"


def test_who_inspected_or_proposed_does_not_decide(jiyuan: SimpleNamespace) -> None:
    finding = a_finding(jiyuan.county)
    assert finding.visit
    inspector = finding.visit.inspectors.select_related("inspector__user")[0].inspector.user
    leader = a_user("兼领导", "leader", area=jiyuan.county)
    inspector.grants.create(role="leader", area=jiyuan.county, since=today(), granted_by="测试")
    row = heard(proposed(finding))
    assert refused_code(lambda: sanctioning.decide(row, by=fresh(inspector), document="1号")) == "not_allowed"
    Sanction.objects.update(proposed_by_id=leader.pk)
    assert refused_code(lambda: sanctioning.decide(row, by=leader, document="1号")) == "not_allowed"


def test_a_hearing_is_asked_for_in_time_and_held(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    finding = a_finding(jiyuan.county)
    agent = agent_of(finding.organisation)
    row = sanctioning.notify(proposed(finding), by=COMMAND_LINE)
    Sanction.objects.update(answer_until=today() - timedelta(days=1))
    assert refused_code(lambda: sanctioning.ask_hearing(row, by=agent, text="要求听证")) == "too_late"
    Sanction.objects.update(answer_until=today())
    row = sanctioning.ask_hearing(row, by=agent, text="要求听证")
    assert refused_code(lambda: sanctioning.decide(row, by=cast.leader, document="1号")) == "wrong_state"
    row = sanctioning.hear(row, by=cast.officer, text="双方到场，各自陈述")
    assert sanctioning.drop(row, by=cast.leader, reason="情节轻微，已改正").state == "dropped"


def test_a_suspension_stops_new_batches_and_is_lifted_by_an_act(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    finding = a_finding(jiyuan.county)
    filing = a_batch_of(finding.organisation).filing
    row = sanctioning.decide(heard(proposed(finding, kind="suspension", days=90)), by=cast.leader, document="试人社督决〔2026〕2号")
    assert row.suspension
    assert row.suspension.until == today() + timedelta(days=89)
    assert refused_code(lambda: planning.plan_batch(filing, by=COMMAND_LINE, **plan(filing))) == "suspended"
    assert refused_code(lambda: sanctioning.lift(row, by=cast.officer, reason="改好了")) == "not_allowed"
    assert sanctioning.lift(row, by=cast.leader, reason="整改已复查合格").state == "lifted"
    assert planning.plan_batch(filing, by=COMMAND_LINE, **plan(filing)).state == "planned"


def test_a_suspended_provider_files_no_class_until_a_leader_lifts_it(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    provider = a_provider(jiyuan.county)
    finding = rectifying.raise_finding(
        provider.organisation, by=COMMAND_LINE, text="代签", severity="serious", visit=a_finding(jiyuan.county).visit
    )
    row = heard(proposed(finding, kind="training", facts="两期培训班代签到", days=30))
    row = sanctioning.decide(row, by=cast.leader, document="试人社督决〔2026〕3号")
    held = row.training_suspension
    assert held
    assert (row.suspension, held.until, held.reason) == (None, today() + timedelta(days=29), "两期培训班代签到")
    assert refused_code(lambda: a_class(jiyuan.county, provider=provider)) == "suspended"
    assert refused_code(lambda: sanctioning.lift(row, by=cast.officer, reason="改好了")) == "not_allowed"
    assert sanctioning.lift(row, by=cast.leader, reason="整改已复查合格").state == "lifted"
    assert a_class(jiyuan.county, provider=provider).state == "draft"


def test_a_sanction_rests_on_findings_of_one_body_that_can_bear_it(jiyuan: SimpleNamespace) -> None:
    first, second = a_finding(jiyuan.county), a_finding(jiyuan.county)
    facts = {"by": COMMAND_LINE, "kind": "warning", "facts": "事实"}
    assert refused_code(lambda: sanctioning.propose([first, second], **facts)) == "findings"
    school = a_provider(jiyuan.county).organisation
    other = rectifying.raise_finding(school, by=COMMAND_LINE, text="代签", severity="minor", visit=first.visit)
    assert refused_code(lambda: sanctioning.propose([other], **{**facts, "kind": "suspension"})) == "not_a_body"
    assert refused_code(lambda: sanctioning.propose([first], **{**facts, "kind": "training"})) == "not_a_provider"
    with pytest.raises(ValueError, match="other"):
        sanctioning.propose([first], **{**facts, "kind": "other"})


def test_a_grave_finding_is_answered_and_closed_by_its_inspector(jiyuan: SimpleNamespace) -> None:
    finding = answered(a_finding(jiyuan.county))
    assert finding.visit
    inspector = finding.visit.inspectors.select_related("inspector__user")[0].inspector.user
    assert rectifying.recheck(finding, by=fresh(inspector), passed=True, text="到场看过").state == "closed"


def test_records_follow_a_merge(jiyuan: SimpleNamespace) -> None:
    finding = a_finding(jiyuan.county)
    keep, drop = an_organisation(jiyuan.county, kind="assessment"), finding.organisation
    who = an_inspector(jiyuan.county, person=a_person(jiyuan.county))
    inspecting.declare(who, drop, by=COMMAND_LINE, reason="亲属")
    moved = merging.follow_merge(keep, drop, by=COMMAND_LINE)
    assert (moved["visit"], moved["finding"], moved["interest"]) == (1, 1, 1)
    other = a_person(jiyuan.county)
    assert who.person
    assert merging.follow_person_merge(other, who.person, by=COMMAND_LINE) == 1
    who.refresh_from_db()
    assert (who.person, who.interests.get().organisation) == (other, keep)
