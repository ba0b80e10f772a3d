"""A batch from plan to settled scores: the table of moves, seats, attendance, double entry."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.evaluation import checking, planning, publishing, scoring, seating, sitting
from tongxing.evaluation.models import MOVES, BatchState, Candidate, ExamRoom, Part, PartResult, ScoreEntry
from tongxing.evaluation.passing import decide
from tongxing.evaluation.scoring import clean_score
from tongxing.evaluation.sitting import Mark

from .world import (
    FIRST,
    SECOND,
    THIRD,
    a_batch,
    a_filing,
    a_user,
    an_application,
    examined,
    fixed,
    pass_days,
    plan,
    refused_code,
    score_all,
)


def test_every_state_is_reached_by_a_move_and_every_move_leads_on() -> None:
    targets = {move.target for move in MOVES.values()}
    assert targets | {BatchState.PLANNED} == set(BatchState)
    assert all(move.target not in move.sources for move in MOVES.values())
    ends = set(BatchState) - {source for move in MOVES.values() for source in move.sources}
    assert ends == {BatchState.ARCHIVED, BatchState.CANCELLED}


def test_a_plan_is_judged(jiyuan: SimpleNamespace) -> None:
    filing, today = a_filing(jiyuan.kejing), timezone.localdate()

    def planned(**facts: object) -> str:
        return refused_code(lambda: planning.plan_batch(filing, by=COMMAND_LINE, **plan(filing, **facts)))

    assert planned(title=" ") == "incomplete"
    assert planned(announcement="联系人电话 13800138000") == "personal_data"
    assert planned(apply_until=today - timedelta(days=1)) == "bad_day"
    assert planned(exam_on=today + timedelta(days=10)) == "bad_day"
    assert planned(capacity=0) == "capacity"


def test_an_announced_plan_changes_only_with_a_reason_and_not_its_level(jiyuan: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing)
    batch = a_batch(filing)
    facts = plan(filing, site=batch.site)
    assert refused_code(lambda: planning.change_plan(batch, by=COMMAND_LINE, **facts | {"capacity": 30})) == "reason_missing"
    assert refused_code(lambda: planning.change_plan(batch, by=COMMAND_LINE, reason="改", **facts | {"level": 3})) == "announced"
    planning.change_plan(batch, by=COMMAND_LINE, reason="考点减座", **facts | {"capacity": 30})
    assert Entry.objects.get(act="evaluation.change_plan").before == {"capacity": 100}


def test_a_step_out_of_turn_is_refused_and_names_the_state(jiyuan: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing)
    batch = a_batch(filing)
    assert refused_code(lambda: planning.announce(batch, by=COMMAND_LINE)) == "wrong_state"
    assert refused_code(lambda: planning.close_applications(batch, by=COMMAND_LINE)) == "too_early"
    assert refused_code(lambda: seating.fix_candidates(batch, by=COMMAND_LINE)) == "wrong_state"
    assert refused_code(lambda: publishing.publish_results(batch, by=COMMAND_LINE)) == "wrong_state"
    late = planning.plan_batch(filing, by=COMMAND_LINE, **plan(filing))
    assert refused_code(lambda: planning.announce(pass_days(late, 11), by=COMMAND_LINE)) == "bad_day"


def test_candidates_are_fixed_once_everybody_is_checked(jiyuan: SimpleNamespace) -> None:
    batch = a_batch(a_filing(jiyuan.kejing))
    waiting = an_application(batch, accepted=False)
    planning.close_applications(pass_days(batch, 11), by=COMMAND_LINE)
    assert refused_code(lambda: seating.fix_candidates(batch, by=COMMAND_LINE)) == "unchecked"
    checking.reject(waiting, by=COMMAND_LINE, note="不符合")
    assert refused_code(lambda: seating.fix_candidates(batch, by=COMMAND_LINE)) == "nobody"


def test_seats_are_drawn_by_a_seed_that_anybody_can_draw_again(jiyuan: SimpleNamespace) -> None:
    batch = a_batch(a_filing(jiyuan.kejing))
    for _ in range(5):
        an_application(batch)
    fixed(batch)
    assert refused_code(lambda: seating.draw_seats(batch, by=COMMAND_LINE)) == "too_few_seats"
    rooms = [seating.add_room(batch, by=COMMAND_LINE, name=name, capacity=3) for name in ("101", "102")]
    assert refused_code(lambda: seating.add_room(batch, by=COMMAND_LINE, name="101", capacity=3)) == "room_exists"
    seating.draw_seats(batch, by=COMMAND_LINE, seed="2026")
    first = list(Candidate.objects.values_list("ticket", "room__name", "seat"))
    seating.draw_seats(batch, by=COMMAND_LINE, seed="2026")
    assert list(Candidate.objects.values_list("ticket", "room__name", "seat")) == first
    assert sorted((room, seat) for _, room, seat in first) == [("101", 1), ("101", 2), ("101", 3), ("102", 1), ("102", 2)]
    assert len({ticket for ticket, _, _ in first}) == 5
    assert refused_code(lambda: seating.remove_room(rooms[0], by=COMMAND_LINE)) == "room_taken"
    batch.refresh_from_db()
    assert batch.seat_seed == "2026"


def test_a_seat_that_is_taken_is_swapped(jiyuan: SimpleNamespace) -> None:
    batch = a_batch(a_filing(jiyuan.kejing))
    an_application(batch), an_application(batch)
    fixed(batch)
    room = seating.add_room(batch, by=COMMAND_LINE, name="101", capacity=3)
    seating.draw_seats(batch, by=COMMAND_LINE)
    one, two = Candidate.objects.order_by("seat")
    seating.give_seat(one, by=COMMAND_LINE, room=room, seat=2, reason="行动不便，靠门")
    assert dict(Candidate.objects.values_list("pk", "seat")) == {one.pk: 2, two.pk: 1}
    assert refused_code(lambda: seating.give_seat(one, by=COMMAND_LINE, room=room, seat=4, reason="x")) == "no_seat"
    assert refused_code(lambda: seating.give_seat(one, by=COMMAND_LINE, room=room, seat=3, reason="")) == "reason_missing"
    assert ExamRoom.objects.count() == 1


def test_attendance_is_complete_before_the_examination_ends(jiyuan: SimpleNamespace) -> None:
    batch = a_batch(a_filing(jiyuan.kejing))
    an_application(batch), an_application(batch)
    fixed(batch)
    one, two = Candidate.objects.all()
    assert refused_code(lambda: sitting.finish_exam(batch, by=COMMAND_LINE)) == "unmarked"
    assert refused_code(lambda: sitting.mark_attendance(batch, {one.pk: Mark("violation")}, by=COMMAND_LINE)) == "note_missing"
    assert refused_code(lambda: sitting.mark_attendance(batch, {-1: Mark("present")}, by=COMMAND_LINE)) == "other_batch"
    marks = {one.pk: Mark("present"), two.pk: Mark("violation", "夹带")}
    assert sitting.mark_attendance(batch, marks, by=COMMAND_LINE) == 2
    assert sitting.mark_attendance(batch, marks, by=COMMAND_LINE) == 0
    sitting.finish_exam(batch, by=COMMAND_LINE)
    score_all(batch)
    scoring.settle(batch, by=THIRD)
    assert dict(Candidate.objects.values_list("pk", "passed")) == {one.pk: True, two.pk: False}
    two.refresh_from_db()
    assert two.outcome["reasons"] == ["违纪。夹带"]


def test_two_people_enter_and_a_third_settles_the_difference(jiyuan: SimpleNamespace) -> None:
    batch = a_batch(a_filing(jiyuan.kejing))
    an_application(batch)
    examined(batch)
    one = Candidate.objects.get()

    def enter(turn: int, value: str | None, by: object, part: str = "theory") -> int:
        return scoring.enter_scores(batch, part, turn, {one.pk: Decimal(value) if value else None}, by=by)  # type: ignore[arg-type]

    assert enter(1, "59", FIRST) == 1
    assert enter(1, "58", FIRST) == 1, "one's own entry is mended while it stands alone"
    assert enter(1, "58", FIRST) == 0, "sent twice it is written once"
    assert refused_code(lambda: enter(1, "90", SECOND)) == "entered_by_other"
    assert refused_code(lambda: enter(2, "58", FIRST)) == "same_person"
    assert enter(2, "85", SECOND) == 1
    assert refused_code(lambda: enter(2, "58", SECOND)) == "both_entered"
    assert refused_code(lambda: enter(1, "85", FIRST)) == "both_entered"
    enter(1, "70", FIRST, "practice"), enter(2, "70", SECOND, "practice")
    assert [pair.state for pair in scoring.pairs(batch)] == ["differs", "same"]
    assert refused_code(lambda: scoring.settle(batch, by=THIRD)) == "scores_open"
    assert refused_code(lambda: scoring.resolve_difference(one, "theory", Decimal(85), by=SECOND, reason="看了")) == "same_person"
    assert refused_code(lambda: scoring.resolve_difference(one, "practice", Decimal(70), by=THIRD, reason="看了")) == "no_difference"
    assert refused_code(lambda: scoring.resolve_difference(one, "theory", Decimal(101), by=THIRD, reason="看了")) == "score_range"
    scoring.resolve_difference(one, "theory", Decimal(85), by=THIRD, reason="对照评分表")
    assert refused_code(lambda: scoring.resolve_difference(one, "theory", Decimal(85), by=THIRD, reason="又")) == "already_settled"
    scoring.settle(batch, by=THIRD)
    one.refresh_from_db()
    assert (one.passed, one.outcome["reasons"]) == (True, ["各科都达到 60 分。"])
    assert dict(PartResult.objects.values_list("part", "value")) == {"theory": Decimal("85.0"), "practice": Decimal("70.0")}


def test_scores_are_refused_as_a_whole(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    filing = a_filing(jiyuan.kejing)
    batch = a_batch(filing)
    an_application(batch), an_application(batch)
    fixed(batch)
    one, two = Candidate.objects.all()
    sitting.mark_attendance(batch, {one.pk: Mark("present"), two.pk: Mark("absent")}, by=COMMAND_LINE)
    assert refused_code(lambda: scoring.enter_scores(batch, "theory", 1, {one.pk: Decimal(5)}, by=FIRST)) == "wrong_state"
    sitting.finish_exam(batch, by=COMMAND_LINE)
    both = {one.pk: Decimal(80), two.pk: Decimal(80)}
    assert refused_code(lambda: scoring.enter_scores(batch, "theory", 1, both, by=FIRST)) == "not_due"
    assert refused_code(lambda: scoring.enter_scores(batch, "review", 1, {one.pk: Decimal(80)}, by=FIRST)) == "no_part"
    assert refused_code(lambda: scoring.enter_scores(batch, "theory", 1, {one.pk: Decimal("100.5")}, by=FIRST)) == "score_range"
    body = a_user("机构经办", "assessment_body", organisation=filing.organisation)
    for by in (body, cast.other, a_user("别家", "scorer", organisation=a_filing(jiyuan.kejing).organisation)):
        assert refused_code(lambda by=by: scoring.enter_scores(batch, "theory", 1, {one.pk: Decimal(80)}, by=by)) == "not_allowed"
    scorer = a_user("录分", "scorer", organisation=filing.organisation)
    assert scoring.enter_scores(batch, "theory", 1, {one.pk: None}, by=scorer) == 1
    assert ScoreEntry.objects.get().value is None


def test_levels_two_and_one_have_the_review(jiyuan: SimpleNamespace) -> None:
    batch = a_batch(a_filing(jiyuan.kejing, levels=(2,)), level=2)
    an_application(batch)
    examined(batch)
    assert [pair.part for pair in scoring.pairs(batch)] == ["theory", "practice", "review"]
    score_all(batch)
    scoring.settle(batch, by=THIRD)
    assert Candidate.objects.get().passed is True


@pytest.mark.parametrize(
    ("raw", "value"), [("85", "85.0"), (" 85.5 ", "85.5"), ("８５", "85.0"), ("0", "0.0"), ("100", "100.0"), ("缺考", None)]
)
def test_a_score_is_read_as_people_write_it(raw: str, value: str | None) -> None:
    assert clean_score(raw) == (Decimal(value) if value else None)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("101", "score_range"),
        ("-1", "score_range"),
        ("85.25", "score_places"),
        ("优", "score_form"),
        ("NaN", "score_range"),
        ("", "score_form"),
    ],
)
def test_what_is_no_score_is_refused(raw: str, code: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        clean_score(raw)
    assert wrong.value.code == code


SCORES = st.decimals(0, 100, places=1)


@given(st.integers(1, 4), SCORES, SCORES, SCORES)
def test_passing_is_every_part_at_the_mark(level: int, theory: Decimal, practice: Decimal, review: Decimal) -> None:
    scores = {Part.THEORY: theory, Part.PRACTICE: practice, Part.REVIEW: review}
    needed = [theory, practice, *([review] if level < 3 else [])]
    answer = decide(level, scores, Decimal(60))
    assert answer.ok == (min(needed) >= 60)
    assert answer.reasons
