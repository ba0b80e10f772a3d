"""Sitting an examination: the paper, answers that survive, the clock, handing in once, wrong answers, feedback."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused
from tongxing.learning import examining, feedback, practising, sitting
from tongxing.learning.drawing import paper_of
from tongxing.learning.merging import follow_person_merge
from tongxing.learning.models import QUESTIONS, Attempt, Exam, Feedback, FeedbackGiven, WrongAnswer
from tongxing.learning.sitting import Given
from tongxing.registry.models import Person
from tongxing.registry.tests.people_factories import a_person
from tongxing.training.models import TrainingClass
from tongxing.training.tests.world import an_account, running_class

from .world import an_exam

pytestmark = pytest.mark.django_db


def begun(jiyuan: SimpleNamespace, **said: Any) -> SimpleNamespace:
    exam = an_exam(jiyuan.county, **said)
    person = a_person(jiyuan.kejing)
    return SimpleNamespace(exam=exam, person=person, attempt=sitting.start(exam, person, by=COMMAND_LINE))


def answers(attempt: Attempt, wrong: int = 0, stamp: int = 1) -> dict[int, Given]:
    """All right but the first so many."""
    items = attempt.items.select_related("question").prefetch_related("question__options")
    return {item.position: Given("C" if item.position <= wrong else item.question.right, stamp) for item in items}


def test_starting_again_goes_on_with_the_same_paper_and_anybody_can_draw_it_again(jiyuan: SimpleNamespace) -> None:
    world = begun(jiyuan)
    again = sitting.start(world.exam, world.person, by=COMMAND_LINE)
    assert (again.pk, Attempt.objects.count(), again.seed, again.total) == (world.attempt.pk, 1, "公开种子/1", 14)
    drawn, _ = paper_of(world.exam, again.seed, again.bank_version)
    assert [one.question_id for one in drawn] == list(again.items.values_list("question_id", flat=True))
    other = sitting.start(world.exam, a_person(jiyuan.kejing), by=COMMAND_LINE)
    assert other.seed == "公开种子/2"


def test_answers_are_kept_and_what_is_sent_again_undoes_nothing(jiyuan: SimpleNamespace) -> None:
    attempt = begun(jiyuan).attempt
    assert sitting.save_answers(attempt, {1: Given("b", 5), 99: Given("A", 9)})[1] == "B"
    assert sitting.save_answers(attempt, {1: Given("A", 4)})[1] == "B"
    assert sitting.save_answers(attempt, {1: Given("", 6)})[1] == ""


def test_handing_in_twice_is_handing_in_once(jiyuan: SimpleNamespace) -> None:
    world = begun(jiyuan)
    first = sitting.submit(world.attempt, answers(world.attempt, wrong=1), by=COMMAND_LINE)
    assert (first.points, first.passed, first.was_late) == (Decimal(12), True, False)
    second = sitting.submit(world.attempt, answers(world.attempt, stamp=2), by=COMMAND_LINE)
    assert (second.points, second.submitted_at) == (first.points, first.submitted_at)
    assert Entry.objects.filter(act="learning.submit_exam").count() == 1
    assert WrongAnswer.objects.get().wrong == 1
    with pytest.raises(Refused, match="已经交卷"):
        sitting.save_answers(world.attempt, {1: Given("A", 9)})


def test_the_clock_is_the_servers(jiyuan: SimpleNamespace) -> None:
    world = begun(jiyuan)
    sitting.save_answers(world.attempt, {1: answers(world.attempt)[1]})
    over = world.attempt.due_at + timedelta(seconds=31)
    with pytest.raises(Refused, match="时间已到"):
        sitting.save_answers(world.attempt, answers(world.attempt, stamp=2), now=over)
    late = sitting.submit(world.attempt, answers(world.attempt, stamp=2), by=COMMAND_LINE, now=over)
    assert (late.was_late, late.points, late.submitted_at) == (True, Decimal(2), late.due_at + timedelta(seconds=30))


def test_what_nobody_hands_in_is_handed_in_when_the_time_is_over(jiyuan: SimpleNamespace) -> None:
    world = begun(jiyuan)
    assert sitting.close_overdue() == 0
    Attempt.objects.update(due_at=timezone.now() - timedelta(minutes=5))
    assert (sitting.close_overdue(), sitting.close_overdue()) == (1, 0)
    assert Attempt.objects.get().was_late
    assert world.attempt.pk


def test_attempts_are_counted_and_the_right_people_may_sit(jiyuan: SimpleNamespace) -> None:
    world = begun(jiyuan, attempts=1)
    sitting.submit(world.attempt, by=COMMAND_LINE)
    with pytest.raises(Refused, match="最多考 1 次"):
        sitting.start(world.exam, world.person, by=COMMAND_LINE)
    with pytest.raises(Refused, match="没有对您开放"):
        sitting.start(world.exam, a_person(jiyuan.other_street), by=COMMAND_LINE)
    held = running_class(jiyuan.county, people=1)
    Exam.objects.filter(pk=world.exam.pk).update(training_class=held.made)
    with pytest.raises(Refused, match="没有对您开放"):
        sitting.start(world.exam, a_person(jiyuan.kejing), by=COMMAND_LINE)
    assert sitting.start(world.exam, held.rows[0].person, by=COMMAND_LINE).number == 1
    examining.close_exam(world.exam, by=COMMAND_LINE)
    with pytest.raises(Refused, match="没有对您开放，或已经结束"):
        sitting.start(world.exam, a_person(jiyuan.kejing), by=COMMAND_LINE)


def test_a_wrong_answer_is_practised_until_right_often_enough(jiyuan: SimpleNamespace) -> None:
    world = begun(jiyuan)
    sitting.submit(world.attempt, answers(world.attempt, wrong=1), by=COMMAND_LINE)
    row = practising.open_wrong(world.person).get()
    assert [practising.practise(row, [letters]) for letters in ("A", "B", "A", "A")] == [True, False, True, True]
    row.refresh_from_db()
    assert (row.wrong, row.right_in_a_row, row.mastered_at is not None) == (2, 2, True)
    assert not practising.open_wrong(world.person).exists()
    again = sitting.start(world.exam, world.person, by=COMMAND_LINE)
    sitting.submit(again, answers(again, wrong=5), by=COMMAND_LINE)
    assert practising.open_wrong(world.person).count() == 5


def test_attempts_follow_a_person_who_was_registered_twice(jiyuan: SimpleNamespace) -> None:
    world = begun(jiyuan)
    sitting.submit(world.attempt, answers(world.attempt, wrong=2), by=COMMAND_LINE)
    twin: Person = a_person(jiyuan.kejing)
    sitting.start(world.exam, twin, by=COMMAND_LINE)
    assert follow_person_merge(twin, world.person, by=COMMAND_LINE) == 1
    assert list(Attempt.objects.filter(person=twin).order_by("number").values_list("number", flat=True)) == [1, 2]
    assert practising.open_wrong(twin).count() == 2


def over(jiyuan: SimpleNamespace, people: int = 5) -> SimpleNamespace:
    world = running_class(jiyuan.county, people=people)
    TrainingClass.objects.filter(pk=world.made.pk).update(state="finished")
    world.made.enrolments.update(state="completed")
    world.rows = list(world.made.enrolments.select_related("training_class"))
    return world


def test_feedback_is_given_once_named_nowhere_and_shown_from_five_on(jiyuan: SimpleNamespace) -> None:
    world = over(jiyuan)
    users = [an_account(f"t{number}", "trainee", area=jiyuan.county, person=row.person) for number, row in enumerate(world.rows)]
    marks = dict.fromkeys(QUESTIONS, 4)
    before = Entry.objects.count()
    for number, (row, user) in enumerate(zip(world.rows, users, strict=True)):
        shown = feedback.summary_of(world.made)
        assert (shown.answers, shown.rows, shown.words) == (number, [], [])
        feedback.give_feedback(row, {**marks, "overall": 5}, "讲得清楚\n希望多些案例", by=user)
    shown = feedback.summary_of(world.made)
    assert (shown.answers, shown.asked, shown.rows[-1]) == (5, 5, ("总体满意", 5.0, [0, 0, 0, 0, 5]))
    assert Entry.objects.count() == before
    assert {field.name for field in Feedback._meta.fields} & {"enrolment", "person", "at", "by"} == set()
    assert {field.name for field in FeedbackGiven._meta.fields} == {"id", "enrolment"}
    for row, user, given, code in (
        (world.rows[0], users[0], marks, "no_feedback"),
        (world.rows[0], users[1], marks, "no_feedback"),
    ):
        with pytest.raises(Refused) as refused:
            feedback.give_feedback(row, given, by=user)
        assert refused.value.code == code


def test_feedback_is_counted_in_groups_so_that_the_sixth_answer_shows_nothing(jiyuan: SimpleNamespace) -> None:
    world = over(jiyuan, people=11)
    seen = []
    for number, row in enumerate(world.rows, start=1):
        user = an_account(f"t{number}", "trainee", area=jiyuan.county, person=row.person)
        feedback.give_feedback(row, dict.fromkeys(QUESTIONS, 5 if number < 6 else 1), f"第 {number} 份", by=user)
        seen.append(feedback.summary_of(world.made))
    assert [shown.counted for shown in seen] == [0, 0, 0, 0, 5, 5, 5, 5, 5, 10, 10]
    assert [shown.missing for shown in seen] == [4, 3, 2, 1, 5, 4, 3, 2, 1, 5, 4]
    assert all(shown.rows == seen[4].rows and shown.words == seen[4].words for shown in seen[5:9]), (
        "nothing to hold against what stood there"
    )
    assert (seen[8].rows[0][1:], seen[9].rows[0][1:]) == ((5.0, [0, 0, 0, 0, 5]), (3.0, [5, 0, 0, 0, 5]))
    assert sorted(seen[10].words) == sorted(f"第 {number} 份" for number in range(1, 11))


def test_feedback_asks_for_every_mark_and_a_class_that_is_over(jiyuan: SimpleNamespace) -> None:
    world = over(jiyuan, people=1)
    user = an_account("t", "trainee", area=jiyuan.county, person=world.rows[0].person)
    with pytest.raises(Refused, match="每一项打 1 至 5 分"):
        feedback.give_feedback(world.rows[0], {"overall": 6}, by=user)
    TrainingClass.objects.update(state="running")
    world.rows[0].training_class.refresh_from_db()
    with pytest.raises(Refused, match="结业以后"):
        feedback.give_feedback(world.rows[0], dict.fromkeys(QUESTIONS, 3), by=user)
