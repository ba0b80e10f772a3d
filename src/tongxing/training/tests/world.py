"""Factories for tests of training; every name and number is made up."""

from datetime import date, time, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from tongxing.accounts.models import Grant, User
from tongxing.areas.models import Area
from tongxing.audit.log import COMMAND_LINE
from tongxing.registry.models import Organisation, Person
from tongxing.registry.tests.people_factories import a_person
from tongxing.training import classes, courses, enrolment, providers, sessions
from tongxing.training.models import Course, Enrolment, Provider, Session, TrainingClass

_serial = count(1)
TODAY = timezone.localdate()


def a_provider(area: Area, *, years: tuple[int, ...] = (), levels: tuple[int, ...] = (4, 3)) -> Provider:
    name = f"济源第{next(_serial)}培训学校"
    school = Organisation.objects.create(name=name, name_key=name, kind="training", area=area)
    provider = providers.register_provider(school, by=COMMAND_LINE)
    for year in years or (TODAY.year, TODAY.year + 1):
        providers.set_eligibility(provider, year, levels, by=COMMAND_LINE)
    return provider


def a_course(level: int = 4, hours: int = 40) -> Course:
    topics = [courses.TopicLine("劳动法律法规", hours - 8), courses.TopicLine("集体协商实操", 8, is_practice=True)]
    return courses.create_course(by=COMMAND_LINE, name=f"劳动关系协调员培训{next(_serial)}", level=level, topics=topics)


def a_class(area: Area, **facts: Any) -> TrainingClass:
    starts = facts.get("starts_on") or TODAY + timedelta(days=30)
    values = {"title": f"第{next(_serial)}期", "mode": "offline", "place": "人力资源市场", "capacity": 30, "starts_on": starts}
    values |= {"ends_on": starts + timedelta(days=20), **facts}
    provider = values.pop("provider", None) or a_provider(area)
    course = values.pop("course", None) or a_course()
    return classes.create_class(course, provider, area, by=COMMAND_LINE, **values)


def a_session(training_class: TrainingClass, day: int = 0, **facts: Any) -> Session:
    provider = training_class.provider
    values = {
        "on": training_class.starts_on + timedelta(days=day),
        "begins": time(8, 30),
        "ends": time(11, 30),
        "hours": 4,
        "topic": training_class.course.topics.first(),
        "trainer": provider.trainers.first() or providers.add_trainer(provider, by=COMMAND_LINE, name="张老师"),
        "room": provider.rooms.first() or providers.add_room(provider, by=COMMAND_LINE, name="一号教室", seats=60),
        "is_online": False,
    }
    return sessions.plan_session(training_class, by=COMMAND_LINE, **{**values, **facts})


def trainees(training_class: TrainingClass, number: int, area: Area | None = None) -> list[Enrolment]:
    """So many people admitted."""
    rows = [enrolment.apply(training_class, a_person(area or training_class.area), by=COMMAND_LINE) for _ in range(number)]
    enrolment.admit(training_class, [row.pk for row in rows], by=COMMAND_LINE)
    for row in rows:
        row.refresh_from_db()
    return rows


def complete_plan(training_class: TrainingClass, people: int = 2) -> TrainingClass:
    """Everything that a filing consists of."""
    TrainingClass.objects.filter(pk=training_class.pk).update(teaching_plan="按大纲", materials="统编教材", test_plan="闭卷百分制")
    for day in range(10):
        a_session(training_class, day)
    trainees(training_class, people)
    training_class.refresh_from_db()
    return training_class


def an_account(
    username: str, role: str, *, area: Area | None = None, organisation: int | None = None, person: Person | None = None
) -> User:
    user = User.objects.create_user(username, "clay-river-9-lamp", name=username, person_id=person.pk if person else None)
    Grant.objects.create(user=user, role=role, area=area, organisation_id=organisation, since=date(2020, 1, 1), granted_by="测试")
    return user


def running_class(area: Area, people: int = 2, sessions_planned: int = 2, *, began: int = 1) -> SimpleNamespace:
    """A class that began so many days ago, with sessions from its first day on, and its trainees."""
    made = a_class(area)
    planned = [a_session(made, day) for day in range(sessions_planned)]
    rows = trainees(made, people)
    back = (made.starts_on - TODAY).days + began
    for session in planned:
        session.on -= timedelta(days=back)
        session.save(update_fields=["on"])
    changes = {"starts_on": made.starts_on - timedelta(days=back), "ends_on": made.ends_on - timedelta(days=back), "state": "running"}
    TrainingClass.objects.filter(pk=made.pk).update(**changes)
    made.refresh_from_db()
    held = [Session.objects.select_related("training_class__provider__organisation").get(pk=session.pk) for session in planned]
    return SimpleNamespace(made=made, sessions=held, rows=rows)
