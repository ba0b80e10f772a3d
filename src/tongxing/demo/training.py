"""Training in the demonstration: a provider, courses, and a class at every stage, played by the same acts that people use.

Acts keep to the calendar, so what lies in the past (who was admitted, that the class was let through) is written down as it stood.
"""

from datetime import date, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db.models import F
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.areas.models import Area
from tongxing.registry.models import Organisation, Person
from tongxing.targets.models import Gap, Target
from tongxing.targets.recruiting import invite_for_gaps
from tongxing.training import classes, completing, courses, enrolment, filing, providers, running, sessions
from tongxing.training.attendance import Mark, take_attendance
from tongxing.training.certifying import certify
from tongxing.training.models import Course, Enrolment, Provider, Session, TrainingClass

TOPICS = (
    ("劳动标准实施管理", 8, False),
    ("劳动合同管理", 8, False),
    ("集体协商与集体合同", 8, True),
    ("规章制度与民主管理", 4, False),
    ("沟通与争议预防处理", 8, True),
    ("综合案例", 4, True),
)
TEXTS = {
    "teaching_plan": "按大纲六个模块授课，每天不超过 7 学时，实操占 20 学时。",
    "materials": "《劳动关系协调员》教程，案例汇编，多媒体教室一间。",
    "test_plan": "闭卷，百分制，60 分合格；综合案例分析占 40 分。",
}
TRAINERS = (("郑老师", "研究生", "副教授", "劳动关系协调师二级"), ("冯老师", "大学本科", "律师", "法律职业资格"))


class Stage:
    """The demonstration's school year: who acts, and the tools to make a class."""

    def __init__(self, random: Random, cast: dict[str, User], county: Area, today: date) -> None:
        self.random, self.cast, self.county, self.today = random, cast, county, today
        self.officer, self.clerk = cast["demo-officer"], cast["demo-training"]
        self.provider = self._provider()
        self.course = self._course(4)
        self._course(3)
        self.people = list(Person.objects.filter(coordinator__status="active").order_by("id"))
        self.taken = 0

    def _provider(self) -> Provider:
        school = Organisation.objects.get(kind="training", name__contains="技能培训学校")
        provider = providers.register_provider(school, by=self.officer, remark="演示")
        for year in (self.today.year - 1, self.today.year, self.today.year + 1):
            providers.set_eligibility(provider, year, [4, 3], by=self.officer, document=f"演示人社〔{year}〕1号")
        for name, education, title, qualification in TRAINERS:
            providers.add_trainer(provider, by=self.clerk, name=name, education=education, title=title, qualification=qualification)
        providers.add_room(provider, by=self.clerk, name="一号多媒体教室", seats=60, address="沁园街道演示路 1 号")
        providers.add_room(provider, by=self.clerk, name="二号教室", seats=40, address="沁园街道演示路 1 号")
        return provider

    def _course(self, level: int) -> Course:
        lines = [courses.TopicLine(*topic) for topic in TOPICS]
        name = {4: "劳动关系协调员基础班", 3: "劳动关系协调员提高班"}[level]
        return courses.create_course(by=self.officer, name=name, level=level, topics=lines, summary="演示大纲")

    def next_people(self, number: int) -> list[Person]:
        found = self.people[self.taken : self.taken + number]
        self.taken += number
        return found

    def a_class(self, title: str, starts_on: date, *, capacity: int = 40, **facts: Any) -> TrainingClass:
        values: dict[str, Any] = {"mode": "offline", "place": "济源示范区人力资源市场三楼", **TEXTS, **facts}
        ends_on = starts_on + timedelta(days=14)
        return classes.create_class(
            self.course,
            self.provider,
            self.county,
            by=self.clerk,
            title=title,
            capacity=capacity,
            starts_on=starts_on,
            ends_on=ends_on,
            **values,
        )

    def plan(self, held: TrainingClass, *, room: int = 0) -> list[Session]:
        """Ten sessions of four hours on five days that follow one another with gaps, topic by topic."""
        topics = [topic for topic in self.course.topics.all() for _ in range(topic.hours // 4)]
        rooms, trainers = list(self.provider.rooms.order_by("pk")), list(self.provider.trainers.order_by("pk"))
        times = ((time(8, 30), time(11, 30)), (time(14, 0), time(17, 0)))
        made = []
        for number, topic in enumerate(topics):
            begins, ends = times[number % 2]
            on = held.starts_on + timedelta(days=number // 2 * 2)
            where: dict[str, Any] = {"trainer": trainers[room], "room": rooms[room], "is_online": False}
            made.append(sessions.plan_session(held, by=self.clerk, on=on, begins=begins, ends=ends, hours=4, topic=topic, **where))
        return made

    def seat(self, held: TrainingClass, people: list[Person]) -> list[Enrolment]:
        """People who were admitted before the class began."""
        before = timezone.now() - timedelta(days=40)
        rows = [
            Enrolment(
                training_class=held,
                person=person,
                state="admitted",
                serial=serial,
                applied_at=before + timedelta(hours=serial),
                funding="market" if serial % 7 == 0 else "subsidised",
                organisation=_employer(person),
            )
            for serial, person in enumerate(people, start=1)
        ]
        return Enrolment.objects.bulk_create(rows)

    def let_through(self, held: TrainingClass) -> None:
        """As it stands after filing and review in due time."""
        filed = held.starts_on - timedelta(days=20)
        TrainingClass.objects.filter(pk=held.pk).update(
            state="running",
            filed_on=filed,
            filed_by_id=self.clerk.pk,
            review_due_on=filed + timedelta(days=7),
            reviewed_on=filed + timedelta(days=3),
            reviewed_by=self.officer.display_name,
            last_serial=F("capacity"),
        )
        held.refresh_from_db()

    def attend(self, session: Session, rows: list[Enrolment], absent: set[int]) -> None:
        marks = {}
        for row in rows:
            state = "absent" if row.pk in absent else self.random.choices(("present", "late", "leave"), (90, 7, 3))[0]
            marks[row.pk] = Mark(state, session.begins_at + timedelta(minutes=3))
        take_attendance(session, marks, by=self.clerk, source="paper")


def _employer(person: Person) -> Organisation | None:
    return Organisation.objects.filter(pk__in=person.coordinator.postings.filter(until=None).values("organisation_id")).first()


def build(random: Random, users: list[User], county: Area, today: date) -> None:
    """A class at every stage; the trainee's account belongs to somebody in the class that is running."""
    stage = Stage(random, {user.username: user for user in users}, county, today)
    _finished(stage, f"{today.year} 年第 1 期四级培训班", today - timedelta(days=120), archived=True)
    _finished(stage, f"{today.year} 年第 2 期四级培训班", today - timedelta(days=45), archived=False)
    trainee = _running(stage)
    user = stage.cast["demo-trainee"]
    user.person_id, user.name = trainee.pk, trainee.name
    user.save(update_fields=["person_id", "name"])
    _coming(stage)
    _open(stage)


def _finished(stage: Stage, title: str, starts_on: date, *, archived: bool) -> None:
    held = stage.a_class(title, starts_on)
    planned = stage.plan(held)
    rows = stage.seat(held, stage.next_people(26))
    stage.let_through(held)
    often = {rows[3].pk}
    for number, session in enumerate(planned):
        stage.attend(session, rows, often if number % 3 == 0 else set())
    scores = {row.pk: Decimal(stage.random.randint(52, 96)) for row in rows}
    completing.record_scores(held, scores, by=stage.clerk)
    completing.complete_class(held, by=stage.clerk)
    running.finish_class(held, by=stage.clerk)
    if archived:
        held.refresh_from_db()
        certify(held, by=stage.officer)
        running.archive_class(held, by=stage.officer)


def _running(stage: Stage) -> Person:
    """Began some days ago; today is a day of it, so that the tap list and the sign-in code can be tried."""
    held = stage.a_class(f"{stage.today.year} 年第 3 期四级培训班", stage.today - timedelta(days=4), mode="mixed")
    planned = stage.plan(held, room=1)
    rows = stage.seat(held, stage.next_people(22))
    stage.let_through(held)
    for number, session in enumerate(session for session in planned if session.on < stage.today):
        stage.attend(session, rows, {rows[1].pk, rows[5].pk} if number else {rows[1].pk})
    return rows[0].person


def _coming(stage: Stage) -> None:
    """Let through, waiting for review, sent back, called off, postponed."""
    day = stage.today + timedelta(days=25)
    approved = _filed(stage, "第 4 期四级培训班", day)
    filing.approve_class(approved, by=stage.officer, remark="材料齐全")
    _filed(stage, "第 5 期四级培训班", day + timedelta(days=30))
    returned = _filed(stage, "镇街专场培训班", day + timedelta(days=60))
    filing.return_class(returned, by=stage.officer, reason="请补充第二位教师的资格证明")
    cancelled = stage.a_class("企业人事主管专场", day + timedelta(days=90))
    running.cancel_class(cancelled, by=stage.clerk, reason="与第 5 期合并举办")
    postponed = _filed(stage, "园区专场培训班", day + timedelta(days=120))
    later = postponed.starts_on + timedelta(days=14)
    running.postpone_class(postponed, by=stage.clerk, starts_on=later, ends_on=later + timedelta(days=14), reason="场地检修")


def _filed(stage: Stage, title: str, starts_on: date) -> TrainingClass:
    held = stage.a_class(title, starts_on)
    stage.plan(held)
    rows = [enrolment.apply(held, person, by=stage.clerk) for person in stage.next_people(12)]
    enrolment.admit(held, [row.pk for row in rows], by=stage.clerk)
    return filing.file_class(held, by=stage.clerk)


def _open(stage: Stage) -> None:
    """Open for applications, too small for all who want, and gaps invited into it."""
    held = stage.a_class("春季四级培训班", stage.today + timedelta(days=75), capacity=8)
    classes.announce_class(held, by=stage.clerk, open_for_all=True)
    rows = [enrolment.apply(held, person, by=stage.clerk) for person in stage.next_people(13)]
    enrolment.admit(held, [row.pk for row in rows[:11]], by=stage.clerk)
    gaps = list(Gap.objects.filter(closed_on=None, target_key="enterprises").order_by("pk")[:15])
    titles = dict(Target.objects.values_list("key", "title"))
    invite_for_gaps(held, gaps, titles, by=stage.officer)
