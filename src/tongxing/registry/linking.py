"""Linking an account with a person, so that a coordinator opens the own record (notice:3.4.2). Accounts know people only as a number."""

from django.db import transaction

from tongxing.accounts.models import User
from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused

from .models import Person
from .rules_people import can_edit_at


def accounts_of(person: Person) -> list[User]:
    return list(User.objects.filter(person_id=person.pk, is_active=True).order_by("username"))


@transaction.atomic
def link_account(person: Person, username: str, *, by: Actor) -> User:
    """Let the account `username`, which must hold the role of a coordinator, open this person's record."""
    insist(can_edit_at(by, person.area_id))
    user: User | None = User.objects.select_for_update().filter(username=username.strip(), is_active=True).first()
    if user is None:
        raise Refused(f"没有启用中的账号“{username.strip()}”。请核对账号，或先由系统管理员建立。", code="unknown_account")
    if not user.may("registry.own_record"):
        raise Refused(f"账号“{user.username}”没有“劳动关系协调员”岗位。请先由系统管理员授权。", code="wrong_role")
    if user.person_id and user.person_id != person.pk:
        raise Refused(f"账号“{user.username}”已对应另一名人员。请由系统管理员核对后更正。", code="linked_elsewhere")
    if user.person_id is None:
        user.person_id = person.pk
        user.save(update_fields=["person_id"])
        record("registry.link_account", by=by, of=person, after={"account": user.username})
    return user
