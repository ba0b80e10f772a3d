"""The scene of online learning: a running class with a lesson, questions in use, an examination. Every name is made up."""

from datetime import datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.learning import authoring, banking, examining, studying
from tongxing.learning.banking import Facts
from tongxing.learning.earning import Beat, Heard
from tongxing.learning.models import Exam, Lesson, Question
from tongxing.training.models import Topic, TrainingClass
from tongxing.training.tests.world import COMMAND_LINE, running_class

_serial = count(1)


def facts(kind: str = "single", **said: Any) -> Facts:
    """A question that may stand in the bank; every stem differs."""
    number = next(_serial)
    known: dict[str, tuple[tuple[str, ...], str]] = {
        "single": (("一个月内", "三个月内", "半年内"), "A"),
        "multiple": (("工资", "工时", "股票", "休假"), "ABD"),
        "judge": (("对", "错"), "B"),
        "case": ((), ""),
    }
    options, right = known[kind]
    values = {"function": "contracts", "levels": "4", "difficulty": 1, "stem": f"第 {number} 题：书面劳动合同应在用工之日起多久订立？"}
    return Facts(
        kind=kind, **{**values, "options": options, "right": right, "citation": "劳动合同法第十条", "explanation": "应在一个月内。", **said}
    )


def a_question(kind: str = "single", *, use: bool = True, **said: Any) -> Question:
    made = banking.write_question(facts(kind, **said), by=COMMAND_LINE)
    if kind == "case":
        for part in ("single", "multiple"):
            banking.write_question(facts(part, **said), by=COMMAND_LINE, case=made)
    return banking.move_question(made, "use", by=COMMAND_LINE) if use else made


def a_lesson(topic: Topic, area: Area, *, minutes: int = 1, **said: Any) -> Lesson:
    values: dict[str, Any] = {"title": f"第 {next(_serial)} 课", "kind": "text", "text": "# 第一节\n劳动合同应当书面订立。", **said}
    return authoring.make_lesson(topic, by=COMMAND_LINE, area=area, minutes=minutes, **values)


def studied(jiyuan: SimpleNamespace, *, minutes: int = 1, people: int = 1) -> SimpleNamespace:
    """A mixed class that is running, with one lesson of a minute in its plan."""
    world = running_class(jiyuan.county, people=people, sessions_planned=1)
    TrainingClass.objects.filter(pk=world.made.pk).update(mode="mixed")
    world.made.refresh_from_db()
    world.lesson = a_lesson(world.made.course.topics.first(), jiyuan.county, minutes=minutes)
    authoring.plan_for_class(world.lesson, world.made, by=COMMAND_LINE)
    world.row = world.rows[0]
    world.progress = studying.begin(world.row, world.lesson)
    world.begun = timezone.now()
    return world


def at(world: SimpleNamespace, second: float) -> datetime:
    moment: datetime = world.begun + timedelta(seconds=second)
    return moment


def beat(world: SimpleNamespace, second: float, position: float | None = None, tab: str = "one", **said: Any) -> Heard:
    """A beat so many seconds after the start; the position goes with the clock unless said."""
    heard = Beat(tab, int((second if position is None else position) * 1000), **said)
    return studying.hear(world.progress, heard, by=COMMAND_LINE, now=at(world, second))


def an_exam(area: Area, *, singles: int = 3, multiples: int = 2, open_it: bool = True, **said: Any) -> Exam:
    """An examination with a blueprint that the bank fills."""
    for kind, number in (("single", singles), ("multiple", multiples)):
        for _ in range(number):
            a_question(kind)
    values: dict[str, Any] = {"title": f"第 {next(_serial)} 次模拟", "level": 4, "minutes": 30, "pass_percent": 60, **said}
    exam = examining.make_exam(by=COMMAND_LINE, area=area, **values)
    examining.add_line(exam, by=COMMAND_LINE, kind="single", count=singles, points=2)
    examining.add_line(exam, by=COMMAND_LINE, kind="multiple", count=multiples, points=4)
    return examining.open_exam(exam, by=COMMAND_LINE, seed="公开种子") if open_it else exam
