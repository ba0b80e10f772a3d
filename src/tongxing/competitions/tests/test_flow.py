"""From the plan to the prizes through the acts: what each stage asks, what is refused, what comes out."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.utils import timezone

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry as LogEntry
from tongxing.competitions import appealing, appointing, drawing, entering, marking, organising, planning, prizes, resulting, teaming
from tongxing.competitions.models import Appeal, CompetitionState, Entrant, Prize, Result
from tongxing.evaluation.tests.world import refused_code as refused
from tongxing.learning import examining, sitting
from tongxing.learning.sitting import Given
from tongxing.learning.tests.world import an_exam
from tongxing.registry.tests.people_factories import a_coordinator, a_person, an_organisation

from .world import a_competition, a_user, an_entry, coded, flat, later, marked, opened, published, ranked, scene, schemed, staffed

pytestmark = pytest.mark.django_db


def test_only_the_officer_of_the_area_runs_a_competition(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    row = schemed(jiyuan.county)
    for user in (cast.township, cast.other, cast.leader, a_user(jiyuan.county)):
        assert refused(lambda user=user: organising.open_entries(row, by=user)) == "not_allowed"
        assert refused(lambda user=user: planning.set_quota(row, by=user, number=1, area=jiyuan.kejing)) == "not_allowed"
    assert organising.open_entries(row, by=cast.officer).state == CompetitionState.OPEN
    assert LogEntry.objects.filter(act="competitions.open_entries").count() == 1


def test_a_scheme_that_is_not_whole_opens_nothing(jiyuan: SimpleNamespace) -> None:
    row = a_competition(jiyuan.county)
    assert organising.scheme_faults(row) == ["还没有竞赛环节", "还没有设置奖项"]
    one = planning.lay_round(row, by=COMMAND_LINE, title="理论", kind="paper", weight=60)
    assert organising.scheme_faults(row) == ["各环节权重合计 60%，应为 100%", "“理论”还没有评分项", "还没有设置奖项"]
    assert refused(lambda: organising.open_entries(row, by=COMMAND_LINE)) == "scheme_open"
    assert refused(lambda: planning.lay_round(row, by=COMMAND_LINE, title="理论", kind="paper", weight=40)) == "exists"
    assert refused(lambda: planning.lay_round(row, by=COMMAND_LINE, title="另一", kind="paper", weight=0)) == "bad_round"
    judged = {"title": "印象", "kind": "judged", "full": Decimal(10)}
    assert refused(lambda: planning.lay_aspect(one, by=COMMAND_LINE, **judged)) == "bad_aspect"
    aspect = planning.lay_aspect(one, by=COMMAND_LINE, title="试卷", kind="measured", full=Decimal(100))
    planning.change_round(one, by=COMMAND_LINE, title="理论知识", weight=100)
    assert refused(lambda: planning.set_prizes(row, by=COMMAND_LINE, numbers={1: 0})) == "bad_prizes"
    planning.set_prizes(row, by=COMMAND_LINE, numbers={1: 1, 2: 0, 3: 0})
    assert organising.open_entries(row, by=COMMAND_LINE).state == CompetitionState.OPEN
    assert refused(lambda: planning.drop_aspect(aspect, by=COMMAND_LINE)) == "wrong_state"
    assert refused(lambda: planning.drop_round(one, by=COMMAND_LINE)) == "wrong_state"


def test_a_competition_is_made_once_a_year_by_its_name_and_days_follow_one_another(jiyuan: SimpleNamespace) -> None:
    row = a_competition(jiyuan.county, title="技能大赛")
    assert refused(lambda: a_competition(jiyuan.county, title="技能大赛")) == "exists"
    assert refused(lambda: a_competition(jiyuan.county, closes_on=timezone.localdate() - timedelta(days=1))) == "bad_day"
    assert refused(lambda: a_competition(jiyuan.county, year=2021)) == "bad_year"
    assert refused(lambda: a_competition(jiyuan.county, title=" ")) == "incomplete"
    assert refused(lambda: organising.cancel_competition(row, by=COMMAND_LINE, reason=" ")) == "reason_missing"
    organising.cancel_competition(row, by=COMMAND_LINE, reason="并入市赛")
    assert a_competition(jiyuan.county, title="技能大赛").pk != row.pk


def test_open_entries_change_their_days_with_a_reason_only(jiyuan: SimpleNamespace) -> None:
    row = opened(jiyuan.county)
    days = {"opens_on": row.opens_on, "closes_on": row.opens_on, "held_on": row.held_on}
    facts = {"title": row.title, "awarded_by": row.awarded_by, **days}
    assert refused(lambda: organising.change_competition(row, by=COMMAND_LINE, **facts)) == "reason_missing"
    assert organising.change_competition(row, by=COMMAND_LINE, **facts, reason="报名已满").closes_on == row.opens_on


def test_coordinators_enter_within_the_quota_once(jiyuan: SimpleNamespace) -> None:
    row, employer = opened(jiyuan.county), an_organisation(jiyuan.kejing)
    planning.set_quota(row, by=COMMAND_LINE, number=5, area=jiyuan.kejing)
    planning.set_quota(row, by=COMMAND_LINE, number=2, area=jiyuan.kejing)
    planning.set_quota(row, by=COMMAND_LINE, number=1, organisation=employer)
    first = an_entry(row, jiyuan.kejing, organisation=employer)
    assert (first.organisation, first.area) == (employer, jiyuan.kejing)
    assert refused(lambda: entering.enter(row, first.person, by=COMMAND_LINE)) in {"exists", "quota"}
    assert refused(lambda: an_entry(row, jiyuan.kejing, organisation=employer)) == "quota"
    second = an_entry(row, jiyuan.kejing)
    assert refused(lambda: entering.enter(row, second.person, by=COMMAND_LINE)) == "quota"
    assert refused(lambda: an_entry(row, jiyuan.kejing)) == "quota"
    other = an_entry(row, jiyuan.qinyuan)
    assert refused(lambda: entering.enter(row, other.person, by=COMMAND_LINE)) == "exists"
    entering.withdraw(first, by=COMMAND_LINE, reason="生病")
    third = an_entry(row, jiyuan.kejing, organisation=employer)
    planning.set_quota(row, by=COMMAND_LINE, number=3, area=jiyuan.county)
    assert refused(lambda: an_entry(row, jiyuan.park)) == "quota"
    assert refused(lambda: an_entry(row, jiyuan.other_street)) == "not_coordinator"
    assert refused(lambda: entering.enter(row, a_person(jiyuan.kejing), by=COMMAND_LINE)) == "not_coordinator"
    assert entering.confirm([second, third, first], by=COMMAND_LINE) == 2
    assert entering.confirm([], by=COMMAND_LINE) == 0
    later(row)
    assert refused(lambda: an_entry(row, jiyuan.qinyuan)) == "not_open"


def test_codes_are_drawn_when_entries_are_closed_and_confirmed(jiyuan: SimpleNamespace) -> None:
    row = opened(jiyuan.county)
    assert refused(lambda: drawing.draw_codes(row, by=COMMAND_LINE)) == "still_open"
    later(row, 6)
    assert refused(lambda: drawing.draw_codes(row, by=COMMAND_LINE)) == "nobody"
    later(row, -6)
    entries = [an_entry(row, jiyuan.kejing) for _ in range(3)]
    entering.confirm(entries[:2], by=COMMAND_LINE)
    later(row, 6)
    assert refused(lambda: drawing.draw_codes(row, by=COMMAND_LINE)) == "unconfirmed"
    entering.withdraw(entries[2], by=COMMAND_LINE, reason="出差")
    drawn = drawing.draw_codes(row, by=COMMAND_LINE)
    assert sorted(drawn.entries.exclude(code="").values_list("code", flat=True)) == ["001", "002"]
    assert drawing.verified(drawn) == []
    logged = LogEntry.objects.get(act="competitions.draw_codes")
    assert drawn.secret not in str(logged.after)
    assert logged.after["secret_digest"] == drawn.secret_digest
    assert refused(lambda: entering.withdraw(entries[0], by=COMMAND_LINE, reason="x")) == "wrong_state"
    absent = entering.mark_absent(entries[0], by=COMMAND_LINE, reason="没有到场")
    assert (absent.state, drawing.verified(drawn)) == ("absent", [])
    assert refused(lambda: drawing.begin_marking(row, by=COMMAND_LINE)) == "too_few_judges"


def test_judges_need_accounts_rounds_and_not_to_run_the_competition(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    row, another = schemed(jiyuan.county), schemed(jiyuan.county)
    practice = row.rounds.get(kind="practice")

    def appoint(**facts: object) -> object:
        return appointing.appoint(row, by=COMMAND_LINE, **{"duty": "judge", "rounds": [practice], **facts})

    assert refused(lambda: appoint(name="")) == "incomplete"
    assert refused(lambda: appoint(name="甲", rounds=[])) == "no_round"
    assert refused(lambda: appoint(name="甲", rounds=list(another.rounds.all()))) == "no_round"
    assert refused(lambda: appoint(name="甲", duty="keyer")) == "no_account"
    assert refused(lambda: appoint(user=cast.officer)) == "not_allowed"
    assert refused(lambda: appoint(user=a_user(jiyuan.other))) == "not_allowed"
    user = a_user(jiyuan.county)
    judge = appoint(user=user, duty="chief")
    assert refused(lambda: appoint(user=user)) == "exists"
    assert refused(lambda: appoint(user=a_user(jiyuan.county), duty="chief")) == "exists"
    body = an_organisation(jiyuan.kejing)
    appointing.declare_conflict(judge, body, by=user, reason="配偶在该单位")
    assert refused(lambda: appointing.declare_conflict(judge, body, by=user, reason="又一次")) == "exists"
    assert refused(lambda: appointing.declare_conflict(judge, body, by=cast.township, reason="不相干")) == "not_allowed"
    appointing.release(judge, by=COMMAND_LINE, reason="出差")
    assert refused(lambda: appointing.release(judge, by=COMMAND_LINE, reason="再来")) == "wrong_state"
    appoint(user=user)


def test_whoever_has_an_interest_is_barred_by_declaration_and_by_the_register(jiyuan: SimpleNamespace) -> None:
    row = opened(jiyuan.county)
    old, now, declared = (an_organisation(jiyuan.kejing) for _ in range(3))
    entrants = [a_coordinator(jiyuan.kejing, organisation=body) for body in (now, declared, an_organisation(jiyuan.kejing))]
    posting = a_coordinator(jiyuan.kejing, organisation=old)
    posting.postings.update(until=posting.postings.get().since + timedelta(days=30))
    entrants.append(posting)
    entries = [entering.enter(row, one.person, by=COMMAND_LINE) for one in entrants]
    entering.confirm(entries, by=COMMAND_LINE)
    later(row)
    staff = staffed(row)
    staff.paper.organisation = old
    staff.paper.save()
    colleague = a_coordinator(jiyuan.kejing, organisation=now)
    staff.judges[0].person = colleague.person
    staff.judges[0].save()
    staff.judges[1].user.person_id = entries[2].person_id
    staff.judges[1].user.save()
    appointing.declare_conflict(staff.chief, declared, by=COMMAND_LINE, reason="近亲属在该单位")
    drawing.draw_codes(row, by=COMMAND_LINE)
    drawing.begin_marking(row, by=COMMAND_LINE)
    found = {(one.judge.name, entries.index(one.entry)): one.reason for one in row_barred(row)}
    assert found == {
        ("丙裁判", 3): "裁判所在单位是选手现在或以前的单位",
        ("甲裁判", 0): "裁判与选手在同一单位任职或任过职",
        ("乙裁判", 2): "裁判就是选手本人",
        ("裁判长", 1): "已登记回避选手的单位",
    }
    entry = Entrant.objects.get(pk=entries[0].pk)
    (aspect, *_) = row.rounds.get(kind="practice").aspects.filter(kind="judged")
    values = {(entry.code, aspect.pk): Decimal(5)}
    assert refused(lambda: marking.mark(aspect.round, values, by=staff.judges[0].user)) == "not_due"
    assert refused(lambda: appointing.release(staff.judges[1], by=COMMAND_LINE, reason="生病")) == "too_few_judges"


def row_barred(row: object) -> list:
    from tongxing.competitions.models import Barred

    return list(Barred.objects.filter(judge__competition=row).select_related("judge", "entry"))


def test_results_follow_the_scheme_and_prizes_the_plan(jiyuan: SimpleNamespace) -> None:
    world = ranked(jiyuan.county)
    rows = list(Result.objects.filter(entry__competition=world.row).select_related("entry").order_by("rank"))
    assert [(row.entry.code, row.rank, row.prize) for row in rows] == [("004", 1, 1), ("003", 2, 2), ("002", 3, 3), ("001", 4, 3)]
    # 004: theory 4.5/100 x 40 = 1.80; practice (4.5 x 3)/50 x 60 = 16.20.
    assert (rows[0].theory, rows[0].practice, rows[0].total) == (Decimal("1.80"), Decimal("16.20"), Decimal("18.00"))
    logged = LogEntry.objects.get(act="competitions.rank")
    assert logged.after["secret"] == world.row.secret


def test_who_is_level_shares_the_rank_and_the_better_prize(jiyuan: SimpleNamespace) -> None:
    world = ranked(jiyuan.county, lambda code, aspect, judge: Decimal(5))
    rows = Result.objects.filter(entry__competition=world.row)
    assert {(row.rank, row.shared, row.prize, row.ahead) for row in rows} == {(1, True, Prize.FIRST, 0)}


def test_nothing_is_ranked_while_anything_is_open(jiyuan: SimpleNamespace) -> None:
    world = scene(jiyuan.county)
    assert refused(lambda: resulting.rank(world.row, by=COMMAND_LINE)) == "open_points"
    assert Result.objects.count() == 0


def test_an_appeal_in_time_corrects_a_mark_and_everybody_is_ranked_anew(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    world = ranked(jiyuan.county)
    last = coded(world, "001")
    early = world.row.ranked_on - timedelta(days=1)
    assert refused(lambda: appealing.raise_appeal(last, by=COMMAND_LINE, text="漏加分", raised_on=early)) == "too_late"
    appeal = appealing.raise_appeal(last, by=cast.officer, text="理论第 12 题漏加分")
    assert refused(lambda: appealing.raise_appeal(last, by=COMMAND_LINE, text="再申诉")) == "exists"
    aspect = world.theory.aspects.get()
    settle = {"upheld": True, "finding": "复核试卷，应为 100 分", "aspect": aspect}
    assert refused(lambda: appealing.settle_appeal(appeal, by=COMMAND_LINE, **settle, value=Decimal(101))) == "mark_range"
    assert refused(lambda: appealing.settle_appeal(appeal, by=COMMAND_LINE, **settle)) == "bad_correction"
    rejected = settle | {"upheld": False, "value": Decimal(9)}
    assert refused(lambda: appealing.settle_appeal(appeal, by=COMMAND_LINE, **rejected)) == "bad_correction"
    foreign = schemed(jiyuan.county).rounds.first().aspects.get()
    strange = settle | {"aspect": foreign, "value": Decimal(9)}
    assert refused(lambda: appealing.settle_appeal(appeal, by=COMMAND_LINE, **strange)) == "not_due"
    later(world.row)
    assert refused(lambda: resulting.publish(world.row, by=COMMAND_LINE)) == "open_appeals"
    appealing.settle_appeal(appeal, by=cast.officer, **settle, value=Decimal(100))
    best = Result.objects.select_related("entry").get(entry__competition=world.row, rank=1)
    assert (best.entry.code, best.prize, best.theory) == ("001", 1, Decimal("40.00"))
    assert refused(lambda: appealing.settle_appeal(appeal, by=COMMAND_LINE, **settle, value=Decimal(90))) == "wrong_state"
    logged = LogEntry.objects.get(act="competitions.settle_appeal")
    assert (logged.before, logged.after["ranks_changed"]) == ({"试卷得分": "1.50"}, "4")
    assert Appeal.objects.get().state == "upheld"
    assert resulting.publish(world.row, by=COMMAND_LINE).state == CompetitionState.PUBLISHED


def test_an_appeal_that_is_rejected_changes_nothing(jiyuan: SimpleNamespace) -> None:
    world = ranked(jiyuan.county)
    before = list(Result.objects.order_by("entry").values_list("entry", "rank"))
    appeal = appealing.raise_appeal(coded(world, "002"), by=COMMAND_LINE, text="裁判打分偏低")
    assert refused(lambda: appealing.settle_appeal(appeal, by=COMMAND_LINE, upheld=False, finding="")) == "reason_missing"
    appealing.settle_appeal(appeal, by=COMMAND_LINE, upheld=False, finding="复核无误")
    assert list(Result.objects.order_by("entry").values_list("entry", "rank")) == before
    assert refused(lambda: resulting.publish(world.row, by=COMMAND_LINE)) == "appeal_period"


def test_prizes_count_from_the_day_they_are_published(jiyuan: SimpleNamespace) -> None:
    world = published(jiyuan.county, entries=5)
    people = {code: coded(world, code).person_id for code in ("001", "004", "005")}
    today = timezone.localdate()
    found = prizes.prizes_of(people.values(), today)
    assert set(found) == {people["004"], people["005"]}
    assert found[people["005"]] == [prizes.PrizeWon(f"{world.row.title}一等奖", "县级", False, today)]
    assert prizes.prizes_of(people.values(), today - timedelta(days=1)) == {}
    assert prizes.prizes_of([], today) == {}


def test_the_team_follows_the_ranking_or_says_why_not(jiyuan: SimpleNamespace) -> None:
    world = published(jiyuan.county, entries=6)
    by_rank = [row.entry for row in Result.objects.order_by("rank").select_related("entry__person")]
    team = teaming.choose_team(world.row, by=COMMAND_LINE, members=by_rank[:3], substitutes=by_rank[3:4], reason="不用说")
    assert (team.reason, [one.entry for one in team.members.all()]) == ("", by_rank[:4])
    skipping = {"members": [by_rank[0], by_rank[2]], "substitutes": [by_rank[1]]}
    assert refused(lambda: teaming.choose_team(world.row, by=COMMAND_LINE, **skipping)) == "reason_missing"
    again = teaming.choose_team(world.row, by=COMMAND_LINE, **skipping, reason="第二名省赛期间产假")
    assert (again.pk, again.reason, again.members.count()) == (team.pk, "第二名省赛期间产假", 3)
    for members in ([], by_rank[:4], [by_rank[0], by_rank[0]], [Entrant(pk=0)]):
        assert refused(lambda members=members: teaming.choose_team(world.row, by=COMMAND_LINE, members=members)) == "bad_team"


def test_an_online_round_takes_its_scores_from_the_examination_once_it_is_over(jiyuan: SimpleNamespace) -> None:
    again = an_exam(jiyuan.county)
    exam = an_exam(jiyuan.county, attempts=1)
    row = a_competition(jiyuan.county)
    lay = {"title": "理论", "kind": "online", "weight": 100}
    assert refused(lambda: planning.lay_round(row, by=COMMAND_LINE, **lay, exam=again)) == "bad_exam"
    foreign = an_exam(jiyuan.other, attempts=1)
    assert refused(lambda: planning.lay_round(row, by=COMMAND_LINE, **lay, exam=foreign)) == "bad_exam"
    assert refused(lambda: planning.lay_round(row, by=COMMAND_LINE, **lay)) == "exam_missing"
    one = planning.lay_round(row, by=COMMAND_LINE, **lay, exam=exam)
    planning.set_prizes(row, by=COMMAND_LINE, numbers={1: 1})
    organising.open_entries(row, by=COMMAND_LINE)
    sat, away = an_entry(row, jiyuan.kejing), an_entry(row, jiyuan.kejing)
    entering.confirm([sat, away], by=COMMAND_LINE)
    attempt = sitting.start(exam, sat.person, by=COMMAND_LINE)
    items = attempt.items.select_related("question").order_by("position")
    given = {item.position: Given(item.question.right, 1) for item in list(items)[:3]}
    later(row)
    appointing.appoint(row, by=COMMAND_LINE, duty="chief", user=a_user(jiyuan.county))
    drawing.draw_codes(row, by=COMMAND_LINE)
    drawing.begin_marking(row, by=COMMAND_LINE)
    assert refused(lambda: marking.fetch_online(one, by=COMMAND_LINE)) == "exam_running"
    attempt = sitting.submit(attempt, given, by=COMMAND_LINE)
    examining.close_exam(exam, by=COMMAND_LINE)
    assert marking.fetch_online(one, by=COMMAND_LINE) == 2
    assert marking.fetch_online(one, by=COMMAND_LINE) == 0
    resulting.rank(row, by=COMMAND_LINE)
    reached = (Decimal(100) * attempt.points / attempt.total).quantize(Decimal("0.01"))
    assert list(Result.objects.order_by("rank").values_list("entry", "theory")) == [(sat.pk, reached), (away.pk, Decimal(0))]


def test_marks_are_taken_while_marking_only(jiyuan: SimpleNamespace) -> None:
    world = marked(scene(jiyuan.county))
    resulting.rank(world.row, by=COMMAND_LINE)
    judge = world.staff.judges[0]
    aspect = world.practice.aspects.filter(kind="judged").first()
    assert refused(lambda: marking.mark(world.practice, {("001", aspect.pk): flat("001", "", "")}, by=judge.user)) == "wrong_state"
    assert refused(lambda: entering.mark_absent(coded(world, "001"), by=COMMAND_LINE, reason="x")) == "wrong_state"
