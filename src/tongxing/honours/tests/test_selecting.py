"""Acts on selections and awards: the plan of a year, its steps, who may, what is refused, what the log says."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.evaluation.tests.world import refused_code as refused
from tongxing.honours import awarding, gathering, reminding, selecting, timing
from tongxing.honours.conditions import Answer
from tongxing.honours.merging import follow_person_merge
from tongxing.honours.models import Award, SelectionState, Stage
from tongxing.notices.models import Notice
from tongxing.registry.tests.people_factories import a_coordinator, a_person, an_organisation
from tongxing.workdays.calendar import Calendar

from .world import a_member, a_selection, a_society, a_violation, an_award, certify

pytestmark = pytest.mark.django_db
CALL = date(2026, 9, 1)


def test_a_year_is_planned_once_with_the_usual_steps_and_the_last_day_of_nomination(jiyuan: SimpleNamespace) -> None:
    row = a_selection(jiyuan.county)
    assert (row.due_on, row.stage, [step.stage for step in row.steps.all()]) == (date(2026, 11, 30), Stage.CALL, list(Stage.values))
    (clock,) = timing.clocks([row], CALL)
    assert row.judged_on == clock.lines[1].ends
    assert refused(lambda: a_selection(jiyuan.county)) == "exists"
    assert refused(lambda: a_selection(jiyuan.county, 2021)) == "bad_year"
    assert refused(lambda: a_selection(jiyuan.other, judged_on=date(2021, 12, 31))) == "bad_day"
    selecting.cancel_selection(row, by=COMMAND_LINE, reason="改期")
    assert a_selection(jiyuan.county).pk != row.pk
    assert Entry.objects.filter(act="honours.plan_selection").count() == 2


def test_only_the_officer_of_the_area_plans_and_steps(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    row = a_selection(jiyuan.county)
    for user in (cast.township, cast.other, cast.leader, cast.auditor):
        assert refused(lambda user=user: selecting.complete_step(row, by=user)) == "not_allowed"
        assert refused(lambda user=user: selecting.plan_selection(jiyuan.county, 2027, by=user)) == "not_allowed"
    assert selecting.complete_step(row, by=cast.officer).stage == Stage.NOMINATION


def test_steps_go_on_in_their_order_to_the_dispatch_and_back_with_a_reason(jiyuan: SimpleNamespace) -> None:
    row = a_selection(jiyuan.county)
    with time_machine.travel(CALL, tick=False):
        row = selecting.complete_step(row, by=COMMAND_LINE, remark="济人社〔2026〕8号")
        assert refused(lambda: selecting.complete_step(row, by=COMMAND_LINE, done_on=date(2026, 8, 1))) == "bad_day"
        assert refused(lambda: selecting.complete_step(row, by=COMMAND_LINE, done_on=date(2026, 9, 2))) == "future_day"
        for _ in range(8):
            row = selecting.complete_step(row, by=COMMAND_LINE)
    assert (row.state, row.steps.filter(done_on=CALL).count()) == (SelectionState.DONE, 9)
    assert refused(lambda: selecting.complete_step(row, by=COMMAND_LINE)) == "wrong_state"
    assert refused(lambda: selecting.reopen_step(row, by=COMMAND_LINE, reason=" ")) == "reason_missing"
    back = selecting.reopen_step(row, by=COMMAND_LINE, reason="省里退回补材料")
    assert (back.state, back.stage, back.steps.filter(done_on=None).count()) == (SelectionState.RUNNING, Stage.DISPATCH, 1)
    assert Entry.objects.get(act="honours.reopen_step").reason == "省里退回补材料"


def test_the_plan_may_change_but_not_shorten_the_notice_nor_what_is_done(jiyuan: SimpleNamespace) -> None:
    row = a_selection(jiyuan.county)
    facts = {"title": "2026 年度选树", "judged_on": date(2026, 10, 9)}
    changed = selecting.change_selection(row, by=COMMAND_LINE, days={"visit": 12}, **facts)
    assert (changed.title, changed.steps.get(stage="visit").days) == ("2026 年度选树", 12)
    assert refused(lambda: selecting.change_selection(row, by=COMMAND_LINE, days={"notice": 4}, **facts)) == "notice_short"
    assert refused(lambda: selecting.change_selection(row, by=COMMAND_LINE, days={"visit": 0}, **facts)) == "bad_days"
    late = facts | {"judged_on": date(2026, 12, 1)}
    assert refused(lambda: selecting.change_selection(row, by=COMMAND_LINE, days={}, **late)) == "bad_day"
    selecting.complete_step(row, by=COMMAND_LINE, done_on=date(2026, 8, 1))
    assert refused(lambda: selecting.change_selection(row, by=COMMAND_LINE, days={"call": 9}, **facts)) == "step_done"
    assert refused(lambda: selecting.change_selection(row, by=COMMAND_LINE, days={"visit": 8}, **facts)) == "reason_missing"
    selecting.change_selection(row, by=COMMAND_LINE, days={"visit": 8}, reason="走访点减少", **facts)
    entry = Entry.objects.filter(act="honours.change_selection").latest("pk")
    assert (entry.before["days"]["visit"], entry.after["days"]["visit"]) == (12, 8)


def test_the_clock_says_on_time_tight_late_and_done(jiyuan: SimpleNamespace) -> None:
    row = a_selection(jiyuan.county)
    (plan,) = timing.clocks([row], CALL)
    assert (plan.tone, plan.fits, plan.lines[0].state) == ("green", True, "now")
    (tight,) = timing.clocks([row], plan.lines[0].begins)
    assert (tight.slack, tight.tone) == (0, "amber")
    (late,) = timing.clocks([row], plan.lines[1].begins)
    assert (late.late_by, late.tone, late.lines[0].state) == (1, "red", "late")
    assert late.short == "赶不上，差 1 个工作日"


def test_the_register_answers_for_people_on_any_day(jiyuan: SimpleNamespace) -> None:
    holder, without = a_coordinator(jiyuan.kejing), a_coordinator(jiyuan.kejing)
    worker = a_coordinator(jiyuan.kejing, organisation=an_organisation(jiyuan.kejing, kind="tripartite"), on=date(2022, 1, 1))
    paper = certify(holder)
    people = [one.person for one in (holder, without, worker)]
    now = gathering.judge_people(people, date(2026, 11, 1))
    assert [now[one.pk].answer for one in people] == [Answer.TO_SHOW, Answer.NOT_MET, Answer.NOT_MET]
    then = gathering.judge_people(people, date(2022, 11, 1))
    assert (then[people[2].pk].answer, then[people[2].pk].needed[1].answer) == (Answer.TO_SHOW, Answer.MET)
    assert now[people[2].pk].needed[1].reasons != then[people[2].pk].needed[1].reasons
    type(paper).objects.filter(pk=paper.pk).update(status="void", status_on=date(2026, 6, 1))
    assert gathering.judge_people(people, date(2026, 11, 1))[people[0].pk].answer == Answer.NOT_MET
    assert gathering.judge_people(people, date(2026, 5, 1))[people[0].pk].answer == Answer.TO_SHOW


def test_a_violation_of_a_person_stands_against_and_one_struck_out_does_not(jiyuan: SimpleNamespace) -> None:
    holder = a_coordinator(jiyuan.kejing)
    certify(holder)
    entry = a_violation(holder.person, date(2015, 1, 1))
    day = date(2026, 11, 1)
    assert gathering.judge_people([holder.person], day)[holder.person_id].answer == Answer.NOT_MET
    type(entry).objects.update(struck_on=date(2026, 1, 1))
    assert gathering.judge_people([holder.person], day)[holder.person_id].answer == Answer.TO_SHOW


def test_the_register_answers_for_organisations_with_the_day_they_fall_short(jiyuan: SimpleNamespace) -> None:
    row, day = a_society(jiyuan.kejing), date(2026, 11, 1)
    verdict = gathering.judge_organisations([row], day)[row.pk]
    assert (verdict.answer, verdict.against) == (Answer.TO_SHOW, ())
    posting = gathering.certified_members(day).filter(organisation=row)[0]
    type(posting).objects.filter(pk=posting.pk).update(until=date(2026, 12, 31))
    assert "2026-12-31 以后不足 3 名" in gathering.judge_organisations([row], day)[row.pk].needed[1].reasons[1]
    after = gathering.judge_organisations([row], date(2027, 1, 1))[row.pk]
    assert after.answer == Answer.NOT_MET
    assert "还差 1 名" in after.against[0]


@pytest.mark.parametrize("number", [1, 6])
def test_judging_many_asks_a_constant_number_of_queries(jiyuan: SimpleNamespace, django_assert_num_queries: Any, number: int) -> None:
    people = [a_coordinator(jiyuan.kejing).person for _ in range(number)]
    rows = [a_society(jiyuan.kejing, members=2) for _ in range(number)]
    day = date(2026, 11, 1)
    with django_assert_num_queries(9):
        gathering.judge_people(people, day)
    with django_assert_num_queries(7):
        gathering.judge_organisations(rows, day)


def test_an_award_is_entered_once_and_struck_out_with_a_reason(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    person = a_member(an_organisation(jiyuan.kejing)).person
    won = an_award(person)
    verdict = gathering.judge_people([person], date(2026, 11, 1))[person.pk]
    assert verdict.deeds[5].answer == Answer.MET
    assert refused(lambda: an_award(person)) == "exists"
    assert refused(lambda: an_award(person, awarded_on=date(2090, 1, 1))) == "future_day"
    assert refused(lambda: an_award(person, name=" ")) == "incomplete"
    assert refused(lambda: awarding.strike_award(won, by=cast.other, reason="错")) == "not_allowed"
    assert refused(lambda: awarding.strike_award(won, by=cast.officer, reason="")) == "reason_missing"
    awarding.strike_award(won, by=cast.officer, reason="登记到了别人名下")
    assert refused(lambda: awarding.strike_award(won, by=cast.officer, reason="再来")) == "wrong_state"
    assert gathering.judge_people([person], date(2026, 11, 1))[person.pk].deeds[5].answer == Answer.NOT_MET
    an_award(person)


def test_awards_follow_a_merged_person_and_doubles_are_struck(jiyuan: SimpleNamespace) -> None:
    keep, drop = a_person(jiyuan.kejing), a_person(jiyuan.kejing)
    an_award(keep), an_award(drop), an_award(drop, name="全国技能竞赛优秀奖", rank="nation")
    assert follow_person_merge(keep, drop, by=COMMAND_LINE) == 2
    assert Award.objects.filter(person=keep).count() == 3
    assert Award.objects.standing().filter(person=keep).count() == 2


def test_officers_are_reminded_on_each_rung_once_and_when_it_is_over(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    row = a_selection(jiyuan.county)
    (clock,) = timing.clocks([row], CALL)
    ends, calendar = clock.lines[0].ends, Calendar()
    told = []
    for left in (7, 5, 5, 3, 1, 0, -1, -2):
        reminding.remind(calendar.add_working_days(ends, -left))
        told.append(Notice.objects.filter(user=cast.officer).count())
    assert told == [0, 1, 1, 1, 2, 2, 3, 3]
    assert "逾期" in Notice.objects.filter(user=cast.officer).latest("pk").title
    assert not Notice.objects.filter(user__in=[cast.township, cast.other, cast.leader]).exists()
    selecting.complete_step(row, by=cast.officer)
    assert reminding.remind(CALL) == 0


def test_years_that_run_late_are_found_for_the_start_page(jiyuan: SimpleNamespace) -> None:
    row = a_selection(jiyuan.county)
    (plan,) = timing.clocks([row], CALL)
    for day, found in ((CALL, []), (plan.lines[0].ends, []), (plan.lines[1].begins, [row.pk])):
        with time_machine.travel(day, tick=False):
            assert timing.late_among(type(row).objects.all()) == found
