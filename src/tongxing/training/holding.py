"""Places of a class: they are given out one after another, under the lock of the class's row, so that they are never given twice."""

from django.db import transaction
from django.utils import timezone

from tongxing.accounts.holders import accounts_of_people, agents_of
from tongxing.audit.log import SYSTEM, Actor, record
from tongxing.notices import inbox

from .models import Enrolment, EnrolmentState, Suspension, TrainingClass
from .models.classes import TAKES_APPLICATIONS
from .telling import class_address, own_address


def locked(training_class: TrainingClass) -> TrainingClass:
    """The class as it stands now, held until the transaction ends."""
    rows = TrainingClass.objects.select_for_update(of=("self",)).select_related("provider__organisation", "course", "area")
    return rows.get(pk=training_class.pk)


def save(held: TrainingClass, *fields: str) -> None:
    held.version += 1
    held.updated_at = timezone.now()
    held.save(update_fields=[*fields, "version", "updated_at"])


def free_places(held: TrainingClass) -> int:
    """How many places are left. Only under the lock does the answer stay true."""
    return held.capacity - held.enrolments.holding_places().count()


def next_serial(held: TrainingClass) -> int:
    """The next number in the class; numbers of people who left are not given again. Needs the lock."""
    held.last_serial += 1
    held.save(update_fields=["last_serial"])
    return held.last_serial


def put(row: Enrolment, state: str, **facts: object) -> None:
    """Write an enrolment's state and these facts."""
    row.state, row.version, row.updated_at = state, row.version + 1, timezone.now()
    for field, value in facts.items():
        setattr(row, field, value)
    row.save(update_fields=["state", *facts, "version", "updated_at"])


def give_place(row: Enrolment, held: TrainingClass) -> None:
    put(row, EnrolmentState.ADMITTED, serial=row.serial or next_serial(held), reason="")


def fill_places(held: TrainingClass, *, by: Actor) -> list[Enrolment]:
    """Who waits longest moves up into free places, and is told; needs the lock of `held`. Nobody does while the provider is suspended."""
    if not held.takes_applications:
        return []
    free = free_places(held)
    if free <= 0 or Suspension.objects.holding(held.provider.organisation_id, held.course.level, timezone.localdate()).exists():
        return []
    waiting = held.enrolments.filter(state=EnrolmentState.WAITING).select_related("person")
    moved = list(waiting.order_by("applied_at", "id")[:free])
    for row in moved:
        give_place(row, held)
        record("training.promote", by=by, of=row, after={"class": held.title, "serial": row.serial})
    if moved:
        body = f"有名额空出，您已由候补转为录取，{held.starts_on} 开班。不能参加请尽早办理退出。"
        people = accounts_of_people(row.person_id for row in moved)
        inbox.tell(people, title=f"已录取：{held.title}", body=body, url=own_address(held))
        names = "、".join(row.person.name for row in moved)
        agents = agents_of([held.provider.organisation_id], "training.run")
        inbox.tell(agents, title=f"候补递补 {len(moved)} 人：{held.title}", body=names, url=class_address(held))
    return moved


def fill_waiting(*, by: Actor = SYSTEM, organisation_id: int | None = None) -> int:
    """The periodic job (settings.PERIODIC): give free places to who waits, of one provider or of all; returns how many moved up.

    Whatever frees a place fills it at once; this is for days that pass by themselves, as the last one of a suspension does.
    """
    rows = TrainingClass.objects.filter(state__in=TAKES_APPLICATIONS, enrolments__state=EnrolmentState.WAITING)
    if organisation_id:
        rows = rows.filter(provider__organisation=organisation_id)
    moved = 0
    for held in rows.distinct().order_by("pk"):
        with transaction.atomic():
            moved += len(fill_places(locked(held), by=by))
    return moved
