"""A selection from the call to the roll: nominators, officers, five reviewers, three parties and the public, each on the own page.

Between the steps the days pass, for notices count working days.
"""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse
from test_year import Days, Desk, days  # noqa: F401 - a fixture

from tongxing.audit.log import COMMAND_LINE
from tongxing.honours.models import Assignment, Honour, Nomination, Pack, Panel, Reviewer, Selection
from tongxing.honours.tests.world import a_member, a_society, certify
from tongxing.registry.tests.people_factories import a_coordinator, an_organisation
from tongxing.targets.base_data import load
from tongxing.targets.figures import figure
from tongxing.workdays.calendar import add_working_days

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PARTIES = ("government", "union", "federation", "expert", "expert")
GOOD = (92, 88, 85, 70)


@pytest.fixture
def office(jiyuan: SimpleNamespace) -> SimpleNamespace:
    """The bureau, a township, a union, an employer, a social organisation, five with the post of a reviewer."""
    load(COMMAND_LINE)
    firm, society = an_organisation(jiyuan.kejing), a_society(jiyuan.kejing)
    alone = a_coordinator(jiyuan.kejing, organisation=an_organisation(jiyuan.kejing))
    certify(alone)
    desks = {role: Desk(role, jiyuan) for role in ("officer", "township", "union", "leader")}
    return SimpleNamespace(
        jiyuan=jiyuan,
        society=society,
        people=[a_member(firm).person, a_member(firm).person, a_member(an_organisation(jiyuan.kejing)).person, alone.person],
        agent=Desk("agent", jiyuan, organisation=firm),
        own=Desk("coordinator", jiyuan, organisation=firm, person=alone.person),
        reviewers=[Desk("reviewer", jiyuan) for _ in PARTIES],
        **desks,
    )


def done(office: SimpleNamespace, days: Days) -> None:  # noqa: F811 - the clock of the fixture
    office.officer.does("honours:selection-done", Selection.objects.get().uid, done_on=days.today, remark="")


def nominated(office: SimpleNamespace) -> None:
    """By the township, the union, the employer and the person; the society by the officers."""
    row = Selection.objects.get()
    first, second, third, alone = office.people
    office.township.does("honours:person-nominate", first.uid, selection=row.pk, reason="")
    office.union.does("honours:person-nominate", third.uid, selection=row.pk, reason="")
    office.agent.does("honours:mine-new", selection=row.pk, subject=f"person:{second.uid}")
    office.own.does("honours:mine-new", selection=row.pk, subject=f"person:{alone.uid}")
    office.officer.does("honours:organisation-nominate", office.society.uid, selection=row.pk, reason="")
    desks = {first.pk: office.township, third.pk: office.union, second.pk: office.agent, alone.pk: office.own, None: office.officer}
    for one in Nomination.objects.order_by("pk"):
        desk = desks[one.person_id]
        deed = "notice:A1.3.1" if one.person_id else "notice:A2.3.1"
        desk.does("honours:nomination-edit", one.uid, deeds=[deed], summary="一年调解 40 件。", story="逐企走访，先行调解。")
        kind, source = ("certificate", None) if one.person_id else ("service", None)
        source = _first(desk.sees("honours:dossier", one.uid), kind)
        desk.does("honours:dossier", one.uid, **{"tick": f"{kind}:{source}", f"clause:{kind}:{source}": deed})
        desk.does("honours:nomination-submit", one.uid)


def _first(page: str, kind: str) -> str:
    """The first record of a kind that the page offers to tick."""
    return page.partition(f'name="tick" value="{kind}:')[2].partition('"')[0]


def checked(office: SimpleNamespace, days: Days) -> None:  # noqa: F811
    for one in Nomination.objects.filter(state="submitted"):
        opinion = {"origin": "employer", "body": "所在单位", "agrees": "1", "text": "同意。", "given_on": days.today}
        office.officer.does("honours:opinion-new", one.uid, **opinion)
    office.officer.does("honours:nomination-return", Nomination.objects.get(person=office.people[3]).uid, reason="补台账")
    office.own.does("honours:nomination-submit", Nomination.objects.get(person=office.people[3]).uid)
    done(office, days)
    for one in Nomination.objects.filter(state="submitted"):
        visit = {"visited_on": days.today, "place": "企业", "visitors": "甲、乙", "met": "", "findings": "属实", "confirmed": "1"}
        office.officer.does("honours:visit-new", one.uid, **visit)
        office.officer.does("honours:nomination-accept", one.uid, reason="")
    done(office, days)


def reviewed(office: SimpleNamespace) -> None:
    """Five declare, the draw is made, all score, one of them steps back from a nominee."""
    row = Selection.objects.get()
    for desk, party in zip(office.reviewers, PARTIES, strict=True):
        office.officer.does("honours:reviewer-new", row.uid, user=desk.user.pk, party=party, organisation="")
        desk.does("honours:declaration", Reviewer.objects.get(user=desk.user).uid)
    for kind in ("person", "organisation"):
        office.officer.does(
            f"honours:criteria-{kind}", row.uid, title_1="成效", weight_1="60", guide_1="", title_2="示范", weight_2="40", guide_2=""
        )
        office.officer.does(f"honours:panel-new-{kind}", row.uid, each="3", mean="median", sight="never")
    back = Assignment.objects.select_related("reviewer").first()
    assert back is not None
    next(desk for desk in office.reviewers if desk.user.pk == back.reviewer.user_id).does("honours:score-recuse", back.uid, reason="同学")
    places = {person.pk: GOOD[place] for place, person in enumerate(office.people)}
    for desk in office.reviewers:
        for one in Assignment.objects.visible_to(desk.user).filter(state="given").select_related("nomination", "panel"):
            value = places.get(one.nomination.person_id, 90)
            criteria = one.panel.selection.criteria.filter(kind=one.panel.kind)
            desk.does("honours:score", one.uid, **{f"score_{each.pk}": value for each in criteria}, comment="", submit="1")
    for panel in Panel.objects.all():
        office.officer.does("honours:panel-close", panel.uid)


def decided(office: SimpleNamespace, days: Days) -> None:  # noqa: F811
    row = Selection.objects.get()
    there = {"name_1": "赵局", "party_1": "government", "name_2": "钱主席", "party_2": "union", "name_3": "孙会长", "party_3": "federation"}
    office.officer.does("honours:meeting-edit", row.uid, held_on=days.today, place="三楼", chair="赵局", minutes="", **there)
    votes: dict[str, object] = {}
    for one in Nomination.objects.filter(state="accepted"):
        taken = one.person_id != office.people[3].pk
        votes |= {f"agree_{one.pk}": 3 if taken else 0, f"against_{one.pk}": 0 if taken else 3, f"abstain_{one.pk}": 0}
        votes[f"choice_{one.pk}"] = "chosen" if taken else "passed_over"
    office.officer.does("honours:meeting-votes", row.uid, **votes)
    office.officer.does("honours:meeting-close", row.uid, reason="")


def published(office: SimpleNamespace, days: Days) -> None:  # noqa: F811
    """Somebody of the public objects to one name; it is looked into, and found wrong."""
    row = Selection.objects.get()
    office.officer.does("honours:notice-new", row.uid, title="推荐名单公示", text="", contact="0391-6633001")
    office.officer.does("honours:notice-publish", row.uid)
    notice, doubted = row.notices.get(), Nomination.objects.get(person=office.people[0])
    days.pass_until(add_working_days(days.today, 2))
    raised = {"reference": doubted.number, "text": "听说材料有出入", "name": "", "contact": ""}
    answer = Client().post(reverse("portal:selection-objection", args=[notice.uid]), raised)
    assert "已收到您的异议" in answer.content.decode()
    days.pass_until(notice.ends_on + timedelta(days=3))
    case = doubted.objections.get()
    office.officer.does("honours:objection", case.uid, upheld="no", finding="查阅台账", published="经查阅台账，材料属实。")
    assert "经查阅台账，材料属实。" in Client().get(reverse("portal:selection-notice", args=[notice.uid])).content.decode()
    days.pass_until(Nomination.objects.get(pk=doubted.pk).notice_until + timedelta(days=1))
    done(office, days)


def test_a_year_from_the_call_to_the_roll(office: SimpleNamespace, days: Days, jiyuan: SimpleNamespace) -> None:  # noqa: F811
    year = days.today.year
    plan = {"area": jiyuan.county.pk, "year": year, "title": "", "judged_on": days.today, "note": ""}
    office.officer.does("honours:selection-new", **plan)
    done(office, days)
    nominated(office)
    done(office, days)
    checked(office, days)
    reviewed(office)
    done(office, days)
    decided(office, days)
    done(office, days)
    published(office, days)
    row = Selection.objects.get()
    office.officer.does("honours:pack-new", row.uid, reason="")
    done(office, days)
    office.officer.does("honours:pack-send", Pack.objects.get().uid, sent_on=days.today, sent_how="政务邮箱")
    office.officer.does("honours:pack-receipt", Pack.objects.get().uid, received_on=days.today, receipt="12 号")
    gold = Nomination.objects.get(person=office.people[0])
    office.officer.does("honours:answer", gold.uid, gold="yes", awarded_on=days.today, document="9 号")
    done(office, days)
    assert Selection.objects.get().state == "done"
    assert [figure(jiyuan.county.code, key, days.today).done for key in ("models", "model_organisations")] == [3, 1]
    roll = Client().get(reverse("portal:honours-roll")).content.decode()
    assert all(person.name in roll for person in office.people[:3])
    assert office.people[3].name not in roll
    assert Honour.objects.filter(level="gold").get().person_id == gold.person_id
    assert "未入选（1）" in office.leader.sees("honours:packs", row.uid)
