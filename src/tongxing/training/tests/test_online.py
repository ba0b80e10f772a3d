"""Online lessons in the plan of a class, and the hours they give: the same on every page and paper."""

import uuid
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.core.errors import Refused
from tongxing.registry.tests.people_factories import a_person
from tongxing.training import completing, courses, enrolment, online
from tongxing.training.filing import filing_decision
from tongxing.training.hours import hours_of, hours_of_people
from tongxing.training.merging import follow_person_merge
from tongxing.training.models import OnlineCredit, OnlineLesson, Topic, TrainingClass
from tongxing.training.papers import archive_parts, transcript_of

from .world import a_class, an_account, running_class

pytestmark = pytest.mark.django_db


def mixed(jiyuan: SimpleNamespace, people: int = 2) -> SimpleNamespace:
    """A running class with one session of four hours and three lessons: 90 and 30 minutes of one topic, 45 of the other."""
    world = running_class(jiyuan.county, people=people, sessions_planned=1)
    TrainingClass.objects.filter(pk=world.made.pk).update(mode="mixed")
    first, second = world.made.course.topics.all()
    world.lessons = [planned(world.made, topic, minutes) for topic, minutes in ((first, 90), (first, 30), (second, 45))]
    return world


def planned(held: TrainingClass, topic: Topic, minutes: int) -> OnlineLesson:
    return online.plan_online(held, topic, by=COMMAND_LINE, key=uuid.uuid4(), title=f"第 {minutes} 课", minutes=minutes)


def credit(world: SimpleNamespace, lesson: int, minutes: int, row: int = 0) -> OnlineCredit:
    return online.credit_online_minutes(world.rows[row], world.lessons[lesson].key, minutes, by=COMMAND_LINE)


def test_minutes_of_a_topic_make_whole_hours_planned_and_earned_alike(jiyuan: SimpleNamespace) -> None:
    world = mixed(jiyuan)
    assert hours_of(world.made)[world.rows[0].pk].planned == 4 + 120 // 45 + 1
    credit(world, 0, 90)
    credit(world, 1, 30)
    found = hours_of(world.made)
    mine, other = found[world.rows[0].pk], found[world.rows[1].pk]
    assert (mine.earned, mine.online, dict(mine.topics)) == (2, 2, {"劳动法律法规": 2})
    assert (other.earned, other.planned) == (0, mine.planned)
    assert hours_of_people(world.rows)[world.rows[0].pk] == mine


def test_hours_ask_as_often_for_three_trainees_as_for_one(jiyuan: SimpleNamespace) -> None:
    counts = []
    for people in (1, 3):
        world = mixed(jiyuan, people=people)
        for ask in (lambda world=world: hours_of(world.made), lambda world=world: hours_of_people(world.rows)):
            with CaptureQueriesContext(connection) as queries:
                ask()
            counts.append(len(queries))
    assert counts[:2] == counts[2:]


def test_a_lesson_is_credited_once_and_never_beyond_its_minutes(jiyuan: SimpleNamespace) -> None:
    world = mixed(jiyuan)
    assert [credit(world, 2, minutes).minutes for minutes in (20, 20, 10, 45, 90)] == [20, 20, 20, 45, 45]
    assert OnlineCredit.objects.count() == 1
    assert Entry.objects.filter(act="training.credit_online").count() == 2


def test_only_trainees_of_a_running_class_are_credited_by_themselves_or_who_runs_it(jiyuan: SimpleNamespace) -> None:
    world = mixed(jiyuan)
    person, stranger = world.rows[0].person, a_person(jiyuan.county)
    own = an_account("studies", "trainee", area=jiyuan.county, person=person)
    other = an_account("other", "trainee", area=jiyuan.county, person=stranger)
    assert online.credit_online_minutes(world.rows[0], world.lessons[0].key, 90, by=own).minutes == 90
    for row, key, by, code in (
        (world.rows[0], world.lessons[1].key, other, "not_allowed"),
        (world.rows[0], uuid.uuid4(), own, "not_planned"),
    ):
        with pytest.raises(Refused) as refused:
            online.credit_online_minutes(row, key, 5, by=by)
        assert refused.value.code == code
    TrainingClass.objects.filter(pk=world.made.pk).update(state="finished")
    with pytest.raises(Refused, match="开班期间"):
        credit(world, 1, 30)


def test_a_plan_holds_each_lesson_once_and_only_of_its_own_syllabus(jiyuan: SimpleNamespace) -> None:
    world = mixed(jiyuan)
    topic = world.made.course.topics.first()
    offline, foreign = a_class(jiyuan.county), a_class(jiyuan.county).course.topics.first()
    for held, of, key, code in (
        (world.made, topic, world.lessons[0].key, "planned"),
        (world.made, foreign, uuid.uuid4(), "foreign"),
        (offline, offline.course.topics.first(), uuid.uuid4(), "offline"),
    ):
        with pytest.raises(Refused) as refused:
            online.plan_online(held, of, by=COMMAND_LINE, key=key, title="课", minutes=10)
        assert refused.value.code == code
    credit(world, 0, 90)
    with pytest.raises(Refused, match="已有学员学完"):
        online.drop_online(world.lessons[0], by=COMMAND_LINE)
    online.drop_online(world.lessons[1], by=COMMAND_LINE)
    assert world.made.online_lessons.count() == 2


def test_online_lessons_count_for_the_filing_and_hold_the_syllabus(jiyuan: SimpleNamespace) -> None:
    made = a_class(jiyuan.county, mode="online")
    first, second = made.course.topics.all()
    planned(made, first, 32 * 45)
    assert "学时：已排 32 学时，要求至少 40 学时。" in filing_decision(made).reasons
    planned(made, second, 8 * 45)
    assert not [reason for reason in filing_decision(made).reasons if reason.startswith(("学时", "课程表"))]
    lines = [courses.TopicLine("另一份大纲", 40)]
    with pytest.raises(Refused, match="大纲不能再改"):
        courses.change_course(made.course, by=COMMAND_LINE, topics=lines, summary="", version=1)


def test_who_studied_may_not_withdraw_and_completing_waits_for_the_last_day(jiyuan: SimpleNamespace) -> None:
    world = mixed(jiyuan)
    credit(world, 0, 90)
    with pytest.raises(Refused, match="线上学时的学员不能退出"):
        enrolment.withdraw(world.rows[0], by=COMMAND_LINE)
    TrainingClass.objects.filter(pk=world.made.pk).update(state="running")
    world.made.sessions.all().delete()
    with pytest.raises(Refused, match="还有 2 名学员没有学完线上课"):
        completing.complete_class(world.made, by=COMMAND_LINE)


def test_screen_transcript_archive_and_rule_say_the_same(jiyuan: SimpleNamespace, client: Client) -> None:
    world = mixed(jiyuan)
    credit(world, 0, 90)
    row = world.rows[0]
    client.force_login(an_account("studies", "trainee", area=jiyuan.county, person=row.person))
    assert "已得 2 / 7 学时" in client.get(reverse("training:own-class", args=[world.made.uid])).content.decode()
    assert "出勤 2 / 7 学时（29%），其中线上 2 学时" in completing.decisions_of(world.made)[0][2].reasons[0]
    tables = [block for block in transcript_of(row.person, [row]).blocks if hasattr(block, "rows")]
    assert list(tables[1].rows) == [("劳动法律法规", 2), ("合计", 2), ("应修", 7)]
    parts = archive_parts(world.made)
    assert [block.title for block in parts["03-课程表"].tables if block.title] == ["线上课"]
    assert next(block for block in parts["04-考勤簿"].tables if block.title == "线上学时").rows[0][2:4] == ("第 90 课", 90)


def test_hours_follow_a_person_who_was_registered_twice(jiyuan: SimpleNamespace) -> None:
    world = mixed(jiyuan)
    credit(world, 0, 90)
    credit(world, 0, 60, row=1)
    credit(world, 2, 45, row=1)
    follow_person_merge(world.rows[0].person, world.rows[1].person, by=COMMAND_LINE)
    kept = world.made.enrolments.get()
    assert sorted(kept.online_credits.values_list("minutes", flat=True)) in ([45, 60], [45, 90])
