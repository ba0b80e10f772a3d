"""Acts on training classes before and around their filing: create, change, open for applications (notice:3.1.1)."""

import secrets
from datetime import date
from typing import Any, NotRequired, TypedDict, Unpack

from django.db import IntegrityError, transaction

from tongxing.areas.models import Area
from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.core.values import clean_text

from .holding import fill_places, locked, save
from .models import ClassState, Course, CourseLevel, Mode, Provider, TrainingClass
from .models.classes import TAKES_APPLICATIONS
from .rules import can_run, can_run_provider
from .suspending import insist_running

CODE_DIGITS = 6
EDITABLE = frozenset({ClassState.DRAFT, ClassState.RETURNED, ClassState.POSTPONED})
TEXTS = ("teaching_plan", "materials", "test_plan")


class ClassFacts(TypedDict):
    """What a class is, as its form asks for it."""

    title: str
    mode: str
    place: NotRequired[str]
    capacity: int
    starts_on: date
    ends_on: date
    admits_at_once: NotRequired[bool]
    teaching_plan: NotRequired[str]
    materials: NotRequired[str]
    test_plan: NotRequired[str]


@transaction.atomic
def create_class(course: Course, provider: Provider, area: Area, *, by: Actor, **facts: Unpack[ClassFacts]) -> TrainingClass:
    """A draft of a class. Refused where the provider is suspended, or not eligible for the course's level in the year it starts."""
    insist(can_run_provider(by, provider))
    insist_running(provider.organisation_id, course.level, "新建培训班")
    if course.retired_on:
        raise Refused("这门课程已经停用，请另选一门。", code="course_retired")
    values = _judged(dict(facts))
    must_be_eligible(provider, course, values["starts_on"])
    made = _with_code(TrainingClass(course=course, provider=provider, area=area, **values))
    record("training.create_class", by=by, of=made, after=audited(made))
    return made


def _with_code(made: TrainingClass) -> TrainingClass:
    """The code that trainees type is drawn, not counted: a neighbour's code is no guess away."""
    for _ in range(20):
        made.code = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError:
            continue
        return made
    raise Refused("没有取到班级代码，请再试一次。", code="no_code", status=503)


@transaction.atomic
def change_class(training_class: TrainingClass, *, by: Actor, version: int, **facts: Unpack[ClassFacts]) -> TrainingClass:
    """Change a class that is not filed. A smaller number of places than people admitted is refused; a larger one lets people move up."""
    held = locked(training_class)
    insist(can_run(by, held))
    if held.state not in EDITABLE:
        raise Refused(f"这个班现在是“{held.get_state_display()}”，不能修改。需要改动请先退回或延期。", code="not_editable")
    if held.version != version:
        raise Refused("您打开表单之后，别人修改过这个班，所以没有保存。请刷新后核对，再保存一次。", code="edit_conflict")
    values = _judged(dict(facts))
    must_be_eligible(held.provider, held.course, values["starts_on"])
    taken = held.enrolments.holding_places().count()
    if values["capacity"] < taken:
        raise Refused(f"已录取 {taken} 人，名额不能少于这个数。请先办理退出，或把名额改为 {taken} 以上。", code="too_few_places")
    before = audited(held)
    for field, value in values.items():
        setattr(held, field, value)
    after = audited(held)
    changed = [field for field in after if before[field] != after[field]]
    if not changed:
        return held
    save(held, *values)
    record(
        "training.change_class",
        by=by,
        of=held,
        before={field: before[field] for field in changed},
        after={field: after[field] for field in changed},
    )
    fill_places(held, by=by)
    return held


@transaction.atomic
def announce_class(training_class: TrainingClass, *, by: Actor, open_for_all: bool) -> TrainingClass:
    """Let people and employers see the class and apply, or stop it."""
    held = locked(training_class)
    insist(can_run(by, held))
    if held.state not in TAKES_APPLICATIONS:
        raise Refused(f"这个班现在是“{held.get_state_display()}”，不再接受报名。", code="closed")
    if open_for_all:
        insist_running(held.provider.organisation_id, held.course.level, "开放报名")
    held.is_announced = open_for_all
    save(held, "is_announced")
    record("training.announce_class", by=by, of=held, after={"open": open_for_all})
    return held


def audited(held: TrainingClass) -> dict[str, Any]:
    """The facts of a class as JSON for the log."""
    return {
        "title": held.title,
        "mode": Mode(held.mode).label,
        "place": held.place,
        "capacity": held.capacity,
        "admits_at_once": held.admits_at_once,
        "starts_on": held.starts_on.isoformat(),
        "ends_on": held.ends_on.isoformat(),
        **{field: getattr(held, field) for field in TEXTS},
    }


def _judged(facts: dict[str, Any]) -> dict[str, Any]:
    facts["title"] = clean_text(facts["title"], longest=100)
    facts["place"] = clean_text(facts.get("place", ""), longest=200)
    if not facts["title"]:
        raise Refused("请填写班名。", code="title_missing", status=422)
    if facts["ends_on"] < facts["starts_on"]:
        raise Refused("结束日期早于开班日期，请核对。", code="bad_dates", status=422)
    if not 1 <= facts["capacity"] <= 2000:
        raise Refused("名额应为 1 至 2000，请核对。", code="bad_capacity", status=422)
    if facts["mode"] == Mode.OFFLINE and not facts["place"]:
        raise Refused("线下培训请写明地点。", code="place_missing", status=422)
    return facts


def must_be_eligible(provider: Provider, course: Course, starts_on: date) -> None:
    levels = provider.eligible_in(starts_on.year)
    if course.level in levels:
        return
    label = CourseLevel(course.level).label
    known = "、".join(CourseLevel(level).label for level in sorted(levels, reverse=True))
    held = f"该年度只认定了{known}" if known else "该年度没有培训资格"
    raise Refused(
        f"“{provider}” {starts_on.year} 年不能承办{label}培训：{held}。请先认定资格，或另选机构。",
        code="provider_not_eligible",
        clause="notice:3.1.1",
    )
