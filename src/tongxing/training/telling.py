"""Whom to tell: the accounts of people, of employers, of a provider, and the officers who review."""

from collections.abc import Iterable

from django.urls import reverse

from tongxing.accounts.models import Grant, User
from tongxing.accounts.roles import ROLES
from tongxing.notices import inbox

from .models import TrainingClass
from .models.enrolments import OPEN

WIDTHS = (10**10, 10**8, 10**6, 10**3, 1)


def accounts_of_people(people: Iterable[int]) -> list[User]:
    """The enabled accounts that belong to these people."""
    return list(User.objects.filter(person_id__in=list(people), is_active=True))


def agents_of(organisations: Iterable[int], permission: str) -> list[User]:
    """Who may act for these organisations (`training.run`: a provider's agents; `training.send`: an employer's)."""
    held = Grant.objects.current().filter(organisation_id__in=list(organisations), role__in=_roles(permission))
    return list(User.objects.filter(pk__in=held.values("user_id"), is_active=True))


def officers_of(area_code: int, permission: str) -> list[User]:
    """Who holds `permission` over the area, nearest areas and those above alike."""
    above = {area_code - area_code % width for width in WIDTHS}
    held = Grant.objects.current().filter(area_id__in=above, role__in=_roles(permission))
    return list(User.objects.filter(pk__in=held.values("user_id"), is_active=True))


def _roles(permission: str) -> list[str]:
    return [key for key, role in ROLES.items() if permission in role.permissions]


def class_address(training_class: TrainingClass) -> str:
    return reverse("training:class", args=[training_class.uid])


def own_address(training_class: TrainingClass) -> str:
    return reverse("training:own-class", args=[training_class.uid])


def tell_everybody(training_class: TrainingClass, title: str, body: str) -> int:
    """Tell all who hold or wait for a place, whoever sent them, and who was invited; returns how many were told."""
    rows = training_class.enrolments.filter(state__in=OPEN).values_list("person_id", "organisation_id")
    people = accounts_of_people(person for person, _ in rows)
    senders = {organisation for _, organisation in rows if organisation}
    senders |= set(training_class.invitations.filter(state="open").values_list("organisation_id", flat=True))
    inbox.tell(people, title=title, body=body, url=own_address(training_class), kind="warning")
    employers = agents_of(senders, "training.send")
    inbox.tell(employers, title=title, body=body, url=reverse("training:send", args=[training_class.uid]), kind="warning")
    agents = agents_of([training_class.provider.organisation_id], "training.run")
    inbox.tell(agents, title=title, body=body, url=class_address(training_class), kind="warning")
    return len(people) + len(employers) + len(agents)
