"""Acts on nominations: who may start one, each refusal, the number, the kept verdict, return, acceptance, refusal, withdrawal."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from tongxing.accounts.models import Grant, User
from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused
from tongxing.evaluation.tests.world import refused_code as refused
from tongxing.honours import keeping, nominating, selecting, visiting
from tongxing.honours.conditions import Answer
from tongxing.honours.models import Nomination, NominationState, Selection, Stage, Way
from tongxing.notices.models import Notice
from tongxing.policy.amending import add_version
from tongxing.registry.models import Organisation
from tongxing.registry.tests.people_factories import an_id, an_organisation

from .world import a_draft, a_member, a_nomination, a_selection, a_society, a_violation, an_award, an_opinion

pytestmark = pytest.mark.django_db
FACTS: dict[str, Any] = {"deeds": ["notice:A1.3.1"], "summary": "简要", "story": "经过"}


def stepped(selection: Selection, steps: int) -> Selection:
    for _ in range(steps):
        selection = selecting.complete_step(selection, by=COMMAND_LINE)
    return selection


def an_agent(organisation: Organisation, name: str = "for-them", role: str = "agent") -> User:
    user = User.objects.create_user(name, "matrix-lamp-7", name="单位经办人")
    Grant.objects.create(user=user, role=role, organisation_id=organisation.pk, since=date(2020, 1, 1), granted_by="测试")
    return user


def test_each_recommends_in_the_own_way(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    row, host = a_selection(jiyuan.county), an_organisation(jiyuan.kejing)
    members = [a_member(host) for _ in range(3)]
    agent, own = an_agent(host), an_agent(host, "self", "coordinator")
    own.person_id = members[1].person_id
    own.save()
    found = [
        nominating.start_nomination(row, member.person, by=by)
        for member, by in zip(members, (agent, User.objects.get(pk=own.pk), cast.township), strict=True)
    ]
    assert [(one.way, one.nominator_id) for one in found] == [(Way.ORGANISATION, host.pk), (Way.SELF, None), (Way.AREA, None)]
    assert [one.nominator_name for one in found] == [host.name, members[1].person.name, "克井专员"]
    assert set(Nomination.objects.visible_to(agent)) == {found[0]}
    assert set(Nomination.objects.visible_to(cast.officer)) == set(), "a draft is its nominator's own"


def test_nobody_recommends_what_is_not_theirs(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    row, host = a_selection(jiyuan.county), an_organisation(jiyuan.qinyuan)
    member, stranger = a_member(host), an_agent(an_organisation(jiyuan.qinyuan))
    colleague = User.objects.get(pk=an_agent(host, "colleague", "coordinator").pk)
    for by in (cast.township, cast.other, cast.leader, cast.nobody, stranger, colleague):
        assert refused(lambda by=by: nominating.start_nomination(row, member.person, by=by)) == "not_allowed"
    elsewhere = a_member(an_organisation(jiyuan.other)).person
    assert refused(lambda: nominating.start_nomination(row, elsewhere, by=COMMAND_LINE)) == "elsewhere"


def test_one_for_each_subject_and_selection_until_it_is_withdrawn(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    row, person = a_selection(jiyuan.county), a_member(an_organisation(jiyuan.kejing)).person
    first = nominating.start_nomination(row, person, by=cast.officer)
    assert refused(lambda: nominating.start_nomination(row, person, by=cast.township)) == "exists"
    nominating.withdraw(first, by=cast.officer)
    assert nominating.start_nomination(row, person, by=cast.township).pk != first.pk
    assert Entry.objects.filter(act="honours.start_nomination").count() == 2


def test_it_is_taken_until_nominations_are_in_and_late_only_from_officers_with_a_reason(
    jiyuan: SimpleNamespace, cast: SimpleNamespace
) -> None:
    row = stepped(a_selection(jiyuan.county), 2)
    person = a_member(an_organisation(jiyuan.kejing)).person
    assert refused(lambda: nominating.start_nomination(row, person, by=cast.township)) == "not_open"
    assert refused(lambda: nominating.start_nomination(row, person, by=cast.officer)) == "reason_missing"
    late = nominating.start_nomination(row, person, by=cast.officer, reason="疫情延误")
    assert late.state_note == "疫情延误"
    row = stepped(row, 1)
    other = a_member(an_organisation(jiyuan.kejing)).person
    assert refused(lambda: nominating.start_nomination(row, other, by=cast.officer, reason="再晚")) == "not_open"
    selecting.cancel_selection(row, by=COMMAND_LINE, reason="并入")
    assert refused(lambda: nominating.start_nomination(row, other, by=cast.officer, reason="再晚")) == "not_open"


def test_texts_are_bounded_and_hold_no_numbers_of_people(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    row = nominating.start_nomination(a_selection(jiyuan.county), a_member(an_organisation(jiyuan.kejing)).person, by=cast.officer)

    def change(**facts: Any) -> Nomination:
        return nominating.change_nomination(row, by=cast.officer, **(FACTS | facts))

    for facts in ({"summary": f"联系 {an_id()}"}, {"story": "电话 138 0013 8000"}):
        assert refused(lambda facts=facts: change(**facts)) == "personal_data"
    with pytest.raises(Exception, match="最多 300 个字"):
        change(summary="长" * 301)
    assert refused(lambda: change(story="\n".join(["长" * 1000] * 4))) == "too_long"
    assert refused(lambda: change(deeds=["notice:A2.3.1"])) == "bad_deed"
    assert refused(lambda: nominating.change_nomination(row, by=cast.other, **FACTS)) == "not_allowed"
    changed = change(front_line=True, story="第一段\n\n第二段")
    assert (changed.deeds, changed.front_line, changed.story) == (["notice:A1.3.1"], True, "第一段\n\n第二段")


def test_submission_needs_words_a_deed_and_a_proof(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    selection = a_selection(jiyuan.county)
    person = a_member(an_organisation(jiyuan.kejing)).person
    row = nominating.start_nomination(selection, person, by=cast.officer)
    assert refused(lambda: nominating.submit(row, by=cast.officer)) == "incomplete"
    nominating.change_nomination(row, by=cast.officer, **(FACTS | {"deeds": []}))
    assert refused(lambda: nominating.submit(row, by=cast.officer)) == "no_deed"
    nominating.change_nomination(row, by=cast.officer, **FACTS)
    assert refused(lambda: nominating.submit(row, by=cast.officer)) == "unproved"
    an_award(person)
    assert refused(lambda: nominating.submit(row, by=cast.officer)) == "unproved", "the sixth deed was not claimed"
    nominating.change_nomination(row, by=cast.officer, **(FACTS | {"deeds": ["notice:A1.3.6"]}))
    assert nominating.submit(row, by=cast.officer).state == NominationState.SUBMITTED


def test_a_condition_that_is_not_met_refuses_with_its_reasons(jiyuan: SimpleNamespace) -> None:
    selection = a_selection(jiyuan.county)
    row = a_draft(selection)
    a_violation(row.subject, date(2020, 1, 1))
    with pytest.raises(Refused, match="2020-01-01 重大违法") as caught:
        nominating.submit(row, by=COMMAND_LINE)
    assert (caught.value.code, caught.value.clause) == ("not_met", "notice:A1.2")
    few = a_draft(selection, a_society(jiyuan.kejing, members=2))
    with pytest.raises(Refused, match="还差 1 名"):
        nominating.submit(few, by=COMMAND_LINE)


def test_a_submitted_one_has_its_number_and_keeps_the_verdict(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    selection = a_selection(jiyuan.county)
    rows = [a_nomination(selection), a_nomination(selection, a_society(jiyuan.kejing)), a_nomination(selection)]
    assert [row.number for row in rows] == ["TJ2026-001", "TJ2026-002", "TJ2026-003"]
    kept = keeping.read(rows[0].verdict)
    assert kept is not None
    assert (kept.on, kept.answer, kept) == (selection.judged_on, Answer.TO_SHOW, keeping.asked(rows[0]))
    assert Notice.objects.filter(user=cast.officer, title__startswith="选树推荐待审核").count() == 3
    assert refused(lambda: nominating.change_nomination(rows[0], by=COMMAND_LINE, **FACTS)) == "wrong_state"
    a_violation(rows[0].subject, date(2020, 1, 1))
    assert [clause for clause, _ in keeping.changes(kept, keeping.asked(rows[0]))] == ["notice:A1.2"]


def test_a_returned_one_keeps_its_number_and_comes_back_until_the_review(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    selection = a_selection(jiyuan.county)
    row = a_nomination(selection, by=cast.township, subject=a_member(an_organisation(jiyuan.kejing)).person)
    assert refused(lambda: nominating.return_nomination(row, by=cast.township, reason="缺材料")) == "not_allowed"
    assert refused(lambda: nominating.return_nomination(row, by=cast.officer, reason=" ")) == "reason_missing"
    back = nominating.return_nomination(row, by=cast.officer, reason="缺调解协议书")
    assert (back.state, back.state_note) == (NominationState.RETURNED, "缺调解协议书")
    assert Notice.objects.filter(user=cast.township, title__startswith="推荐被退回补正").count() == 1
    stepped(selection, 3)
    again = nominating.submit(back, by=cast.township)
    assert (again.number, again.state) == ("TJ2026-001", NominationState.SUBMITTED)
    nominating.return_nomination(again, by=cast.officer, reason="再补")
    assert refused(lambda: stepped(selection, 1)) == "not_done"
    Selection.objects.update(stage=Stage.REVIEW)
    assert refused(lambda: nominating.submit(again, by=cast.township)) == "not_open"


def test_acceptance_asks_the_rules_the_employer_and_the_visit(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    row = a_nomination(a_selection(jiyuan.county))
    assert refused(lambda: nominating.accept(row, by=cast.township)) == "not_allowed"
    assert refused(lambda: nominating.accept(row, by=cast.officer)) == "no_opinion"
    an_opinion(row, agrees=False)
    assert refused(lambda: nominating.accept(row, by=cast.officer)) == "no_opinion"
    an_opinion(row)
    an_opinion(row, origin="discipline", body="纪检监察组", agrees=False, text="有信访未了结。")
    assert refused(lambda: nominating.accept(row, by=cast.officer)) == "reason_missing"
    accepted = nominating.accept(row, by=cast.officer, note="信访已查否")
    assert (accepted.state, accepted.state_note) == (NominationState.ACCEPTED, "信访已查否")
    violated = a_nomination(row.selection)
    an_opinion(violated)
    a_violation(violated.subject, date(2021, 1, 1))
    assert refused(lambda: nominating.accept(violated, by=cast.officer)) == "not_met"


def test_an_organisation_and_a_changed_provision_need_no_employer(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    selection = a_selection(jiyuan.county)
    society, person = a_nomination(selection, a_society(jiyuan.kejing)), a_nomination(selection)
    assert nominating.accept(society, by=cast.officer).state == NominationState.ACCEPTED
    add_version("honours.employer_opinion", by=COMMAND_LINE, value=False, valid_from=date(2026, 1, 1), source="本地做法")
    assert nominating.accept(person, by=cast.officer).state == NominationState.ACCEPTED


def test_refusal_ends_it_with_the_reason(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    row = a_nomination(a_selection(jiyuan.county))
    assert refused(lambda: nominating.refuse(row, by=cast.officer, reason="")) == "reason_missing"
    ended = nominating.refuse(row, by=cast.officer, reason="不从事这项工作")
    assert (ended.state, ended.state_note) == (NominationState.REFUSED, "不从事这项工作")
    assert refused(lambda: nominating.return_nomination(ended, by=cast.officer, reason="补材料")) == "wrong_state"
    assert Entry.objects.get(act="honours.refuse").reason == "不从事这项工作"


def test_the_nominator_withdraws_before_the_review_and_the_officer_with_a_reason(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    selection = a_selection(jiyuan.county)
    mine = a_nomination(selection, a_member(an_organisation(jiyuan.kejing)).person, by=cast.township)
    assert refused(lambda: nominating.withdraw(mine, by=cast.other)) == "not_allowed"
    assert nominating.withdraw(mine, by=cast.township).state == NominationState.WITHDRAWN
    late = a_nomination(selection, a_member(an_organisation(jiyuan.kejing)).person, accepted=True, by=cast.township)
    assert refused(lambda: nominating.withdraw(late, by=cast.township)) == "not_allowed"
    assert refused(lambda: nominating.withdraw(late, by=cast.officer)) == "reason_missing"
    assert nominating.withdraw(late, by=cast.officer, reason="本人放弃").state_note == "本人放弃"
    assert refused(lambda: nominating.withdraw(late, by=cast.officer, reason="再来")) == "wrong_state"


def test_opinions_say_who_when_and_what(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    row = a_nomination(a_selection(jiyuan.county), a_member(an_organisation(jiyuan.kejing)).person, by=cast.township)
    assert refused(lambda: an_opinion(row, by=cast.other)) == "not_allowed"
    assert refused(lambda: an_opinion(row, given_on=date(2090, 1, 1))) == "future_day"
    assert refused(lambda: an_opinion(row, body=" ")) == "incomplete"
    assert refused(lambda: an_opinion(row, text="联系人电话 13800138000")) == "personal_data"
    assert refused(lambda: an_opinion(row, origin="x")) == "bad_origin"
    assert an_opinion(row, by=cast.township).recorded_by == "克井专员（township）"
    nominating.accept(row, by=cast.officer)
    assert refused(lambda: an_opinion(row, by=cast.township)) == "wrong_state"
    assert an_opinion(row, by=cast.officer, origin="credit", body="信用办").agrees


def test_a_visit_takes_two_and_does_not_go_before_the_submission(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    row = a_nomination(a_selection(jiyuan.county))
    handed_in = row.submitted_at.date() if row.submitted_at else date.min
    facts: dict[str, Any] = {
        "visited_on": handed_in,
        "place": "厂区",
        "visitors": "王经办、李专员",
        "findings": "查看台账，与记录一致。",
        "confirmed": True,
    }

    def visit(by: Any = cast.officer, **more: Any) -> Any:
        return visiting.record_visit(row, by=by, **(facts | more))

    assert refused(lambda: visit(by=cast.township)) == "not_allowed"
    assert refused(lambda: visit(visited_on=date(2090, 1, 1))) == "future_day"
    assert refused(lambda: visit(visited_on=date(2020, 1, 1))) == "too_early"
    for visitors in ("王经办", "王经办、王经办", "王经办 "):
        assert refused(lambda visitors=visitors: visit(visitors=visitors)) == "too_few"
    assert refused(lambda: visit(findings=" ")) == "incomplete"
    assert refused(lambda: visit(findings="电话 13800138000")) == "personal_data"
    visit(confirmed=False)
    an_opinion(row)
    assert refused(lambda: nominating.accept(row, by=cast.officer)) == "reason_missing"
    assert visit().visitors == "王经办、李专员"
    nominating.accept(row, by=cast.officer)
    assert refused(lambda: visit(confirmed=False)) == "reason_missing"
    visit(confirmed=False, reason="只差一份台账")
    assert Nomination.objects.get().state_note == "只差一份台账"
    draft = a_draft(row.selection)
    assert refused(lambda: visiting.record_visit(draft, by=cast.officer, **facts)) == "wrong_state"
