"""Whose accounts a message goes to: those of people, those who act for organisations, officers of an area."""

from collections.abc import Iterable

from .models import Grant, User
from .roles import ROLES

WIDTHS = (10**10, 10**8, 10**6, 10**3, 1)


def accounts_of_people(people: Iterable[int]) -> list[User]:
    """The enabled accounts that belong to these people."""
    return list(User.objects.filter(person_id__in=list(people), is_active=True))


def agents_of(organisations: Iterable[int], permission: str) -> list[User]:
    """Who holds `permission` for one of these organisations."""
    held = Grant.objects.current().filter(organisation_id__in=list(organisations), role__in=_roles(permission))
    return list(User.objects.filter(pk__in=held.values("user_id"), is_active=True))


def officers_of(area_code: int, permission: str) -> list[User]:
    """Who holds `permission` over the area, nearest areas and those above alike."""
    above = {area_code - area_code % width for width in WIDTHS}
    held = Grant.objects.current().filter(area_id__in=above, role__in=_roles(permission))
    return list(User.objects.filter(pk__in=held.values("user_id"), is_active=True))


def _roles(permission: str) -> list[str]:
    return [key for key, role in ROLES.items() if permission in role.permissions]
