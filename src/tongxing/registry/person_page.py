"""What the 360° page of a person shows, read with a fixed number of queries."""

from typing import Any, NamedTuple

from django.db.models import F

from tongxing.accounts.models import User

from . import assignments
from .linking import accounts_of
from .models import Assignment, ConductRecord, Coordinator, DutyArea, Person, Posting, RecordConfirmation, StatusPeriod
from .models.coordinators import CoordinatorStatus, Move
from .panels import panels_of
from .person_history import happenings
from .rules_people import can_confirm_person, can_edit_at, can_merge, can_reveal, moves_of

MOST_SHOWN = 100
TONES = {
    CoordinatorStatus.CANDIDATE: "amber",
    CoordinatorStatus.ACTIVE: "green",
    CoordinatorStatus.SUSPENDED: "amber",
    CoordinatorStatus.LEFT: "grey",
}


class Enrolment(NamedTuple):
    """A coordinator with everything that hangs on the enrolment."""

    coordinator: Coordinator
    tone: str
    moves: list[Move]
    periods: list[StatusPeriod]
    postings: list[Posting]
    duty_areas: list[DutyArea]
    assignments: list[Assignment]
    load: int
    overload: str


def enrolment_of(person: Person, user: User) -> Enrolment | None:
    coordinator = Coordinator.objects.select_related("person", "area").filter(person=person).first()
    if coordinator is None:
        return None
    load = assignments.load_of([coordinator.pk])[coordinator.pk]
    return Enrolment(
        coordinator,
        TONES[CoordinatorStatus(coordinator.status)],
        moves_of(coordinator, user),
        list(coordinator.status_periods.order_by("-since", "-id")),
        list(coordinator.postings.select_related("organisation__area").order_by("-since", "-id")),
        list(coordinator.duty_areas.select_related("area")),
        list(
            coordinator.assignments.select_related("organisation__area").order_by(F("until").desc(nulls_first=True), "-since")[:MOST_SHOWN]
        ),
        load,
        assignments.overload(load),
    )


def person_page(person: Person, user: User) -> dict[str, Any]:
    """The context of `registry/person.html`."""
    enrolment = enrolment_of(person, user)
    return {
        "person": person,
        "enrolment": enrolment,
        "conduct": list(ConductRecord.objects.filter(person=person)),
        "confirmations": list(RecordConfirmation.objects.filter(person=person).order_by("-at")),
        "happenings": happenings([person, enrolment.coordinator] if enrolment else [person]),
        "panels": panels_of(person, user),
        "accounts": accounts_of(person),
        "may_edit": bool(can_edit_at(user, person.area_id)),
        "may_reveal": bool(can_reveal(user, person)),
        "may_confirm": bool(can_confirm_person(user, person)),
        "may_merge": bool(can_merge(user, person)),
    }
