"""Whom to tell: inspectors of a visit, the body's agents, who runs supervision there, who decides."""

from tongxing.accounts.holders import agents_of, officers_of
from tongxing.accounts.models import Grant, User
from tongxing.accounts.roles import ROLES
from tongxing.notices import inbox

from .models import Finding, Sanction, Visit

__all__ = ["agents", "officers", "tell_body", "tell_inspectors", "tell_officers"]


def agents(organisation_id: int) -> list[User]:
    return agents_of([organisation_id], "supervision.answer")


def officers(area_code: int, permission: str = "supervision.manage") -> list[User]:
    return officers_of(area_code, permission)


def tell_inspectors(visit: Visit, title: str, body: str, url: str) -> None:
    people = User.objects.filter(pk__in=visit.inspectors.values("inspector__user_id"), is_active=True)
    inbox.tell(people, title=title, body=body, url=url, due_on=visit.due_until)


def tell_body(row: Finding | Sanction, title: str, body: str, url: str) -> None:
    inbox.tell(agents(row.organisation_id), title=title, body=body, url=url, kind="warning")


def tell_officers(area_code: int, title: str, body: str, url: str, permission: str = "supervision.manage") -> None:
    inbox.tell(officers(area_code, permission), title=title, body=body, url=url, kind="warning")


def inspectors_over(area_code: int) -> list[User]:
    """Accounts that may become inspectors in an area: those whose role inspects there."""
    keys = [key for key, role in ROLES.items() if "supervision.inspect" in role.permissions]
    held = Grant.objects.current().filter(role__in=keys, area_id__isnull=False).select_related("user")
    return sorted({one.user for one in held if one.user.may_at("supervision.inspect", area_code)}, key=lambda one: one.name)
