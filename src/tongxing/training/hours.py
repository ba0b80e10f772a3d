"""Class hours earned (学时): planned and attended, per person and topic. A session's hours are earned by being there, late or not."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils import timezone

from .models import Attendance, Enrolment, Session, TrainingClass
from .models.attendance import EARNING

GENERAL = "综合"


@dataclass
class Hours:
    """What one person earned in a class. `missed`: hours of sessions so far that were not attended; `unmarked`: sessions without a record."""

    planned: int = 0
    earned: int = 0
    missed: int = 0
    unmarked: int = 0
    topics: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def share(self) -> float:
        """Earned of planned, in percent."""
        return self.earned * 100 / self.planned if self.planned else 0.0


def hours_of(held: TrainingClass, enrolments: Iterable[int] | None = None) -> dict[int, Hours]:
    """Enrolment id → hours, for those named or for all who hold a place; three queries, whatever the size."""
    sessions = list(held.sessions.select_related("topic"))
    ids = list(held.enrolments.holding_places().values_list("pk", flat=True) if enrolments is None else enrolments)
    states = _states([session.pk for session in sessions], ids)
    return {pk: _counted(sessions, states, pk) for pk in ids}


def _states(sessions: list[int], enrolments: list[int]) -> dict[tuple[int, int], str]:
    rows = Attendance.objects.filter(session_id__in=sessions, enrolment_id__in=enrolments)
    return {(session, enrolment): state for session, enrolment, state in rows.values_list("session_id", "enrolment_id", "state")}


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
    """As `hours_of`, for enrolments of many classes: two queries, whatever their number."""
    held = list(rows)
    by_class: dict[int, list[Session]] = defaultdict(list)
    for session in Session.objects.filter(training_class__in={row.training_class_id for row in held}).select_related("topic"):
        by_class[session.training_class_id].append(session)
    sessions = [session.pk for group in by_class.values() for session in group]
    states = _states(sessions, [row.pk for row in held])
    return {row.pk: _counted(by_class[row.training_class_id], states, row.pk) for row in held}
