"""Whom an administrator may change: nobody whose grants lie beyond the administrator's own area."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings

from tongxing.core.access import Allowed, Answer, Denied
from tongxing.core.locks import one_at_a_time

from .models import Grant, User
from .roles import APART, ROLES

MANAGE = "accounts.manage"


@contextmanager
def administrators_held(by: Any) -> Iterator[Any]:
    """For acts after which somebody may administer no more: one at a time, so that two administrators cannot put each other out.

    Gives `by` as the account stands now: whoever was put out a moment ago acts no more.
    """
    with one_at_a_time("accounts.administrators"):
        yield User.objects.get(pk=by.pk) if isinstance(by, User) else by


def can_manage(by: Any, user: User) -> Answer:
    """Every current grant of `user` must lie inside the area that `by` administers. The command line may change all."""
    if not isinstance(by, User):
        return Allowed()
    scope = by.scope(MANAGE)
    if not scope:
        return Denied("您不是系统管理员，不能管理账号。")
    for grant in user.grants.current():
        if not scope.covers(grant.area_id if grant.area_id is not None else settings.PROGRAMME_AREA):
            return Denied(f"“{user.name}”的岗位超出了您的管理范围，请由上级管理员办理。")
    return Allowed()


def can_hold(user: User, role: str) -> Answer:
    """Steps of one procedure stay with different people, also for those who stand in."""
    held = {grant.role for grant in user.grants.filter(revoked_at=None) if not grant.is_over} | {role}
    for group in APART:
        both = held & group
        if role in group and len(both) > 1:
            names = "、".join(ROLES[key].name for key in ROLES if key in both)
            return Denied(f"{names}不能由同一人担任（不相容岗位分离）。请另选人员，或先收回原岗位。")
    return Allowed()


def is_last_admin(user: User) -> bool:
    """Whether nobody would be left to administer accounts without this user."""
    others = User.objects.filter(is_active=True).exclude(pk=user.pk)
    admins = [key for key, role in ROLES.items() if MANAGE in role.permissions]
    mine = user.grants.current().filter(role__in=admins, on_behalf_of=None).exists()
    return mine and not Grant.objects.current().filter(user__in=others, role__in=admins, on_behalf_of=None).exists()
