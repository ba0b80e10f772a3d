"""The review: conflicts found and declared, the draw, sealed scores, closing, re-opening; what a reviewer must keep away from."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.evaluation.tests.world import refused_code as refused
from tongxing.honours import allotting, conflicts, empanelling, scoring, standing
from tongxing.honours.empanelling import Asked
from tongxing.honours.models import Assignment, AssignmentState, Conflict, Kind, Nomination, Panel, Reviewer, Stage
from tongxing.notices.models import Notice
from tongxing.registry.tests.people_factories import a_coordinator, an_organisation

from .review_world import a_bench, a_judge, a_nominee, a_panel, a_reviewer, at_stage, score_all, scores
from .world import a_selection, a_society

pytestmark = pytest.mark.django_db


def whys(reviewer: Reviewer, nomination: Nomination) -> set[str]:
    rows = Conflict.objects.filter(reviewer=reviewer, nomination=nomination, lifted_on=None)
    return set(rows.values_list("why", flat=True))


def test_conflicts_are_found_in_posts_recommendations_and_declarations(jiyuan: SimpleNamespace) -> None:
    row = a_selection(jiyuan.county)
    works, worked, society = an_organisation(jiyuan.kejing), an_organisation(jiyuan.kejing), a_society(jiyuan.kejing, members=0)
    judge = a_coordinator(jiyuan.kejing, organisation=works).person
    colleague = a_nominee(row, a_coordinator(jiyuan.kejing, organisation=works).person)
    sent = a_nominee(row, nominator=works)
    filled = a_nominee(row)
    own = a_nominee(row, judge)
    cousin = a_nominee(row)
    body, stranger = a_nominee(row, society), a_nominee(row)
    user = a_judge(jiyuan.county, person=judge)
    Nomination.objects.filter(pk=filled.pk).update(made_by_id=user.pk)
    reviewer = a_reviewer(row, user=user, organisation=worked, declared=False)
    conflicts.declare(reviewer, by=user, relations=[(cousin.subject.name, "表亲"), (society.name, "理事")])
    assert [whys(reviewer, one) for one in (colleague, sent, filled, own, cousin, body, stranger)] == [
        {"employer"},
        {"nominated"},
        {"nominated"},
        {"self", "employer"},
        {"declared"},
        {"declared"},
        set(),
    ]
    conflicts.declare(reviewer, by=user, relations=[])
    assert (whys(reviewer, cousin), whys(reviewer, colleague)) == (set(), {"employer"})


def test_where_somebody_worked_before_keeps_away_too(jiyuan: SimpleNamespace) -> None:
    row = a_selection(jiyuan.county)
    place = an_organisation(jiyuan.kejing)
    judge = a_coordinator(jiyuan.kejing, organisation=place)
    judge.postings.update(since=date(2019, 1, 1), until=date(2021, 1, 1))
    colleague = a_nominee(row, a_coordinator(jiyuan.kejing, organisation=place).person)
    reviewer = a_reviewer(row, user=a_judge(jiyuan.county, person=judge.person))
    assert whys(reviewer, colleague) == {"earlier"}
    assert Conflict.objects.get(reviewer=reviewer).detail == place.name


def test_finding_conflicts_takes_a_constant_number_of_queries(jiyuan: SimpleNamespace) -> None:
    row = a_selection(jiyuan.county)
    numbers = []
    for _ in range(2):
        for _ in range(3):
            a_nominee(row, a_coordinator(jiyuan.kejing, organisation=an_organisation(jiyuan.kejing)).person)
            a_reviewer(row)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            conflicts.refresh(row)
        numbers.append(len(asked))
    assert numbers[0] == numbers[1]


def test_who_runs_the_selection_or_has_no_post_is_not_appointed(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    row = a_selection(jiyuan.county)
    assert refused(lambda: empanelling.appoint(row, cast.leader, by=cast.officer, party="expert")) == "no_role"
    user = a_judge(jiyuan.county)
    assert refused(lambda: empanelling.appoint(row, user, by=cast.leader, party="expert")) == "not_allowed"
    made = empanelling.appoint(row, user, by=cast.officer, party="expert")
    assert refused(lambda: empanelling.appoint(row, user, by=cast.officer, party="union")) == "exists"
    assert refused(lambda: conflicts.declare(made, by=cast.officer, relations=[])) == "not_own"
    assert refused(lambda: conflicts.declare(made, by=user, relations=[("王某", " ")])) == "reason_missing"
    for role in ("officer", "admin"):
        both = a_judge(jiyuan.county)
        both.grants.create(role=role, area_id=jiyuan.county.pk, granted_by="测试")
        assert refused(lambda both=both: empanelling.appoint(row, both, by=cast.officer, party="expert")) == "runs_it"
    assert Notice.objects.filter(user=user, title__startswith="请声明").exists()


def test_criteria_have_names_and_weights_of_a_hundred(jiyuan: SimpleNamespace) -> None:
    row = a_selection(jiyuan.county)
    for asked, code in (
        ([], "incomplete"),
        ([Asked("", 100)], "incomplete"),
        ([Asked("业绩", 60), Asked("能力", 30)], "weights"),
        ([Asked("业绩", 120), Asked("能力", -20)], "weights"),
        ([Asked("业绩", 50), Asked("业绩", 50)], "same_title"),
    ):
        assert refused(lambda asked=asked: empanelling.set_criteria(row, Kind.PERSON, asked, by=COMMAND_LINE)) == code
    for kind in Kind:
        empanelling.set_criteria(row, kind, empanelling.usual_criteria(kind), by=COMMAND_LINE)


def test_a_panel_opens_only_when_all_is_ready(jiyuan: SimpleNamespace) -> None:
    row = a_selection(jiyuan.county)

    def opened(each: int = 3) -> Panel:
        return empanelling.open_panel(row, Kind.PERSON, by=COMMAND_LINE, each=each)

    assert refused(opened) == "wrong_stage"
    row = at_stage(row, Stage.REVIEW)
    assert refused(opened) == "nobody"
    one = a_nominee(row)
    assert refused(opened) == "no_criteria"
    empanelling.set_criteria(row, Kind.PERSON, empanelling.usual_criteria(Kind.PERSON), by=COMMAND_LINE)
    assert refused(opened) == "party_missing"
    bench = a_bench(row, more=0)
    late = a_reviewer(row, declared=False)
    assert refused(opened) == "undeclared"
    conflicts.declare(late, by=late.user, relations=[(one.subject.name, "兄弟")])
    assert refused(lambda: opened(2)) == "too_few"
    assert refused(lambda: opened(4)) == "short"
    panel = opened()
    assert refused(opened) == "exists"
    assert refused(lambda: empanelling.set_criteria(row, Kind.PERSON, [Asked("业绩", 100)], by=COMMAND_LINE)) == "panel_open"
    assert set(panel.assignments.values_list("reviewer_id", flat=True)) == {one.pk for one in bench}


def test_anybody_can_draw_again_from_the_kept_list_and_seed(jiyuan: SimpleNamespace) -> None:
    scene = a_panel(jiyuan.county, nominees=6)
    drawn = allotting.allot(allotting.parsed(scene.panel.listed), scene.panel.seed)
    for one in scene.nominees:
        hands = Assignment.objects.filter(nomination=one).values_list("reviewer__uid", flat=True)
        assert sorted(map(str, hands)) == list(drawn[str(one.uid)])


def test_scores_are_the_reviewers_own_whole_and_final(jiyuan: SimpleNamespace) -> None:
    scene = a_panel(jiyuan.county)
    one = Assignment.objects.filter(panel=scene.panel).select_related("reviewer__user").first()
    assert one is not None
    user, other = one.reviewer.user, next(r.user for r in scene.reviewers if r.pk != one.reviewer_id)
    assert refused(lambda: scoring.submit(one, by=other, scores=scores(scene.panel, 80))) == "not_own"
    assert refused(lambda: scoring.submit(one, by=COMMAND_LINE, scores=scores(scene.panel, 80))) == "not_own"
    assert refused(lambda: scoring.submit(one, by=user, scores=scores(scene.panel, 101))) == "score_range"
    assert refused(lambda: scoring.submit(one, by=user, scores={10**9: 5})) == "criterion"
    assert refused(lambda: scoring.keep(one, by=user, scores={}, comment="电话 13800138000")) == "personal_data"
    first, *_ = scoring.criteria_of(scene.panel)
    assert refused(lambda: scoring.submit(one, by=user, scores={first.pk: 80})) == "incomplete"
    scoring.keep(one, by=user, scores={first.pk: 81}, comment="先记下")
    scoring.submit(one, by=user, scores={key: 80 for key in scores(scene.panel, 0) if key != first.pk})
    one = Assignment.objects.get(pk=one.pk)
    assert (one.state, sorted(score.value for score in one.scores.all())) == (AssignmentState.DONE, [80, 80, 80, 81])
    assert refused(lambda: scoring.keep(one, by=user, scores={first.pk: 1})) == "wrong_state"
    entry = Entry.objects.get(act="honours.submit_scores")
    assert "80" not in str(entry.after)


def test_others_are_sealed_or_open_after_the_own_scores(jiyuan: SimpleNamespace) -> None:
    scene = a_panel(jiyuan.county, nominees=1, sight="after_own")
    rows = list(Assignment.objects.filter(panel=scene.panel).select_related("reviewer__user", "panel"))
    assert [scoring.others_of(one) for one in rows] == [None, None, None]
    for one in rows[:2]:
        scoring.submit(one, by=one.reviewer.user, scores=scores(scene.panel, 70), comment="好")
    first, _, third = (Assignment.objects.select_related("panel").get(pk=one.pk) for one in rows)
    assert [(str(one.total), one.comment) for one in scoring.others_of(first) or ()] == [("70.00", "好")]
    assert scoring.others_of(third) is None
    Panel.objects.update(sight="never")
    assert scoring.others_of(Assignment.objects.select_related("panel").get(pk=first.pk)) is None


def test_a_panel_is_closed_when_all_is_scored_and_ranks_by_the_median(jiyuan: SimpleNamespace) -> None:
    scene = a_panel(jiyuan.county, nominees=3)
    assert refused(lambda: empanelling.close_panel(scene.panel, by=COMMAND_LINE)) == "waiting"
    a, b, c = (one.pk for one in scene.nominees)
    score_all(scene.panel, {a: 80, b: 92, c: 75})
    panel = empanelling.close_panel(scene.panel, by=COMMAND_LINE)
    assert refused(lambda: empanelling.close_panel(panel, by=COMMAND_LINE)) == "wrong_state"
    assert [(line.nomination.pk, line.place, str(line.figure)) for line in standing.lines_of(panel)] == [
        (b, 1, "92.00"),
        (a, 2, "80.00"),
        (c, 3, "75.00"),
    ]


def test_one_score_may_be_given_anew_with_a_reason_that_is_kept(jiyuan: SimpleNamespace) -> None:
    scene = a_panel(jiyuan.county, nominees=2)
    score_all(scene.panel, {one.pk: 80 for one in scene.nominees})
    panel = empanelling.close_panel(scene.panel, by=COMMAND_LINE)
    one = Assignment.objects.filter(panel=panel).select_related("reviewer__user").first()
    assert one is not None
    assert refused(lambda: scoring.keep(one, by=one.reviewer.user, scores={})) == "panel_closed"
    assert refused(lambda: empanelling.reopen_panel(panel, one, by=COMMAND_LINE, reason=" ")) == "reason_missing"
    panel = empanelling.reopen_panel(panel, one, by=COMMAND_LINE, reason="误把两人分数填反")
    assert (panel.state, panel.reopened[0]["reason"]) == ("open", "误把两人分数填反")
    assert refused(lambda: empanelling.close_panel(panel, by=COMMAND_LINE)) == "waiting"
    scoring.submit(one, by=one.reviewer.user, scores=scores(panel, 60))
    empanelling.close_panel(panel, by=COMMAND_LINE)


def test_who_steps_back_or_leaves_is_replaced_and_sees_nothing_more(jiyuan: SimpleNamespace) -> None:
    scene = a_panel(jiyuan.county, nominees=1)
    one = Assignment.objects.filter(panel=scene.panel).select_related("reviewer__user", "nomination").first()
    assert one is not None
    user = one.reviewer.user
    assert Nomination.objects.reviewable_by(user).exists()
    assert refused(lambda: conflicts.recuse(one, by=user, reason=" ")) == "reason_missing"
    assert refused(lambda: conflicts.recuse(one, by=COMMAND_LINE, reason="亲属")) == "not_own"
    conflicts.recuse(one, by=user, reason="亲属")
    assert not Nomination.objects.reviewable_by(user).exists()
    assert not Assignment.objects.visible_to(user).exists()
    assert Assignment.objects.filter(panel=scene.panel, state=AssignmentState.GIVEN).count() == 3
    leaving = Assignment.objects.filter(panel=scene.panel, state=AssignmentState.GIVEN).select_related("reviewer").first()
    assert leaving is not None
    empanelling.dismiss(leaving.reviewer, by=COMMAND_LINE, reason="调离")
    assert refused(lambda: empanelling.dismiss(leaving.reviewer, by=COMMAND_LINE, reason="调离")) == "wrong_state"
    assert Assignment.objects.filter(panel=scene.panel, state=AssignmentState.GIVEN, reviewer__left_on=None).count() == 3


def test_a_conflict_found_later_takes_submitted_scores_out_of_the_figure(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    scene = a_panel(jiyuan.county, nominees=1)
    (nominee,) = scene.nominees
    score_all(scene.panel, {nominee.pk: 70})
    one = Assignment.objects.filter(panel=scene.panel).select_related("reviewer").first()
    assert one is not None
    assert refused(lambda: conflicts.order(one.reviewer, nominee, by=cast.leader, reason="有人反映")) == "not_allowed"
    conflicts.order(one.reviewer, nominee, by=cast.officer, reason="有人反映是同学")
    assert Assignment.objects.get(pk=one.pk).state == AssignmentState.TAKEN
    assert refused(lambda: empanelling.close_panel(scene.panel, by=COMMAND_LINE)) == "waiting"
    score_all(scene.panel, {nominee.pk: 90})
    panel = empanelling.close_panel(scene.panel, by=COMMAND_LINE)
    (line,) = standing.lines_of(panel)
    assert sorted(str(given.total) for given in line.given) == ["70.00", "70.00", "90.00"]


def test_abstaining_needs_a_reason_and_too_few_scores_do_not_close(jiyuan: SimpleNamespace) -> None:
    scene = a_panel(jiyuan.county, nominees=1)
    rows = list(Assignment.objects.filter(panel=scene.panel).select_related("reviewer__user"))
    assert refused(lambda: scoring.abstain(rows[0], by=rows[0].reviewer.user, reason="")) == "reason_missing"
    for one in rows[:2]:
        scoring.abstain(one, by=one.reviewer.user, reason="材料看不明白")
    score_all(scene.panel, {scene.nominees[0].pk: 70})
    assert refused(lambda: empanelling.close_panel(scene.panel, by=COMMAND_LINE)) == "too_few"
