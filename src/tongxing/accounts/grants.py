"""Granting and taking back roles."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.audit import log
from tongxing.audit.log import Actor
from tongxing.core.access import Denied
from tongxing.core.errors import Refused

from .models import Grant, User
from .reach import MANAGE, administrators_held, can_hold, can_manage, is_last_admin
from .roles import ROLES


def _must_fit(role: str, area: Area | None, organisation_id: int | None) -> None:
    if (area is None) == (organisation_id is None):
        raise Refused("请选择一个区划或一个单位（只选其一）。", code="place_missing")
    if ROLES[role].by_organisation != (organisation_id is not None):
        what = "单位" if ROLES[role].by_organisation else "区划"
        raise Refused(f"“{ROLES[role].name}”应授在{what}上。", code="place_wrong")


def _must_grant(user: User, role: str, by: Actor, place: int) -> None:
    """`place` is the area of the grant (of the organisation, where it names one)."""
    if not user.is_active:
        raise Refused(f"账号 {user.username} 已停用，不能授权。请先启用。", code="disabled")
    if isinstance(by, User):
        if by.pk == user.pk:
            raise Refused("不能给自己授予岗位。请由另一位管理员办理。", code="own_account")
        if not by.may_at(MANAGE, place):
            raise Refused("不能授予超出您管理范围的岗位。请由上级管理员办理。", code="beyond_scope", status=403)
    answer = can_hold(user, role)
    if isinstance(answer, Denied):
        raise Refused(answer.reason, code="roles_apart")


@transaction.atomic
def grant_role(
    user: User,
    role: str,
    *,
    by: Actor,
    area: Area | None = None,
    organisation_id: int | None = None,
    organisation_area: int | None = None,
    since: date | None = None,
    until: date | None = None,
    reason: str = "",
) -> Grant:
    """Give a role over an area, or (roles by organisation) at one organisation, whose area code comes along as `organisation_area`."""
    if role not in ROLES:
        raise Refused("没有这个岗位。", code="unknown_role")
    _must_fit(role, area, organisation_id)
    since = since or timezone.localdate()
    if until is not None and until < since:
        raise Refused("截止日早于起始日，请核对。", code="dates")
    user = User.objects.select_for_update().get(pk=user.pk)
    place = area.code if area else organisation_area
    _must_grant(user, role, by, -1 if place is None else place)
    same = user.grants.filter(role=role, area=area, organisation_id=organisation_id, revoked_at=None, on_behalf_of=None)
    if any(not grant.is_over for grant in same):
        raise Refused(f"“{user.name}”已经有这个岗位。", code="granted")
    grant = Grant.objects.create(
        user=user,
        role=role,
        area=area,
        organisation_id=organisation_id,
        since=since,
        until=until,
        granted_by=by.display_name[:60],
        reason=reason[:200],
    )
    log.record("accounts.grant", by=by, of=user, area_code=place, after=_facts(grant), reason=reason)
    return grant


def _facts(grant: Grant) -> dict[str, str]:
    return {
        "岗位": grant.get_role_display(),
        "范围": grant.area.name if grant.area else f"单位 {grant.organisation_id}",
        "自": grant.since.isoformat(),
        "至": grant.until.isoformat() if grant.until else "",
    }


def revoke_grant(grant: Grant, *, by: Actor, reason: str) -> Grant:
    """Take a role back at once; what was handed on from it stops too."""
    with administrators_held(by) as actor:
        return _revoke(grant, by=actor, reason=reason)


def _revoke(grant: Grant, *, by: Actor, reason: str) -> Grant:
    grant = Grant.objects.select_for_update(of=("self",)).select_related("user", "area").get(pk=grant.pk)
    answer = can_manage(by, grant.user)
    if isinstance(answer, Denied):
        raise Refused(answer.reason, code="not_yours", status=403)
    if grant.revoked_at is not None:
        raise Refused("这个岗位已经收回。", code="revoked")
    if not reason.strip():
        raise Refused("请写明收回的理由。", code="reason_missing")
    grant.revoked_at = timezone.now()
    if MANAGE in grant.permissions and is_last_admin(grant.user):
        raise Refused("这是最后一位系统管理员的岗位，收回后就没有人能管理账号。", code="last_admin")
    grant.save(update_fields=["revoked_at"])
    log.record("accounts.revoke", by=by, of=grant.user, area_code=grant.area_id, before=_facts(grant), reason=reason)
    return grant
