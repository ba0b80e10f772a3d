"""Which class, session and trainee a line of attendance means, or what stands against it; plain Python on what was looked up once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils import timezone

from tongxing.registry.sheets.persons import ID_NUMBER, PERSON_NAME
from tongxing.sheets.loader import Loader
from tongxing.sheets.matching import among
from tongxing.sheets.sheet import Problem
from tongxing.training.models import ClassState, Enrolment, EnrolmentState, Session, TrainingClass
from tongxing.training.models.enrolments import PLACE_HELD

from .cells import When

SESSION = "课次"
OVER = {ClassState.FINISHED, ClassState.ARCHIVED}
ASK = "确有差错，请联系主管区划的培训管理岗。"


class Place(NamedTuple):
    """Where a line belongs."""

    held: TrainingClass
    session: Session
    enrolment: Enrolment

    @property
    def key(self) -> tuple[int, int]:
        return self.session.pk, self.enrolment.pk


class Wrong(Exception):
    """A line that belongs nowhere, and why."""

    def __init__(self, column: str, code: str, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(column, code, message)


@dataclass
class Roster:
    """Classes within the loader's reach with their timetables and people; three queries."""

    classes: dict[str, TrainingClass] = field(default_factory=dict)
    sessions: dict[int, list[Session]] = field(default_factory=lambda: defaultdict(list))
    by_document: dict[tuple[int, str], Enrolment] = field(default_factory=dict)
    by_serial: dict[tuple[int, int], Enrolment] = field(default_factory=dict)

    @classmethod
    def of(cls, codes: Iterable[str], loader: Loader) -> "Roster":
        roster = cls()
        for held in among(TrainingClass.objects.select_related("provider"), "code", codes):
            if loader.covers(held.area_id, held.provider.organisation_id):
                roster.classes[held.code] = held
        ids = [held.pk for held in roster.classes.values()]
        for session in among(Session.objects.all(), "training_class", ids):
            roster.sessions[session.training_class_id].append(session)
        for row in among(Enrolment.objects.select_related("person"), "training_class", ids):
            if row.person.id_index:
                roster.by_document[row.training_class_id, row.person.id_index] = row
            if row.serial is not None:
                roster.by_serial[row.training_class_id, row.serial] = row
        return roster


def placed(values: Mapping[str, Any], roster: Roster) -> Place | Problem:
    """Where a parsed line belongs, or what is wrong with it and what to do."""
    try:
        held = _class_of(values["code"], roster)
        return Place(held, _session_of(values["when"], held, roster.sessions[held.pk]), _trainee_of(values, held, roster))
    except Wrong as wrong:
        return wrong.problem


def _class_of(code: str, roster: Roster) -> TrainingClass:
    held, column = roster.classes.get(code), "班级代码"
    if held is None:
        raise Wrong(column, "class_unknown", f"没有代码是 {code} 的培训班，或不由您办理。请对照班级页面核对代码。")
    if held.state == ClassState.CANCELLED:
        raise Wrong(column, "class_cancelled", f"“{held.title}”已经取消，不记考勤。请核对班级代码。")
    if held.state in OVER:
        raise Wrong(column, "class_over", f"“{held.title}”{held.get_state_display()}，考勤已作为结业的依据，不能再记。{ASK}")
    if held.state != ClassState.RUNNING:
        raise Wrong(column, "class_not_begun", f"“{held.title}”现在是“{held.get_state_display()}”，开班以后才能记考勤。请先办理开班。")
    return held


def _session_of(when: When, held: TrainingClass, sessions: list[Session]) -> Session:
    found = _by_number(when, held, sessions) if when.number is not None else _by_day(when, held, sessions)
    if found.on > timezone.localdate():
        raise Wrong(SESSION, "too_early", f"{found} 的课还没有上，到那一天再记考勤。")
    return found


def _by_number(when: When, held: TrainingClass, sessions: list[Session]) -> Session:
    number = when.number or 0
    if number > len(sessions):
        raise Wrong(SESSION, "session_unknown", f"“{held.title}”只有 {len(sessions)} 次课，没有第 {number} 次。请对照课程表核对。")
    found = sessions[number - 1]
    if (when.on and when.on != found.on) or (when.begins and when.begins != found.begins):
        raise Wrong(SESSION, "session_differs", f"第 {number} 次课是 {found}，与本行的日期或时间不同。请对照课程表核对。")
    return found


def _by_day(when: When, held: TrainingClass, sessions: list[Session]) -> Session:
    that_day = [session for session in sessions if session.on == when.on]
    begins = "、".join(f"{session.begins:%H:%M}" for session in that_day)
    if not that_day:
        raise Wrong(SESSION, "session_unknown", f"“{held.title}”{when.on} 没有课，可能已经调课或取消。请对照课程表核对日期。")
    if when.begins is None and len(that_day) > 1:
        raise Wrong(SESSION, "session_open", f"{when.on} 有 {len(that_day)} 次课，开始时间是 {begins}。请写上是哪一次。")
    fitting = [session for session in that_day if when.begins in {None, session.begins}]
    if not fitting:
        raise Wrong(SESSION, "session_unknown", f"{when.on} 没有 {when.begins:%H:%M} 开始的课，那天的课 {begins} 开始。请核对时间。")
    return fitting[0]


def _trainee_of(values: Mapping[str, Any], held: TrainingClass, roster: Roster) -> Enrolment:
    document, serial = values.get("person_key"), values.get("serial")
    column, number = (ID_NUMBER.heading, "这个证件号") if document else ("学号", f"学号 {serial}")
    row = roster.by_document.get((held.pk, document)) if document else roster.by_serial.get((held.pk, serial or 0))
    if row is None:
        raise Wrong(column, "not_in_class", f"“{held.title}”的名册上没有{number}。请核对号码和班级代码；不在名册上的人不记考勤。")
    if document and serial is not None and row.serial != serial:
        raise Wrong("学号", "serial_differs", f"证件号和学号 {serial} 不是同一名学员，请核对，或只填一个。")
    if row.person.name != values["name"]:
        raise Wrong(PERSON_NAME.heading, "name_differs", f"{number}：名册上的姓名不是“{values['name']}”，请对照名册核对姓名和号码。")
    if row.state not in PLACE_HELD:
        raise Wrong(PERSON_NAME.heading, "left_class", f"此人在本班是“{row.get_state_display()}”，不记考勤。请核对姓名和班级代码。")
    if row.state != EnrolmentState.ADMITTED:
        raise Wrong(PERSON_NAME.heading, "result_decided", f"此人{row.get_state_display()}，考勤已作为认定的依据，不能再记。{ASK}")
    return row
