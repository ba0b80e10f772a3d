"""Assessment bodies: what lies outside the scope is refused with the reason; validity, sites, staff, merging."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.certificates.bodies import file_body
from tongxing.certificates.merging import merge_with_certificates
from tongxing.core.errors import Refused
from tongxing.evaluation import bodies, planning, staffing, suspending
from tongxing.evaluation.models import Assessor, Entitlement, Site
from tongxing.registry.organisation_merging import merge_organisations
from tongxing.registry.tests.people_factories import a_person, an_organisation

from .world import SINCE, a_batch, a_filing, a_site, a_user, an_application, an_assessor, plan, refused_code

TODAY = timezone.localdate


def test_a_batch_outside_the_scope_is_refused_with_the_reason(jiyuan: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing, levels=(4,))
    with pytest.raises(Refused, match="不含三级/劳动关系协调员") as refused:
        planning.plan_batch(filing, by=COMMAND_LINE, **plan(filing, level=3))
    assert (refused.value.code, refused.value.clause) == ("out_of_scope", "notice:3.1.4")
    with pytest.raises(Refused, match="择优选定"):
        planning.plan_batch(filing, by=COMMAND_LINE, **plan(filing, level=1))
    assert planning.plan_batch(filing, by=COMMAND_LINE, **plan(filing)).state == "planned"


def test_the_scope_holds_from_a_day_to_a_day_both_included(jiyuan: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing, levels=())
    bodies.entitle(filing, by=COMMAND_LINE, level=4, since=date(2024, 1, 1), until=date(2024, 12, 31))
    asked = {
        day: bool(bodies.may_evaluate(filing, 4, day))
        for day in (date(2023, 12, 31), date(2024, 1, 1), date(2024, 12, 31), date(2025, 1, 1))
    }
    assert list(asked.values()) == [False, True, True, False]
    filing.until = date(2024, 6, 30)
    filing.save()
    answer = bodies.may_evaluate(filing, 4, date(2024, 7, 1))
    assert (bool(answer), "到期" in answer.reasons[0]) == (False, True)


def test_level_one_asks_for_the_document_that_chose_the_body(jiyuan: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing, levels=())
    assert refused_code(lambda: bodies.entitle(filing, by=COMMAND_LINE, level=1, since=SINCE)) == "document_missing"
    bodies.entitle(filing, by=COMMAND_LINE, level=1, since=SINCE, document="豫人社〔2023〕9号")
    assert bodies.may_evaluate(filing, 1, TODAY())
    assert refused_code(lambda: bodies.entitle(filing, by=COMMAND_LINE, level=1, since=TODAY(), document="又一份")) == "overlap"


def test_a_scope_is_not_ended_under_batches_that_wait(jiyuan: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing)
    batch, row = a_batch(filing), Entitlement.objects.get(filing=filing, level=4)
    assert refused_code(lambda: bodies.end_entitlement(row, by=COMMAND_LINE, on=TODAY(), reason="不再续期")) == "batches_open"
    planning.cancel(batch, by=COMMAND_LINE, reason="人数不足")
    assert refused_code(lambda: bodies.end_entitlement(row, by=COMMAND_LINE, on=TODAY(), reason=" ")) == "reason_missing"
    bodies.end_entitlement(row, by=COMMAND_LINE, on=TODAY(), reason="不再续期")
    assert refused_code(lambda: planning.plan_batch(filing, by=COMMAND_LINE, **plan(filing))) == "out_of_scope"
    assert Entry.objects.get(act="evaluation.end_entitlement").after["until"] == TODAY().isoformat()


def test_only_the_bureau_of_the_area_keeps_bodies(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing, levels=())
    agent = a_user("机构经办", "assessment_body", organisation=filing.organisation)
    assert refused_code(lambda: bodies.entitle(filing, by=agent, level=4, since=SINCE)) == "not_allowed"
    assert refused_code(lambda: bodies.entitle(filing, by=cast.other, level=4, since=SINCE)) == "not_allowed"
    assert bodies.entitle(filing, by=cast.officer, level=4, since=SINCE).level == 4


def test_a_suspended_body_plans_and_announces_nothing_until_it_is_lifted(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing)
    planned = planning.plan_batch(filing, by=COMMAND_LINE, **plan(filing))
    until = TODAY() + timedelta(days=20)
    row = suspending.suspend(filing.organisation, by=COMMAND_LINE, level=4, since=TODAY(), until=until, document="试人社督〔2026〕1号")
    assert planned.exam_on > until, "an examination after the suspension does not let a new batch in"
    assert refused_code(lambda: planning.plan_batch(filing, by=COMMAND_LINE, **plan(filing))) == "suspended"
    assert refused_code(lambda: planning.announce(planned, by=COMMAND_LINE)) == "suspended"
    assert planning.plan_batch(filing, by=COMMAND_LINE, **plan(filing, level=3)).level == 3
    assert not bodies.may_evaluate(filing, 4, until)
    assert bodies.may_evaluate(filing, 4, until + timedelta(days=1))
    assert refused_code(lambda: suspending.lift_suspension(row, by=cast.township, reason="整改合格")) == "not_allowed"
    suspending.lift_suspension(row, by=COMMAND_LINE, reason="整改已复查合格")
    assert planning.announce(planned, by=COMMAND_LINE).state == "announced"
    assert refused_code(lambda: suspending.lift_suspension(row, by=COMMAND_LINE, reason="再来")) == "already_ended"


def test_sites_belong_to_one_body_and_have_room(jiyuan: SimpleNamespace) -> None:
    filing, other = a_filing(jiyuan.kejing), a_filing(jiyuan.kejing)
    site = a_site(filing.organisation, capacity=20)
    assert refused_code(lambda: planning.plan_batch(filing, by=COMMAND_LINE, **plan(filing, site=site, capacity=21))) == "capacity"
    assert refused_code(lambda: planning.plan_batch(other, by=COMMAND_LINE, **plan(other, site=site, capacity=20))) == "other_site"
    assert refused_code(lambda: a_site(filing.organisation, name=site.name)) == "site_exists"
    batch = a_batch(filing, site=site, capacity=20)
    assert refused_code(lambda: bodies.close_site(site, by=COMMAND_LINE, on=TODAY(), reason="搬迁")) == "batches_open"
    planning.cancel(batch, by=COMMAND_LINE, reason="改期")
    site = bodies.close_site(site, by=COMMAND_LINE, on=TODAY(), reason="搬迁")
    assert refused_code(lambda: planning.plan_batch(filing, by=COMMAND_LINE, **plan(filing, site=site, capacity=2))) == "site_closed"


def test_an_assessor_fits_level_kind_and_day(jiyuan: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing)
    batch, body = a_batch(filing, level=3), filing.organisation
    low, moderator = an_assessor(body, level=4), an_assessor(body, kind="moderator")
    assert refused_code(lambda: staffing.assign_duty(batch, low, by=COMMAND_LINE, kind="assessor")) == "wrong_level"
    assert refused_code(lambda: staffing.assign_duty(batch, moderator, by=COMMAND_LINE, kind="chief")) == "wrong_level"
    assert refused_code(lambda: staffing.assign_duty(batch, low, by=COMMAND_LINE, kind="moderator")) == "wrong_kind"
    gone = an_assessor(body, until=TODAY())
    assert refused_code(lambda: staffing.assign_duty(batch, gone, by=COMMAND_LINE, kind="assessor")) == "not_appointed"
    stranger = an_assessor(a_filing(jiyuan.kejing).organisation)
    assert refused_code(lambda: staffing.assign_duty(batch, stranger, by=COMMAND_LINE, kind="assessor")) == "other_body"
    fit = an_assessor(body)
    staffing.assign_duty(batch, fit, by=COMMAND_LINE, kind="assessor")
    assert refused_code(lambda: staffing.assign_duty(batch, fit, by=COMMAND_LINE, kind="assessor")) == "duty_exists"
    staffing.assign_duty(batch, low, by=COMMAND_LINE, kind="invigilator")


def test_nobody_is_at_two_sites_on_one_day_even_for_two_bodies(jiyuan: SimpleNamespace) -> None:
    here, there = a_filing(jiyuan.kejing), a_filing(jiyuan.qinyuan)
    person = a_person(jiyuan.kejing)
    first, second = an_assessor(here.organisation, person), an_assessor(there.organisation, person)
    batch, same_day = a_batch(here), a_batch(there)
    staffing.assign_duty(batch, first, by=COMMAND_LINE, kind="assessor")
    with pytest.raises(Refused, match="一人一天只能在一个考点") as refused:
        staffing.assign_duty(same_day, second, by=COMMAND_LINE, kind="assessor")
    assert refused.value.code == "two_sites"
    beside = a_batch(here, site=batch.site, title="同一考点另一场")
    staffing.assign_duty(beside, first, by=COMMAND_LINE, kind="assessor")
    later = a_batch(there, exam_on=batch.exam_on + timedelta(days=1))
    staffing.assign_duty(later, second, by=COMMAND_LINE, kind="assessor")
    for one in (batch, beside):
        planning.cancel(one, by=COMMAND_LINE, reason="停电")
    staffing.assign_duty(same_day, second, by=COMMAND_LINE, kind="assessor")


def test_a_candidate_does_not_examine_himself(jiyuan: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing)
    batch, person = a_batch(filing), a_person(jiyuan.kejing)
    an_application(batch, person)
    assessor = an_assessor(filing.organisation, person)
    assert refused_code(lambda: staffing.assign_duty(batch, assessor, by=COMMAND_LINE, kind="assessor")) == "is_candidate"


def test_shortfalls_count_rooms_candidates_and_odd_numbers(jiyuan: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing, levels=(2, 4))
    batch = a_batch(filing)
    assert len(staffing.shortfalls(batch, 31)) == 3
    for kind in ("assessor",) * 4 + ("invigilator",) * 3:
        staffing.assign_duty(batch, an_assessor(filing.organisation), by=COMMAND_LINE, kind=kind)
    staffing.assign_duty(batch, an_assessor(filing.organisation, kind="moderator"), by=COMMAND_LINE, kind="moderator")
    assert staffing.shortfalls(batch, 31) == ["考评员 4 人，通常取单数"]
    assert any("综合评审委员" in line for line in staffing.shortfalls(a_batch(filing, level=2), 1))


def test_sites_and_staff_follow_a_merge_of_bodies(jiyuan: SimpleNamespace) -> None:
    keep, drop = a_filing(jiyuan.kejing).organisation, a_filing(jiyuan.kejing).organisation
    person = a_person(jiyuan.kejing)
    a_site(keep, name="一号楼"), a_site(drop, name="一号楼"), an_assessor(keep, person), an_assessor(drop, person)
    merge_organisations(keep, drop, by=COMMAND_LINE, reason="同一家")
    assert Site.objects.filter(organisation=keep).count() == 2
    assert Assessor.objects.filter(organisation=keep, until=None).count() == 1
    assert Assessor.objects.filter(organisation=drop).exists() is False


def test_a_body_that_is_none_has_no_filing(jiyuan: SimpleNamespace) -> None:
    assert refused_code(lambda: file_body(an_organisation(jiyuan.kejing), by=COMMAND_LINE, number="S000041099999")) == "not_a_body"


def test_assessors_follow_a_merged_person(jiyuan: SimpleNamespace) -> None:
    body = a_filing(jiyuan.kejing).organisation
    keep, drop = a_person(jiyuan.kejing), a_person(jiyuan.kejing)
    both, alone = [an_assessor(body, person) for person in (keep, drop)], an_assessor(body, drop, kind="moderator")
    merge_with_certificates(keep, drop, by=COMMAND_LINE, reason="同一人")
    rows = {row.pk: (row.person_id, row.until is None) for row in Assessor.objects.all()}
    assert rows == {both[0].pk: (keep.pk, True), both[1].pk: (keep.pk, False), alone.pk: (keep.pk, True)}
