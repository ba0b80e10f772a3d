"""Acts on mock examinations: make one, lay down its blueprint, open it with a published seed, close it."""

import secrets
from datetime import date

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.areas.models import Area
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.core.values import clean_text
from tongxing.notices import inbox
from tongxing.training.models import CourseLevel, TrainingClass

from .banking import bank_version
from .drawing import Short, paper_of
from .models import BlueprintLine, Difficulty, Exam, ExamState, Function, Kind
from .rules import can_keep_exam, can_make_exam, insist

MOST_QUESTIONS = 300


@transaction.atomic
def make_exam(
    *,
    by: Actor,
    area: Area,
    title: str,
    level: int,
    minutes: int,
    pass_percent: int,
    attempts: int = 0,
    closes_on: date | None = None,
    training_class: TrainingClass | None = None,
) -> Exam:
    """A new examination: of a class, or for everybody of the area."""
    insist(can_make_exam(by, area.code, training_class))
    if level not in CourseLevel.values or not 1 <= minutes <= 600 or not 0 <= pass_percent <= 100:
        raise Refused("请核对等级、时限（1 至 600 分钟）和合格线（0 至 100）。", code="bad_exam", status=422)
    exam = Exam.objects.create(
        title=clean_text(title, longest=100),
        level=level,
        area=area,
        training_class=training_class,
        minutes=minutes,
        pass_percent=pass_percent,
        attempts=attempts,
        closes_on=closes_on,
    )
    record("learning.make_exam", by=by, of=exam, after={"level": level, "minutes": minutes, "pass_percent": pass_percent})
    return exam


@transaction.atomic
def add_line(
    exam: Exam, *, by: Actor, kind: str, count: int, points: int, function: str = "", difficulty: int | None = None
) -> BlueprintLine:
    held = _draft(exam, by)
    known = (
        kind in Kind.values and (not function or function in Function.values) and (difficulty is None or difficulty in Difficulty.values)
    )
    if not known or not 1 <= count <= MOST_QUESTIONS or not 1 <= points <= 100:
        raise Refused("请核对题型、题数（1 至 300）和每题分数（1 至 100）。", code="bad_line", status=422)
    line = BlueprintLine.objects.create(exam=held, kind=kind, function=function, difficulty=difficulty, count=count, points=points)
    record("learning.add_line", by=by, of=held, after={"kind": kind, "function": function, "count": count, "points": points})
    return line


@transaction.atomic
def drop_line(line: BlueprintLine, *, by: Actor) -> None:
    held = _draft(line.exam, by)
    record("learning.drop_line", by=by, of=held, before={"kind": line.kind, "count": line.count, "points": line.points})
    line.delete()


def locked(exam: Exam) -> Exam:
    rows = Exam.objects.select_for_update(of=("self",)).select_related("training_class__provider")
    return rows.get(pk=exam.pk)


def _draft(exam: Exam, by: Actor) -> Exam:
    held = locked(exam)
    insist(can_keep_exam(by, held))
    if held.state != ExamState.DRAFT:
        raise Refused("考试已经开放，蓝图不能再改。请另建一场考试。", code="opened")
    return held


def shortage(exam: Exam, short: list[Short]) -> str:
    """In words what the bank lacks for the blueprint; empty when it suffices."""
    lines = list(exam.blueprint.all())
    said = [f"第 {one.line} 行（{lines[one.line - 1].get_kind_display()}）要 {one.asked} 题，题库里只有 {one.there} 题" for one in short]
    return "；".join(said)


@transaction.atomic
def open_exam(exam: Exam, *, by: Actor, seed: str = "") -> Exam:
    """Publish the seed and let people in. Refused while the bank cannot fill the blueprint."""
    held = _draft(exam, by)
    if not held.blueprint.exists():
        raise Refused("还没有命题蓝图，请先加至少一行。", code="no_blueprint")
    if held.closes_on and held.closes_on < timezone.localdate():
        raise Refused("截止日期已过，请另建一场考试。", code="over")
    held.seed = clean_text(seed, longest=40) or secrets.token_hex(8)
    _, short = paper_of(held, held.seed, bank_version())
    if short:
        raise Refused(f"题库的在用题不够：{shortage(held, short)}。请补题或改蓝图。", code="too_few_questions")
    held.state, held.version = ExamState.OPEN, held.version + 1
    held.save(update_fields=["state", "seed", "version"])
    record("learning.open_exam", by=by, of=held, after={"seed": held.seed})
    if held.training_class:
        people = held.training_class.enrolments.holding_places().values("person_id")
        accounts = User.objects.filter(person_id__in=people, is_active=True)
        body = f"{held.minutes} 分钟，{held.pass_percent}% 合格。" + (f"{held.closes_on} 截止。" if held.closes_on else "")
        inbox.tell(accounts, title=f"模拟考试开放：{held.title}", body=body, url=reverse("learning:own"))
    return held


@transaction.atomic
def close_exam(exam: Exam, *, by: Actor) -> Exam:
    """No new attempts; who is sitting may finish."""
    held = locked(exam)
    insist(can_keep_exam(by, held))
    if held.state != ExamState.OPEN:
        raise Refused("考试没有开放，请刷新页面。", code="not_open")
    held.state, held.version = ExamState.CLOSED, held.version + 1
    held.save(update_fields=["state", "version"])
    record("learning.close_exam", by=by, of=held)
    return held
