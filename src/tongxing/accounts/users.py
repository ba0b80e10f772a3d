"""Acts on accounts. An account is never deleted: it is disabled, so that the log keeps its names."""

import re
import secrets
from typing import NamedTuple

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from tongxing.audit import log
from tongxing.audit.log import Actor
from tongxing.core.access import Denied
from tongxing.core.errors import Refused
from tongxing.core.values import clean_text

from . import lockout, sessions
from .models import User
from .reach import administrators_held, can_manage, is_last_admin

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,59}")


class Opened(NamedTuple):
    """A new account, or one with a new password, and the password to hand over: it is shown once and kept nowhere."""

    user: User
    password: str


def _must_manage(by: Actor, user: User) -> None:
    answer = can_manage(by, user)
    if isinstance(answer, Denied):
        raise Refused(answer.reason, code="not_yours", status=403)


def new_password() -> str:
    """Three groups of four characters that cannot be misread."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


@transaction.atomic
def create_user(username: str, *, name: str, by: Actor, password: str | None = None, email: str = "", job: str = "") -> Opened:
    """Open an account. Without a password one is made up, and must be changed at the first sign-in."""
    if isinstance(by, User) and not by.may("accounts.manage"):
        raise Refused("您不是系统管理员，不能开设账号。", code="not_yours", status=403)
    username = username.strip().lower()
    if not _USERNAME.fullmatch(username):
        raise Refused("账号应为 3 至 60 位小写字母、数字、点、横线，以字母或数字开头。", code="username_form")
    if User.objects.filter(username=username).exists():
        raise Refused(f"账号 {username} 已存在。请换一个账号名。", code="exists")
    user = User(username=username, **_facts(name, email, job))
    made_up = password is None
    password = password or new_password()
    if not made_up:
        _judge(password, user)
    user.must_change_password = made_up
    user.set_password(password)
    user.save()
    log.record("accounts.create", by=by, of=user, after={"username": username, "name": user.name, "job": user.job})
    return Opened(user, password)


def _facts(name: str, email: str, job: str) -> dict[str, str]:
    name = clean_text(name, longest=60)
    if not name:
        raise Refused("请填写姓名。", code="name_missing")
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise Refused("邮箱格式不对，请核对。", code="email_form") from None
    return {"name": name, "email": email, "job": clean_text(job, longest=60)}


def _judge(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused("密码不合要求：" + "".join(error.messages), code="weak_password") from None


@transaction.atomic
def update_user(user: User, *, name: str, email: str, job: str, by: Actor) -> User:
    _must_manage(by, user)
    user = User.objects.select_for_update().get(pk=user.pk)
    facts = _facts(name, email, job)
    before = {key: getattr(user, key) for key in facts}
    changed = {key: value for key, value in facts.items() if value != before[key]}
    for key, value in changed.items():
        setattr(user, key, value)
    if changed:
        user.save(update_fields=list(changed))
        log.record("accounts.update", by=by, of=user, before={key: before[key] for key in changed}, after=changed)
    return user


def disable_user(user: User, *, by: Actor, reason: str) -> User:
    """Stop an account at once: its sessions end, and whoever stands in for it stops too."""
    with administrators_held(by) as actor:
        return _disable(user, by=actor, reason=reason)


def _disable(user: User, *, by: Actor, reason: str) -> User:
    _must_manage(by, user)
    user = User.objects.select_for_update().get(pk=user.pk)
    if by.pk == user.pk:
        raise Refused("不能停用自己的账号。请由另一位管理员办理。", code="own_account")
    if not user.is_active:
        raise Refused(f"账号 {user.username} 已经停用。", code="disabled")
    if is_last_admin(user):
        raise Refused("这是最后一位系统管理员，停用后就没有人能管理账号。请先给另一位授予系统管理岗位。", code="last_admin")
    if not reason.strip():
        raise Refused("请写明停用的理由，例如调离、退休。", code="reason_missing")
    user.is_active, user.disabled_at = False, timezone.now()
    user.save(update_fields=["is_active", "disabled_at"])
    ended = sessions.end_all(user)
    log.record("accounts.disable", by=by, of=user, before={"is_active": True}, after={"is_active": False, "会话": ended}, reason=reason)
    return user


@transaction.atomic
def enable_user(user: User, *, by: Actor) -> User:
    _must_manage(by, user)
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.is_active:
        raise Refused(f"账号 {user.username} 没有停用。", code="enabled")
    user.is_active, user.disabled_at = True, None
    user.save(update_fields=["is_active", "disabled_at"])
    log.record("accounts.enable", by=by, of=user, before={"is_active": False}, after={"is_active": True})
    return user


@transaction.atomic
def reset_password(user: User, *, by: Actor) -> Opened:
    """A new password to hand over; the old one, the lock and all sessions end. It must be changed at the next sign-in."""
    _must_manage(by, user)
    user = User.objects.select_for_update().get(pk=user.pk)
    password = new_password()
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    sessions.end_all(user)
    lockout.lift(user.username)
    log.record("accounts.reset_password", by=by, of=user)
    return Opened(user, password)


@transaction.atomic
def reset_second_factor(user: User, *, by: Actor, reason: str) -> User:
    """For a lost phone: the second factor is taken off and set up anew at the next sign-in."""
    _must_manage(by, user)
    if by.pk == user.pk:
        raise Refused("不能重置自己的二次验证。请由另一位管理员办理。", code="own_account")
    Authenticator.objects.filter(user=user).delete()
    sessions.end_all(user)
    log.record("accounts.reset_second_factor", by=by, of=user, reason=reason)
    return user
