"""登记协调员 as one act: person, enrolment and certificate together or not at all."""

from datetime import date
from typing import Any

from django.db import transaction

from tongxing.audit.log import Actor
from tongxing.registry.enrolment import enrol
from tongxing.registry.models import Coordinator, Organisation, Person
from tongxing.registry.people import register_person

from .register import register_certificate


@transaction.atomic
def enrol_with_certificate(
    *,
    by: Actor,
    organisation: Organisation,
    posting: dict[str, Any],
    person: Person | None = None,
    facts: dict[str, Any] | None = None,
    certificate: dict[str, Any] | None = None,
) -> Coordinator:
    """Enrol `person`, or a new one with `facts`, at an organisation; `certificate` holds what `register_certificate` asks, or nothing.

    Each part leaves its own audit entry; a part that is refused takes the others back.
    """
    person = person or register_person(by=by, area=organisation.area, **(facts or {}))
    coordinator = enrol(person, organisation, by=by, **posting)
    if certificate and certificate.get("number"):
        coordinator.person.refresh_from_db()
        register_certificate(coordinator.person, by=by, **certificate)
    return coordinator


def posting_facts(*, on: date, post: str, full_time: bool, status: str, remark: str) -> dict[str, Any]:
    """The keywords of `enrol` from a form's values."""
    return {"on": on, "post": post, "full_time": full_time, "status": status, "remark": remark}
