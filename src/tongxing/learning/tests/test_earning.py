"""Earned time: never more than truly passed, never more than the lesson, whatever the page says."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.errors import Refused
from tongxing.learning import authoring, studying
from tongxing.learning.earning import Beat, Limits, earn, is_through
from tongxing.learning.models import Progress, Seat, StudyDay
from tongxing.policy.models import BureauProvision
from tongxing.training.hours import hours_of
from tongxing.training.models import OnlineCredit, TrainingClass

from .world import a_question, at, beat, studied

LIMITS = Limits(gap_ms=60_000, idle=timedelta(minutes=5), day_ms=10**9, share=90)
START = timezone.now()
LENGTHS = (600, 1_800)
BEATS = st.lists(
    st.tuples(
        st.integers(-90_000, 200_000),  # milliseconds since the last beat; a clock may even go back
        st.integers(0, 1),  # the lesson
        st.sampled_from("ab"),  # the page
        st.one_of(st.integers(-5_000, 4_000_000), st.just(-1)),  # a forged place; -1: where an honest player would be
        st.booleans(),
        st.booleans(),
        st.booleans(),
    ),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(beats=BEATS)
def test_earned_time_never_exceeds_real_time_nor_the_lesson(beats: list[tuple[int, int, str, int, bool, bool, bool]]) -> None:
    seat, rows = Seat(), [Progress(pk=1), Progress(pk=2)]
    now, passed = START, 0
    for since, which, tab, place, visible, touched, leaving in beats:
        now += timedelta(milliseconds=since)
        passed += max(0, since)
        row, before = rows[which], rows[which].earned_ms
        honest = row.position_ms + max(0, since)
        said = Beat(tab, honest if place == -1 else place, visible, touched, leaving)
        heard = earn(seat, row, said, stop_ms=LENGTHS[which] * 1000, left_ms=10**9, now=now, limits=LIMITS)
        assert 0 <= heard.gained_ms == row.earned_ms - before <= max(0, since)
        assert row.earned_ms <= row.furthest_ms <= LENGTHS[which] * 1000
        if not visible:
            assert heard.gained_ms == 0
    assert sum(row.earned_ms for row in rows) <= passed


@settings(max_examples=60, deadline=None)
@given(jitter=st.lists(st.integers(-1_000, 1_000), min_size=60, max_size=60))
def test_an_honest_player_on_an_uneven_line_is_never_thrown_back_and_can_make_up(jitter: list[int]) -> None:
    seat, row, length_ms = Seat(), Progress(pk=1), 600_000

    def play(number: int, place: int) -> str:
        now = START + timedelta(milliseconds=number * 15_000 + jitter[number])
        return earn(seat, row, Beat("a", place), stop_ms=length_ms, left_ms=10**9, now=now, limits=LIMITS).why

    assert {play(number, number * 15_000) for number in range(41)} == {""}
    assert row.furthest_ms == length_ms
    assert row.earned_ms >= length_ms * 0.86
    for again in range(41, 60):
        play(again, (again - 41) * 15_000)
    assert row.earned_ms >= length_ms * 0.99


def test_two_pages_in_turn_earn_nothing() -> None:
    seat, rows = Seat(), [Progress(pk=1), Progress(pk=2)]
    for number in range(40):
        row = rows[number % 2]
        said = Beat("ab"[number % 2], number * 10_000)
        heard = earn(seat, row, said, stop_ms=600_000, left_ms=10**9, now=START + timedelta(seconds=number * 10), limits=LIMITS)
        assert heard.why == ("doubled" if number else "") or number == 0
    assert [row.earned_ms for row in rows] == [0, 0]


def test_the_end_asks_for_the_place_and_the_time() -> None:
    assert is_through(Progress(furthest_ms=59_000, earned_ms=58_000), 60, 90)
    assert not is_through(Progress(furthest_ms=59_000, earned_ms=30_000), 60, 90)
    assert not is_through(Progress(furthest_ms=50_000, earned_ms=50_000), 60, 90)


# --- with the database
pytestmark = pytest.mark.django_db


def test_a_lesson_that_is_studied_through_gives_its_hours_once(jiyuan: SimpleNamespace) -> None:
    world = studied(jiyuan, minutes=1)
    heard = [beat(world, second) for second in (0, 15, 30, 45, 60)]
    assert [one.gained_ms for one in heard] == [0, 15_000, 15_000, 15_000, 15_000]
    assert [one.done for one in heard] == [False, False, False, False, True]
    assert OnlineCredit.objects.get().minutes == 1
    assert beat(world, 75, 60).done
    assert OnlineCredit.objects.count() == 1
    assert StudyDay.objects.get().earned_ms == 60_000
    assert hours_of(world.made)[world.row.pk].online == 0  # one minute is no whole hour yet


def test_replayed_forged_hidden_idle_and_early_beats_earn_nothing(jiyuan: SimpleNamespace) -> None:
    world = studied(jiyuan, minutes=10)
    beat(world, 0)
    assert beat(world, 15).gained_ms == 15_000
    assert beat(world, 15).gained_ms == 0
    jumped = beat(world, 30, 500)
    assert (jumped.gained_ms, jumped.why, jumped.go_to_ms) == (0, "jump", 15_000)
    assert beat(world, 45, 30, visible=False).why == "hidden"
    assert beat(world, 60, 30).gained_ms == 15_000
    for second in range(75, 361, 15):
        assert beat(world, second, second - 30, touched=False).gained_ms == 15_000
    assert (beat(world, 375, 345, touched=False).why, beat(world, 390, 345).why) == ("idle", "")
    assert beat(world, 1_000, 360).gained_ms == 15_000
    assert Progress.objects.get().earned_ms == 360_000


def test_after_a_long_gap_only_the_gap_of_the_provision_counts(jiyuan: SimpleNamespace) -> None:
    world = studied(jiyuan, minutes=10)
    beat(world, 0)
    assert beat(world, 300, 60).gained_ms == 60_000
    assert beat(world, 900, 600).why == "jump"


def test_two_tabs_stop_each_other_and_one_that_closes_frees_the_seat(jiyuan: SimpleNamespace) -> None:
    world = studied(jiyuan, minutes=10)
    beat(world, 0)
    beat(world, 15)
    assert [beat(world, second, 15, tab).why for second, tab in ((20, "two"), (30, "one"), (35, "two"))] == ["doubled"] * 3
    assert beat(world, 90, 15, "two").gained_ms == 0  # seventy seconds after the last doubling the page earns again from here
    assert beat(world, 100, 25, "two").gained_ms == 10_000
    beat(world, 110, 35, "two", leaving=True)
    assert beat(world, 112, 35, "three").why == ""
    assert beat(world, 127, 50, "three").gained_ms == 15_000


def test_a_question_on_the_way_stops_everything_until_it_is_answered_rightly(jiyuan: SimpleNamespace) -> None:
    world = studied(jiyuan, minutes=1)
    world.progress.delete()
    question = a_question()
    checkpoint = authoring.add_checkpoint(world.lesson, question, by=COMMAND_LINE, second=20)
    world.progress = studying.begin(world.row, world.lesson)
    beat(world, 0)
    with pytest.raises(Refused, match="没有要答"):
        studying.answer_checkpoint(world.progress, checkpoint, "A", by=COMMAND_LINE)
    beat(world, 15)
    stopped = beat(world, 30)
    assert (stopped.gained_ms, stopped.checkpoint, stopped.go_to_ms) == (5_000, checkpoint, 20_000)
    assert beat(world, 45, 33).gained_ms == 0
    assert [studying.answer_checkpoint(world.progress, checkpoint, letters, by=COMMAND_LINE) for letters in ("B", "AB", "A")] == [
        False,
        False,
        True,
    ]
    assert beat(world, 60, 35).gained_ms == 15_000
    with pytest.raises(Refused, match="已有学员在学"):
        authoring.drop_checkpoint(checkpoint, by=COMMAND_LINE)


def test_a_day_has_its_cap(jiyuan: SimpleNamespace) -> None:
    BureauProvision.objects.create(key="learning.minutes_a_day", value=1, valid_from="2022-01-02", source="试验", added_by="测试")
    world = studied(jiyuan, minutes=5)
    gained = [beat(world, second).gained_ms for second in range(0, 106, 15)]
    assert (gained[:5], sum(gained)) == ([0, 15_000, 15_000, 15_000, 15_000], 60_000)
    assert beat(world, 120).why == "day"


def test_only_a_running_class_counts_time(jiyuan: SimpleNamespace) -> None:
    world = studied(jiyuan)
    TrainingClass.objects.filter(pk=world.made.pk).update(state="finished")
    with pytest.raises(Refused, match="开班期间"):
        beat(world, 0)
    assert at(world, 1) > world.begun
