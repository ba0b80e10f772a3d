"""Leave cover: a user hands the own grants to a colleague for some days; whoever stands in acts visibly on behalf of the other."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from tongxing.areas.scope import span_of
from tongxing.audit import log
from tongxing.core.access import Denied
from tongxing.core.errors import Refused

from .models import Delegation, Grant, User
from .reach import can_hold
from .roles import PERSONAL

LONGEST = timedelta(days=180)


def colleagues(user: User) -> QuerySet[User]:
    """Who may stand in: enabled users with a grant in the same county or at the same organisation."""
    query = Q(pk__in=[])
    for grant in user.current_grants:
        if grant.area_id is not None:
            low, high = span_of(grant.area_id - grant.area_id % 10**6)
            query |= Q(area_id__gte=low, area_id__lte=high)
        else:
            query |= Q(organisation_id=grant.organisation_id)
    near = Grant.objects.current().filter(query, on_behalf_of=None).values("user_id")
    found: QuerySet[User] = User.objects.filter(pk__in=near, is_active=True)
    return found.exclude(pk=user.pk).order_by("name")


@transaction.atomic
def delegate(giver: User, taker: User, *, since: date, until: date, reason: str) -> Delegation:
    """Hand on the own roles (never those held for another, never reviewing or the coordinator's own record)."""
    # Two covers for the same days cannot come at once, nor two that together give the taker roles that stay apart.
    list(User.objects.select_for_update().filter(pk__in=[giver.pk, taker.pk]).order_by("pk"))
    if not colleagues(giver).filter(pk=taker.pk).exists():
        raise Refused("请从同一县（市、区）或同一单位的在用账号中选择代办人。", code="taker")
    today = timezone.localdate()
    if since < today or until < since or until - since > LONGEST:
        raise Refused(f"代办期应从今天或以后开始，最长 {LONGEST.days} 天。请核对日期。", code="dates")
    if not reason.strip():
        raise Refused("请写明事由，例如休假、出差。", code="reason_missing")
    own = [grant for grant in giver.grants.current() if grant.on_behalf_of_id is None and grant.role not in PERSONAL]
    if not own:
        raise Refused("您没有可以委托的岗位。", code="nothing_to_hand_on")
    if giver.delegations_given.filter(ended_at=None, since__lte=until, until__gte=since).exists():
        raise Refused("这段时间已经委托过代办人。请先收回原来的委托。", code="overlap")
    for grant in own:
        answer = can_hold(taker, grant.role)
        if isinstance(answer, Denied):
            raise Refused(answer.reason, code="roles_apart")
    delegation = Delegation.objects.create(giver=giver, taker=taker, since=since, until=until, reason=reason[:200])
    Grant.objects.bulk_create([_handed_on(grant, delegation) for grant in own])
    after = {"代办人": taker.display_name, "自": since.isoformat(), "至": until.isoformat()}
    log.record("accounts.delegate", by=giver, of=giver, after=after, reason=reason)
    return delegation


def _handed_on(grant: Grant, delegation: Delegation) -> Grant:
    return Grant(
        user=delegation.taker,
        role=grant.role,
        area_id=grant.area_id,
        organisation_id=grant.organisation_id,
        since=delegation.since,
        until=min(delegation.until, grant.until) if grant.until else delegation.until,
        on_behalf_of=delegation.giver,
        delegation=delegation,
        granted_by=delegation.giver.display_name[:60],
        reason=delegation.reason,
    )


@transaction.atomic
def end_delegation(delegation: Delegation, *, by: User) -> Delegation:
    """Take the cover back at once; both sides may."""
    delegation = Delegation.objects.select_for_update(of=("self",)).select_related("giver", "taker").get(pk=delegation.pk)
    if by.pk not in {delegation.giver_id, delegation.taker_id}:
        raise Refused("只有委托人和代办人可以结束委托。", code="not_yours", status=403)
    if delegation.ended_at is not None:
        raise Refused("这项委托已经结束。", code="ended")
    now = timezone.now()
    delegation.ended_at = now
    delegation.save(update_fields=["ended_at"])
    delegation.grants.filter(revoked_at=None).update(revoked_at=now)
    log.record("accounts.end_delegation", by=by, of=delegation.giver, before={"代办人": delegation.taker.display_name})
    return delegation
