"""Plans and draws: what is frozen and promised, drawn once, published, done again by anybody; interests; redraws with a reason."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.core.drawing import digest
from tongxing.evaluation.tests.world import a_user, an_assessor, refused_code
from tongxing.notices.models import Notice
from tongxing.registry.tests.people_factories import a_coordinator, a_person
from tongxing.supervision import drawing, inspecting, interests, lottery, planning, visiting
from tongxing.supervision.models import Draw, Plan, PooledInspector, Visit
from tongxing.supervision.pooling import pool_of
from tongxing.training.tests.world import running_class

from .world import BEACON, a_body, a_finding, a_plan, a_scene, an_inspector, announced, drawn, facts_of, later, overdue, today


def test_announcing_freezes_the_list_and_promises_a_secret_nobody_sees(jiyuan: SimpleNamespace) -> None:
    a_scene(jiyuan.county)
    draw = announced(jiyuan.county)
    assert draw.seed_digest == digest(draw.secret)
    assert draw.candidates_digest == digest(draw.candidates_text)
    assert draw.secret not in (draw.secret_sealed, *draw.candidates_text.split())
    a_body(jiyuan.county)
    an_inspector(jiyuan.county)
    assert len(lottery.parsed(Draw.objects.get().candidates_text).objects) == 2, "what comes later is not in the list"
    entry = Entry.objects.get(act="supervision.announce")
    assert draw.secret not in str(entry.after)
    assert entry.after["seed_digest"] == draw.seed_digest


def test_a_figure_that_may_be_known_already_is_refused(jiyuan: SimpleNamespace) -> None:
    a_scene(jiyuan.county)
    assert refused_code(lambda: announced(jiyuan.county, beacon_on=today())) == "beacon_known"
    assert refused_code(lambda: a_plan(jiyuan.county, beacon_on=today() + timedelta(days=3))) == "bad_day"


def test_a_plan_says_a_number_or_a_share_and_something_to_draw(jiyuan: SimpleNamespace) -> None:
    for facts, code in (
        ({"share": 10}, "quota"),
        ({"number": None}, "quota"),
        ({"takes_sites": False}, "nothing"),
        ({"per_visit": 1}, "too_few"),
        ({"note": "问 13800138000"}, "personal_data"),
        ({"period_until": today() - timedelta(days=90)}, "bad_day"),
    ):
        assert refused_code(lambda facts=facts: a_plan(jiyuan.county, **facts)) == code


def test_it_is_drawn_once_on_its_day_and_agrees_with_its_record(jiyuan: SimpleNamespace) -> None:
    scene = a_scene(jiyuan.county)
    plan = announced(jiyuan.county).plan
    assert refused_code(lambda: drawing.draw(plan, by=COMMAND_LINE, beacon=BEACON)) == "too_early"
    with later(1):
        assert refused_code(lambda: drawing.draw(plan, by=COMMAND_LINE, beacon="还没有")) == "no_beacon"
        visits = drawing.draw(plan, by=COMMAND_LINE, beacon=BEACON)
        assert refused_code(lambda: drawing.draw(plan, by=COMMAND_LINE, beacon="01 02")) == "wrong_state"
    draw = Draw.objects.get()
    assert (drawing.verified(draw), draw.beacon) == ([], "05-09-12-17-21-33-04")
    visit = visits[0]
    assert visit.organisation in scene.bodies
    assert (visit.inspectors.count(), visit.items.count()) == (2, 27)
    assert Notice.objects.filter(url=drawing.visit_address(visit)).count() == 2
    Draw.objects.update(result=[])
    assert drawing.verified(Draw.objects.get()) == ["按公布的种子和公开数字重算，结果与公布的不同。"]


def test_the_public_record_holds_seed_and_result_only_when_published(jiyuan: SimpleNamespace) -> None:
    a_scene(jiyuan.county)
    visit = drawn(jiyuan.county)[0]
    draw = Draw.objects.get()
    assert not {"secret", "result"} & drawing.public_record(draw).keys()
    assert refused_code(lambda: drawing.publish(visit.plan, by=COMMAND_LINE)) == "visits_open"
    visiting.cancel_visit(visit, by=COMMAND_LINE, reason="考点已停用")
    drawing.publish(visit.plan, by=COMMAND_LINE)
    record = drawing.public_record(Draw.objects.get())
    assert lottery.faults(record) == []
    names = [row.inspector.user.name for row in PooledInspector.objects.select_related("inspector__user")]
    assert not any(name in str(record) for name in names)


def test_a_plan_is_published_by_itself_after_its_last_day(jiyuan: SimpleNamespace) -> None:
    a_scene(jiyuan.county)
    plan = drawn(jiyuan.county)[0].plan
    assert drawing.publish_due() == 0
    with later(30):
        assert (drawing.publish_due(), drawing.publish_due()) == (1, 0)
    plan.refresh_from_db()
    assert plan.state == "published"


def test_a_redraw_takes_a_reason_a_new_promise_and_no_visit_that_began(jiyuan: SimpleNamespace) -> None:
    a_scene(jiyuan.county)
    visit = drawn(jiyuan.county)[0]
    facts = {"beacon_on": today() + timedelta(days=2), "beacon_source": ""}
    assert refused_code(lambda: drawing.redraw(visit.plan, by=COMMAND_LINE, reason=" ", **facts)) == "reason_missing"
    with later(1):
        new = drawing.redraw(visit.plan, by=COMMAND_LINE, reason="开奖号码录错一位", **facts)
    old = Draw.objects.get(number=1)
    visit.refresh_from_db()
    assert (new.number, visit.state, old.void_reason) == (2, "cancelled", "开奖号码录错一位")
    assert new.seed_digest != old.seed_digest
    assert Entry.objects.get(act="supervision.redraw").reason == "开奖号码录错一位"
    with later(2):
        again = drawing.draw(new.plan, by=COMMAND_LINE, beacon=BEACON)[0]
        who = again.inspectors.select_related("inspector__user")[0].inspector.user
        visiting.begin(again, by=who)
        late = {"beacon_on": today() + timedelta(days=1), "beacon_source": ""}
        assert refused_code(lambda: drawing.redraw(new.plan, by=COMMAND_LINE, reason="再抽一次", **late)) == "begun"


def test_interests_are_found_in_every_register(jiyuan: SimpleNamespace) -> None:
    body, county = a_body(jiyuan.county), jiyuan.county
    employed, assessor = a_person(county), a_person(county)
    a_coordinator(county, person=employed, organisation=body)
    an_assessor(body, assessor)
    held = running_class(county).made
    school = held.provider.organisation
    free = an_inspector(county)
    people = {
        "在该机构任职或任过职": an_inspector(county, person=employed),
        "是或曾是该机构的考评人员": an_inspector(county, person=assessor),
        "所在单位就是该机构": an_inspector(county, organisation=body),
        "近亲属在该机构": an_inspector(county),
        "与该机构的培训教师同名": an_inspector(county, "张老师"),
    }
    inspecting.declare(people["近亲属在该机构"], body, by=people["近亲属在该机构"].user, reason="近亲属在该机构")
    found = interests.reasons_of([free, *people.values()], [body.pk, school.pk])
    assert {reason.text: pk for pk, reasons in found.items() for reason in reasons} == {text: one.pk for text, one in people.items()}


def test_an_interest_keeps_an_inspector_from_the_draw_and_from_added_visits(jiyuan: SimpleNamespace) -> None:
    body = a_body(jiyuan.county)
    first, second = an_inspector(jiyuan.county), an_inspector(jiyuan.county, organisation=body)
    assert refused_code(lambda: announced(jiyuan.county)) == "understaffed"
    facts = {"reason": "举报", "due_from": today(), "due_until": today()}
    assert refused_code(lambda: visiting.add_visit(body, [first, second], by=COMMAND_LINE, **facts)) == "interest"
    an_inspector(jiyuan.county)
    assert second.uid not in drawn(jiyuan.county)[0].inspectors.values_list("inspector__uid", flat=True)


def test_only_inspectors_of_all_days_and_of_the_place_may_go(jiyuan: SimpleNamespace) -> None:
    a_body(jiyuan.kejing)
    elsewhere, leaving, here = (
        an_inspector(jiyuan.qinyuan),
        an_inspector(jiyuan.county, until=today() + timedelta(days=5)),
        an_inspector(jiyuan.kejing),
    )
    pool = pool_of(a_plan(jiyuan.county))
    barred = {who.pk: bool(keys) for who, keys in pool.inspectors}
    assert (barred.get(elsewhere.pk), leaving.pk in barred, barred[here.pk]) == (True, False, False)


def test_classes_are_drawn_too_and_risk_gives_more_tickets(jiyuan: SimpleNamespace) -> None:
    finding = a_finding(jiyuan.county)
    running_class(jiyuan.county)
    overdue(finding)
    frozen = pool_of(a_plan(jiyuan.county, takes_classes=True, weighted=True)).frozen
    assert sorted((one.key.partition("-")[0], one.tickets) for one in frozen.objects) == [("class", 1), ("site", 2)]


def test_the_pool_asks_as_much_for_many_bodies_as_for_one(jiyuan: SimpleNamespace) -> None:
    a_scene(jiyuan.county, bodies=1, inspectors=2)
    plan = Plan.objects.get(pk=a_plan(jiyuan.county, weighted=True, takes_classes=True).pk)
    with CaptureQueriesContext(connection) as one:
        pool_of(plan)
    a_scene(jiyuan.county, bodies=2, inspectors=2)
    with CaptureQueriesContext(connection) as three:
        pool_of(plan)
    assert len(one) == len(three)


def test_plans_are_their_areas(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    plan = a_plan(jiyuan.county)
    assert list(Plan.objects.visible_to(cast.officer)) == [plan]
    assert not Plan.objects.visible_to(cast.other).exists()
    assert refused_code(lambda: planning.announce(plan, by=cast.other)) == "not_allowed"
    assert refused_code(lambda: planning.make_plan(jiyuan.county, by=cast.leader, **facts_of())) == "not_allowed"


def test_an_inspector_needs_the_role_and_is_entered_once(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    facts = {"area": jiyuan.county, "since": today()}
    assert refused_code(lambda: inspecting.appoint(cast.leader, by=cast.officer, **facts)) == "no_role"
    user = a_user("督导", "inspector", area=jiyuan.county)
    row = inspecting.appoint(user, by=cast.officer, **facts)
    assert refused_code(lambda: inspecting.appoint(user, by=cast.officer, **facts)) == "inspector_exists"
    inspecting.dismiss(row, by=cast.officer, on=today(), reason="轮岗")
    assert refused_code(lambda: inspecting.dismiss(row, by=cast.officer, on=today(), reason="轮岗")) == "bad_day"


def test_somebody_who_cannot_go_is_replaced_and_the_result_stays(jiyuan: SimpleNamespace) -> None:
    scene = a_scene(jiyuan.county)
    visit = drawn(jiyuan.county)[0]
    sent = visit.inspectors.select_related("inspector")[0]
    spare = next(one for one in scene.inspectors if not visit.inspectors.filter(inspector=one).exists())
    visiting.replace(visit, sent, spare, by=COMMAND_LINE, reason="住院")
    assert Visit.objects.get(pk=visit.pk).inspectors.filter(inspector=spare).exists()
    assert drawing.verified(Draw.objects.get()) == []


@pytest.mark.parametrize("state", ["draft", "announced"])
def test_a_plan_is_cancelled_before_its_draw(jiyuan: SimpleNamespace, state: str) -> None:
    a_scene(jiyuan.county)
    plan = a_plan(jiyuan.county) if state == "draft" else announced(jiyuan.county).plan
    assert planning.cancel_plan(plan, by=COMMAND_LINE, reason="并入下季度").state == "cancelled"
    assert refused_code(lambda: planning.announce(plan, by=COMMAND_LINE)) == "wrong_state"
