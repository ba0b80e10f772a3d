"""Acts on entries: enter somebody within the quota, confirm, withdraw, note who did not come."""

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused, said
from tongxing.core.values import clean_text
from tongxing.registry.models import Coordinator, Organisation, Person, Posting
from tongxing.registry.models.coordinators import CoordinatorStatus, holds_on

from .models import Competition, CompetitionState, Entrant, EntryState, Keying, Mark
from .rules import CLAUSE, managed

UNMARKED = (CompetitionState.DRAWN, CompetitionState.MARKING)


@transaction.atomic
def enter(competition: Competition, person: Person, *, by: Actor, remark: str = "") -> Entrant:
    """Enter a coordinator, for the area and the employer of today. Quotas of the area, of those above it and of the employer hold."""
    row = managed(competition, by, CompetitionState.OPEN, doing="报名")
    today = timezone.localdate()
    if not row.opens_on <= today <= row.closes_on:
        raise Refused(f"报名时间是 {row.opens_on} 至 {row.closes_on}，今天不能报名。", code="not_open", clause=CLAUSE)
    coordinator = Coordinator.objects.standing().select_related("person", "area").filter(person=person).first()
    low, high = row.area.span
    if coordinator is None or coordinator.status != CoordinatorStatus.ACTIVE or not low <= coordinator.area_id <= high:
        raise Refused(f"“{person.name}”不是本区划在册的协调员，不能报名。请先核对登记。", code="not_coordinator", clause=CLAUSE)
    employer = _employer(coordinator, today)
    _insist_quota(row, coordinator.area_id, employer)
    try:
        with transaction.atomic():
            made = Entrant.objects.create(
                competition=row,
                person=person,
                organisation=employer,
                area_id=coordinator.area_id,
                entered_by=by.display_name[:60],
                remark=clean_text(remark, longest=200),
            )
    except IntegrityError:
        raise Refused(f"“{person.name}”已经报名，不用重复报名。", code="exists", clause=CLAUSE) from None
    record("competitions.enter", by=by, of=made, after={"competition": row.title, "organisation": employer and employer.name})
    return made


def _employer(coordinator: Coordinator, on: date) -> Organisation | None:
    rows = Posting.objects.filter(holds_on(on), coordinator=coordinator).select_related("organisation")
    found = rows.order_by("-is_primary", "-since", "pk").first()
    return found.organisation if found else None


def _insist_quota(row: Competition, area_code: int, employer: Organisation | None) -> None:
    above = {area_code - area_code % width for width in (10**10, 10**8, 10**6, 10**3, 1)}
    used = row.entries.exclude(state=EntryState.WITHDRAWN)
    for quota in row.quotas.filter(Q(area_id__in=above) | Q(organisation=employer, organisation__isnull=False)).select_related(
        "area", "organisation"
    ):
        if quota.area:
            low, high = quota.area.span
            taken = used.filter(area_id__gte=low, area_id__lte=high).count()
        else:
            taken = used.filter(organisation=employer).count()
        if taken >= quota.number:
            raise Refused(f"{quota}的 {quota.number} 个名额已经用完。请先调整名额，或让一人退出。", code="quota", clause=CLAUSE)


@transaction.atomic
def confirm(entries: list[Entrant], *, by: Actor) -> int:
    """Confirm those that wait; returns how many. All must belong to one competition."""
    if not entries:
        return 0
    row = managed(entries[0].competition_id, by, CompetitionState.OPEN, doing="确认报名")
    waiting = list(Entrant.objects.select_for_update(of=("self",)).filter(competition=row, pk__in=[one.pk for one in entries]))
    done = [one for one in waiting if one.state == EntryState.ENTERED]
    for one in done:
        one.state, one.version = EntryState.CONFIRMED, one.version + 1
    Entrant.objects.bulk_update(done, ["state", "version"])
    if done:
        record("competitions.confirm", by=by, of=row, after={"entries": len(done)})
    return len(done)


@transaction.atomic
def withdraw(entry: Entrant, *, by: Actor, reason: str) -> Entrant:
    """Take an entry back before the codes are drawn; its place of the quota is free again."""
    row = managed(entry.competition_id, by, CompetitionState.OPEN, doing="退出，抽密号以后没有来的登记为缺席")
    held = _entry(entry, EntryState.ENTERED, EntryState.CONFIRMED)
    held.remark = said(reason, "请写明退出的原因。", longest=200)
    _set(held, EntryState.WITHDRAWN, "remark")
    record("competitions.withdraw", by=by, of=held, after={"competition": row.title, "state": held.state}, reason=reason)
    return held


@transaction.atomic
def mark_absent(entry: Entrant, *, by: Actor, reason: str) -> Entrant:
    """Somebody with a code who did not come: not marked and not ranked. Refused once there is a mark."""
    row = managed(entry.competition_id, by, *UNMARKED, doing="登记缺席")
    held = _entry(entry, EntryState.CONFIRMED)
    if Mark.objects.filter(entry=held).exists() or Keying.objects.filter(entry=held).exists():
        raise Refused("这名选手已经有评分，不能登记缺席。请先由裁判长核对。", code="marked", clause=CLAUSE)
    held.remark = said(reason, "请写明缺席的情况。", longest=200)
    _set(held, EntryState.ABSENT, "remark")
    record("competitions.mark_absent", by=by, of=held, after={"competition": row.title, "state": held.state}, reason=reason)
    return held


def _entry(entry: Entrant, *states: str) -> Entrant:
    row = Entrant.objects.select_for_update(of=("self",)).select_related("person").get(pk=entry.pk)
    if row.state not in states:
        raise Refused(f"这份报名现在是“{row.get_state_display()}”，不能办这一步。请刷新页面。", code="wrong_state", clause=CLAUSE)
    return row


def _set(row: Entrant, state: EntryState, *fields: str) -> None:
    row.state, row.version = state, row.version + 1
    row.save(update_fields=["state", "version", *fields])
