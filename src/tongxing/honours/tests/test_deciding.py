"""The meeting: three parties, votes that add up, majority, quota, reasons for departing from the ranking; and taking it back."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tongxing.audit.log import COMMAND_LINE
from tongxing.evaluation.tests.world import refused_code as refused
from tongxing.honours import deciding, empanelling, selecting
from tongxing.honours.deciding import Ballot, Present
from tongxing.honours.models import Kind, Nomination, Stage, Vote
from tongxing.honours.weighing import Candidate, advice, departing

from .review_world import PRESENT, a_meeting, a_nominee, a_panel, at_stage, closed, score_all, votes
from .world import a_selection, a_society

PLACES = st.dictionaries(st.integers(0, 20), st.one_of(st.none(), st.integers(1, 9)), min_size=1, max_size=10)


@given(PLACES, st.integers(0, 10))
def test_choosing_from_the_top_departs_from_nothing(places, number):
    order = sorted(places, key=lambda key: (places[key] is None, places[key] or 0))
    assert departing(places, order[:number]) == set()


@given(PLACES, st.data())
def test_whoever_departs_has_somebody_on_the_other_side(places, data):
    chosen = data.draw(st.sets(st.sampled_from(sorted(places))))
    away = departing(places, chosen)
    worse = {key: 10 if place is None else place for key, place in places.items()}
    for key in away & chosen:
        assert any(worse[other] < worse[key] for other in away - chosen)
    assert bool(away & chosen) == bool(away - chosen)


def test_advice_names_what_is_lopsided():
    def one(area: str, host: str, *, front_line: bool = False) -> Candidate:
        return Candidate(1, "甲", 1, area, host, front_line)

    told = advice([one("克井镇", "企业"), one("克井镇", "工会"), one("五龙口镇", "协会")])
    assert ["克井镇" in told[0], "一线" in told[1], len(told)] == [True, True, 2]
    assert advice([one("克井镇", "企业", front_line=True)]) == []


@pytest.mark.django_db
def test_a_meeting_needs_the_three_parties_and_its_stage(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    row, today = a_selection(jiyuan.county), timezone.localdate()

    def hold(present: tuple[Present, ...] = PRESENT, by: object = COMMAND_LINE, **facts: object) -> object:
        values = {"held_on": today, "place": "会议室", "chair": "赵局", **facts}
        return deciding.hold_meeting(row, by=by, present=present, **values)

    assert refused(hold) == "wrong_stage"
    row = at_stage(row, Stage.MEETING)
    assert refused(lambda: hold(by=cast.leader)) == "not_allowed"
    assert refused(lambda: hold(PRESENT[:2])) == "party_missing"
    assert refused(lambda: hold((*PRESENT, PRESENT[0]))) == "present"
    assert refused(lambda: hold(held_on=today + timedelta(days=1))) == "future_day"
    assert refused(lambda: hold(place=" ")) == "reason_missing"
    assert refused(lambda: hold(minutes="身份证 410881199003074312")) == "personal_data"
    first = hold()
    assert hold(chair="李局").pk == first.pk  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_votes_add_up_and_the_quota_is_kept(jiyuan: SimpleNamespace) -> None:
    scene = a_panel(jiyuan.county, nominees=6)
    society = a_nominee(scene.selection, a_society(jiyuan.kejing, members=0))
    score_all(scene.panel, {one.pk: 90 - place for place, one in enumerate(scene.nominees)})
    empanelling.close_panel(scene.panel, by=COMMAND_LINE)
    closed(scene.selection, Kind.ORGANISATION)
    meeting = a_meeting(scene.selection)
    people = scene.nominees

    def vote(chosen: list[Nomination], **reasons: str) -> None:
        deciding.set_votes(meeting, votes([*people, society], chosen, **reasons), by=COMMAND_LINE)

    def finish(reason: str = "") -> object:
        return deciding.close_meeting(meeting, by=COMMAND_LINE, reason=reason)

    assert refused(finish) == "not_voted"
    assert refused(lambda: deciding.set_votes(meeting, {people[0].pk: Ballot(2, 0, 0, "chosen")}, by=COMMAND_LINE)) == "votes"
    assert refused(lambda: deciding.set_votes(meeting, {10**9: Ballot(3, 0, 0, "chosen")}, by=COMMAND_LINE)) == "wrong_state"
    vote([*people, society])
    assert refused(finish) == "too_many"
    vote([*people[:2], society])
    assert refused(finish) == "too_few"
    vote(people[:3])
    assert refused(finish) == "too_few"
    vote([people[0], people[1], people[3], society])
    assert refused(finish) == "reason_missing"
    vote([people[0], people[1], people[3], society], **{f"n{people[2].pk}": "已连续两年推荐", f"n{people[3].pk}": "一线代表不足"})
    final = finish()
    assert final.closed_on == timezone.localdate()  # type: ignore[attr-defined]
    assert list(Nomination.objects.filter(state="chosen").values_list("pk", flat=True).order_by("pk")) == [
        people[0].pk,
        people[1].pk,
        people[3].pk,
        society.pk,
    ]
    assert list(Vote.objects.filter(nomination__in=people, choice="chosen").order_by("place").values_list("nomination_id", flat=True)) == [
        people[0].pk,
        people[1].pk,
        people[3].pk,
    ]
    assert refused(finish) == "closed"
    assert refused(lambda: deciding.reopen_meeting(meeting, by=COMMAND_LINE, reason="")) == "reason_missing"
    deciding.reopen_meeting(meeting, by=COMMAND_LINE, reason="票数录错")
    assert Nomination.objects.filter(state="accepted").count() == 7


@pytest.mark.django_db
def test_without_a_majority_nobody_is_recommended_and_fewer_need_a_reason(jiyuan: SimpleNamespace) -> None:
    scene = a_panel(jiyuan.county, nominees=1)
    (one,) = scene.nominees
    score_all(scene.panel, {one.pk: 80})
    empanelling.close_panel(scene.panel, by=COMMAND_LINE)
    meeting = a_meeting(scene.selection)
    deciding.set_votes(meeting, {one.pk: Ballot(1, 1, 1, "chosen")}, by=COMMAND_LINE)
    assert refused(lambda: deciding.close_meeting(meeting, by=COMMAND_LINE, reason="只有一人")) == "no_majority"
    deciding.set_votes(meeting, {one.pk: Ballot(2, 1, 0, "chosen")}, by=COMMAND_LINE)
    meeting = deciding.close_meeting(meeting, by=COMMAND_LINE, reason="今年只有一人符合条件")
    assert "名额说明：今年只有一人符合条件" in meeting.minutes
    (found,) = deciding.candidates_of(list(Nomination.objects.filter(kind=Kind.PERSON)), timezone.localdate())
    assert (found.name, found.place) == (one.subject.name, 1)


@pytest.mark.django_db
def test_a_step_is_done_only_when_its_work_is(jiyuan: SimpleNamespace) -> None:
    """Visit, review and meeting each hold the plan until they are done; without nominations the officer's word is enough."""
    row = at_stage(a_selection(jiyuan.county), Stage.VISIT)
    waiting = a_nominee(row, state="submitted")
    assert refused(lambda: selecting.complete_step(row, by=COMMAND_LINE)) == "not_done"
    Nomination.objects.filter(pk=waiting.pk).update(state="accepted")
    row = at_stage(row, Stage.REVIEW)
    assert refused(lambda: selecting.complete_step(row, by=COMMAND_LINE)) == "not_done"
    Nomination.objects.filter(pk=waiting.pk).update(state="withdrawn")
    assert selecting.complete_step(row, by=COMMAND_LINE).stage == Stage.MEETING
