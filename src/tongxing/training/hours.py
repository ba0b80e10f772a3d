"""Class hours earned (学时): planned and attended, per person and topic. A session's hours are earned by being there, late or not.

Online lessons count in minutes: those of one topic together make whole hours, planned and earned alike.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils import timezone

from tongxing.policy import provisions

from .models import Attendance, Enrolment, OnlineCredit, OnlineLesson, Session, TrainingClass
from .models.attendance import EARNING

GENERAL = "综合"


@dataclass
class Hours:
    """What one person earned in a class. `missed`: hours of sessions so far that were not attended; `unmarked`: sessions without a record.

    `online`: the part of `earned` that online lessons gave.
    """

    planned: int = 0
    earned: int = 0
    online: int = 0
    missed: int = 0
    unmarked: int = 0
    topics: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def share(self) -> float:
        """Earned of planned, in percent."""
        return self.earned * 100 / self.planned if self.planned else 0.0


def hours_of(held: TrainingClass, enrolments: Iterable[int] | None = None) -> dict[int, Hours]:
    """Enrolment id → hours, for those named or for all who hold a place; four queries, six with online lessons, whatever the size."""
    sessions = list(held.sessions.select_related("topic"))
    ids = list(held.enrolments.holding_places().values_list("pk", flat=True) if enrolments is None else enrolments)
    states = _states([session.pk for session in sessions], ids)
    online = list(held.online_lessons.select_related("topic"))
    studied = _studied(online, ids)
    per_hour = minutes_per_hour() if online else 1
    return {pk: _with_online(_counted(sessions, states, pk), online, studied, pk, per_hour) for pk in ids}


def _states(sessions: list[int], enrolments: list[int]) -> dict[tuple[int, int], str]:
    rows = Attendance.objects.filter(session_id__in=sessions, enrolment_id__in=enrolments)
    return {(session, enrolment): state for session, enrolment, state in rows.values_list("session_id", "enrolment_id", "state")}


def _studied(lessons: list[OnlineLesson], enrolments: list[int]) -> dict[tuple[int, int], int]:
    """(lesson, enrolment) → minutes credited."""
    if not lessons:
        return {}
    rows = OnlineCredit.objects.filter(lesson__in=[lesson.pk for lesson in lessons], enrolment_id__in=enrolments)
    return {(lesson, enrolment): minutes for lesson, enrolment, minutes in rows.values_list("lesson_id", "enrolment_id", "minutes")}


def _with_online(found: Hours, lessons: list[OnlineLesson], studied: dict[tuple[int, int], int], enrolment: int, per_hour: int) -> Hours:
    planned: dict[str, int] = defaultdict(int)
    earned: dict[str, int] = defaultdict(int)
    for lesson in lessons:
        planned[lesson.topic.title] += lesson.minutes
        earned[lesson.topic.title] += studied.get((lesson.pk, enrolment), 0)
    for topic, minutes in planned.items():
        found.planned += minutes // per_hour
        hours = earned[topic] // per_hour
        found.earned += hours
        found.online += hours
        if hours:
            found.topics[topic] += hours
    return found


def minutes_per_hour() -> int:
    """Provision `training.minutes_per_hour` (facts §10: 45, not confirmed)."""
    return int(provisions.value("training.minutes_per_hour"))


def online_hours(held: TrainingClass) -> int:
    """The class hours that the planned online lessons make: whole ones for each topic."""
    minutes: dict[int, int] = defaultdict(int)
    for topic, number in held.online_lessons.values_list("topic_id", "minutes"):
        minutes[topic] += number
    per_hour = minutes_per_hour() if minutes else 1
    return sum(number // per_hour for number in minutes.values())


def _counted(sessions: list[Session], states: dict[tuple[int, int], str], enrolment: int) -> Hours:
    found, today = Hours(), timezone.localdate()
    for session in sessions:
        found.planned += session.hours
        state = states.get((session.pk, enrolment))
        if state in EARNING:
            found.earned += session.hours
            found.topics[session.topic.title if session.topic else GENERAL] += session.hours
        elif state is not None:
            found.missed += session.hours
        elif session.on < today:
            found.unmarked += 1
    return found


def hours_of_people(rows: Iterable[Enrolment]) -> dict[int, Hours]:
    """As `hours_of`, for enrolments of many classes: three queries, five with online lessons, whatever their number."""
    held = list(rows)
    by_class: dict[int, list[Session]] = defaultdict(list)
    for session in Session.objects.filter(training_class__in={row.training_class_id for row in held}).select_related("topic"):
        by_class[session.training_class_id].append(session)
    sessions = [session.pk for group in by_class.values() for session in group]
    states = _states(sessions, [row.pk for row in held])
    online: dict[int, list[OnlineLesson]] = defaultdict(list)
    lessons = list(OnlineLesson.objects.filter(training_class__in={row.training_class_id for row in held}).select_related("topic"))
    for lesson in lessons:
        online[lesson.training_class_id].append(lesson)
    studied = _studied(lessons, [row.pk for row in held])
    per_hour = minutes_per_hour() if lessons else 1
    counted = {row.pk: _counted(by_class[row.training_class_id], states, row.pk) for row in held}
    return {row.pk: _with_online(counted[row.pk], online[row.training_class_id], studied, row.pk, per_hour) for row in held}
