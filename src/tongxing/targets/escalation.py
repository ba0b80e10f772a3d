"""Escalation of overdue gaps by working days (notice:4.1): soon due to the owner, overdue to the officers, long overdue to leaders.

Run once a day; running it again the same day changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts.models import Grant, User
from tongxing.areas.scope import span_of
from tongxing.audit.log import SYSTEM, record
from tongxing.notices import inbox
from tongxing.workdays.calendar import Calendar

from .definitions import number
from .models import Gap

ROLES_OF_LEVEL = {1: "officer", 2: "leader"}
KEYS = {1: "targets.gap.first_escalation_working_days", 2: "targets.gap.second_escalation_working_days"}


class Escalated(NamedTuple):
    """Gaps told about, by step."""

    soon: int
    first: int
    second: int


@transaction.atomic
def escalate(today: date | None = None) -> Escalated:
    """Tell owners what is due soon, and raise what is overdue by the provisions' working days, one level a run and gap."""
    today = today or timezone.localdate()
    calendar = Calendar()
    soon = _tell_soon(today, calendar)
    second = _raise(2, today, calendar)
    first = _raise(1, today, calendar)
    if first or second:
        record(
            "targets.escalate",
            by=SYSTEM,
            object_type="targets.gap",
            object_id=str(today),
            label=f"{first + second} 个逾期缺口",
            after={"first": first, "second": second},
        )
    return Escalated(soon, first, second)


def _tell_soon(today: date, calendar: Calendar) -> int:
    until = calendar.add_working_days(today, int(number("targets.gap.soon_working_days", today)))
    rows = Gap.objects.standing().filter(owner__isnull=False, owner__is_active=True, due_on__range=(today, until), reminded_at=None)
    gaps = list(rows.select_related("owner").order_by("due_on"))
    by_owner: dict[User, list[Gap]] = defaultdict(list)
    for gap in gaps:
        if gap.owner is not None:
            by_owner[gap.owner].append(gap)
    for owner, theirs in by_owner.items():
        inbox.tell(
            [owner],
            title=f"{len(theirs)} 个缺口将在 {theirs[0].due_on} 起陆续到期",
            url=f"{reverse('targets:gaps')}?mine=1",
            due_on=theirs[0].due_on,
        )
    Gap.objects.filter(pk__in=[gap.pk for gap in gaps]).update(reminded_at=timezone.now())
    return len(gaps)


def _raise(level: int, today: date, calendar: Calendar) -> int:
    limit = calendar.add_working_days(today, -int(number(KEYS[level], today)))
    gaps = list(Gap.objects.standing().filter(due_on__lte=limit, escalated_level__lt=level).order_by("id"))
    if not gaps:
        return 0
    for user, theirs in _readers(level, gaps):
        inbox.tell(
            [user],
            title=f"{len(theirs)} 个缺口逾期{'较久，请督办' if level == 2 else '未办结'}",
            body="、".join(gap.unit_name for gap in theirs[:10]),
            url=f"{reverse('targets:gaps')}?overdue=1",
            kind="warning",
        )
    Gap.objects.filter(pk__in=[gap.pk for gap in gaps]).update(escalated_level=level, escalated_on=today)
    return len(gaps)


def _readers(level: int, gaps: list[Gap]) -> Iterable[tuple[User, list[Gap]]]:
    """Whoever holds the role of the level over the gap's area, each with the gaps of the own area."""
    found: dict[int, tuple[User, dict[int, Gap]]] = {}
    grants = Grant.objects.current().filter(role=ROLES_OF_LEVEL[level], area__isnull=False, user__is_active=True).select_related("user")
    for grant in grants:
        low, high = span_of(grant.area_id or 0)
        theirs = found.setdefault(grant.user_id, (grant.user, {}))[1]
        theirs.update({gap.pk: gap for gap in gaps if low <= gap.area_code <= high})
    return [(user, list(theirs.values())) for user, theirs in found.values() if theirs]
