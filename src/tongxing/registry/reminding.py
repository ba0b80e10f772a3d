"""Asking organisations to confirm their record this year (年度核实, notice:3.4.1–2): who has not, who can be told, and telling them."""

import calendar
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from tongxing.accounts.models import Grant, User
from tongxing.accounts.roles import ROLES
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.notices.inbox import tell
from tongxing.policy.provisions import value

from .confirmation import confirm_page
from .models import ConfirmationReminder, Organisation, RecordConfirmation
from .rules import can_edit_at, insist

AGENT_ROLES = [key for key, role in ROLES.items() if "registry.own_organisation" in role.permissions]
MOST_AT_ONCE = 2_000


class Reminded(NamedTuple):
    """How many organisations were reached through how many accounts, and how many nobody acts for."""

    organisations: int
    agents: int
    without_agent: int
    today_already: int


def unconfirmed_organisations(rows: QuerySet[Organisation], year: int | None = None) -> QuerySet[Organisation]:
    """Of these, the ones that exist today and that nobody confirmed in the year (this one)."""
    today = timezone.localdate()
    done = RecordConfirmation.objects.filter(organisation=OuterRef("pk"), year=year or today.year)
    return rows.filter(~Exists(done), Q(ended_on=None) | Q(ended_on__gt=today), merged_into=None)


def agents_of(organisations: Iterable[int]) -> QuerySet[Grant]:
    """Current grants of enabled accounts that act for these organisations."""
    grants = Grant.objects.current().filter(organisation_id__in=list(organisations), role__in=AGENT_ROLES, user__is_active=True)
    return grants.select_related("user")


def with_agent() -> Exists:
    """Whether somebody with an account acts for the organisation: an annotation."""
    held = Grant.objects.current().filter(organisation_id=OuterRef("pk"), role__in=AGENT_ROLES, user__is_active=True)
    return Exists(held.order_by())


def due_day(today: date) -> date:
    """The last day of the month in which confirming is due; past that, of the month we are in."""
    month = max(int(value("registry.confirmation_due_month", on=today)), today.month)
    return date(today.year, month, calendar.monthrange(today.year, month)[1])


@transaction.atomic
def remind_to_confirm(rows: QuerySet[Organisation], *, by: Actor, due_on: date, note: str = "") -> Reminded:
    """Put a to-do into the inbox of everyone who acts for one of these organisations; one entry for all.

    Who was reminded today is left in peace. Organisations without an account are counted: somebody must call them.
    """
    today = timezone.localdate()
    if due_on < today:
        raise Refused("完成期限已经过去，请改选以后的日期。", code="past_day", status=422)
    found = list(unconfirmed_organisations(rows).select_related("area").order_by("pk")[: MOST_AT_ONCE + 1])
    if len(found) > MOST_AT_ONCE:
        raise Refused(f"一次最多提醒 {MOST_AT_ONCE} 家。请按镇街或类别分批提醒。", code="too_many")
    insist(can_edit_at(by, *{organisation.area_id for organisation in found}))
    asked = set(_asked_today(found, today))
    waiting = [organisation for organisation in found if organisation.pk not in asked]
    agents: dict[int, list[User]] = {}
    for grant in agents_of(organisation.pk for organisation in waiting):
        agents.setdefault(grant.organisation_id or 0, []).append(grant.user)
    reached = [organisation for organisation in waiting if organisation.pk in agents]
    for organisation in reached:
        _tell(organisation, agents[organisation.pk], due_on, note, today)
    ConfirmationReminder.objects.bulk_create(
        [ConfirmationReminder(organisation=organisation, year=today.year, by=by.display_name[:60]) for organisation in reached]
    )
    people = {user.pk for users in agents.values() for user in users}
    result = Reminded(len(reached), len(people), len(waiting) - len(reached), len(asked))
    if reached:
        _record(reached, result, due_on, by)
    return result


def _asked_today(found: list[Organisation], today: date) -> Iterable[int]:
    rows = ConfirmationReminder.objects.filter(organisation__in=found, at__date=today)
    return rows.values_list("organisation_id", flat=True)


def _tell(organisation: Organisation, users: list[User], due_on: date, note: str, today: date) -> None:
    body = f"请核对“{organisation.name}”的登记资料和在任协调员，属实就确认，有变化请写明。{note.strip()}"
    tell(users, title=f"请核实 {today.year} 年度单位信息"[:120], body=body, url=confirm_page(organisation), due_on=due_on)


def _record(reached: list[Organisation], result: Reminded, due_on: date, by: Actor) -> None:
    after: dict[str, Any] = {"organisations": [row.pk for row in reached], "accounts": result.agents, "due_on": due_on.isoformat()}
    areas = {row.area_id for row in reached}
    record(
        "registry.remind_to_confirm",
        by=by,
        object_type="registry.organisation",
        object_id="many",
        label=f"提醒 {len(reached)} 家单位核实",
        area_code=areas.pop() if len(areas) == 1 else reached[0].area_id // 10**6 * 10**6,
        after=after,
    )
