"""Panels of a person's page, and of a body's, that upper rooms fill: (heading, url name, permission). They are fetched by address, so nothing is imported."""

from typing import NamedTuple

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from tongxing.accounts.models import User

from .models import Organisation, Person

SHIPPED = (("证书", "certificates:of-person", "certificates.view"), ("培训与学时", "training:of-person", "training.view"))


class Panel(NamedTuple):
    title: str
    url: str


def panels_of(person: Person, user: User) -> list[Panel]:
    """Panels that this installation has and the user may open; `PERSON_PANELS` in the settings replaces the shipped list."""
    found = []
    for title, name, permission in getattr(settings, "PERSON_PANELS", SHIPPED):
        own = user.person_id == person.pk and user.may("registry.own_record")
        try:
            if own or user.may(permission):
                found.append(Panel(title, reverse(name, args=[person.uid])))
        except NoReverseMatch:
            continue
    return found


def body_panels(organisation: Organisation, user: User) -> list[Panel]:
    """Panels of the page of an assessment body or training provider that the user may open there (`BODY_PANELS` in the settings)."""
    found = []
    for title, name, permission in getattr(settings, "BODY_PANELS", ()):
        scope = user.scope(permission)
        try:
            if scope.covers(organisation.area_id) or organisation.pk in scope.organisations:
                found.append(Panel(title, reverse(name, args=[organisation.uid])))
        except NoReverseMatch:
            continue
    return found
