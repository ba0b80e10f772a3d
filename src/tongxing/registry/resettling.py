"""What still stands in a street, town, township or park that has ended, and moving all of it to the one that follows."""

from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.areas import ledger
from tongxing.areas.models import Area
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused

from .models import Coordinator, DutyArea, Organisation, Person
from .placing import place_organisations
from .rules import can_edit_at, insist
from .search import index_people

ONE_DAY = timedelta(days=1)


class Standing(NamedTuple):
    """How many of each stand in an area."""

    organisations: int
    people: int
    coordinators: int
    duty_areas: int


def standing_in(area: Area, user: User) -> Standing:
    """What `user` may see of what stands in `area` itself: four counts."""
    return Standing(
        Organisation.objects.visible_to(user).standing().filter(area=area).count(),
        Person.objects.visible_to(user).filter(area=area).count(),
        Coordinator.objects.visible_to(user).filter(area=area).count(),
        DutyArea.objects.filter(area=area, until=None, coordinator__in=Coordinator.objects.visible_to(user)).count(),
    )


@transaction.atomic
def resettle(area: Area, into: Area, *, by: Actor) -> Standing:
    """Move everything out of an area that has ended into one in use; organisations and duty areas change on the day the old one ended.

    Refuses areas still in use: single organisations are moved there with `place_organisations`. Returns how many moved.
    """
    today = timezone.localdate()
    if area.valid_until is None or area.valid_until > today:
        raise Refused(f"“{area}”还在使用，不能整体划转；可在单位名录勾选后批量归属。", code="still_in_use")
    if not into.is_leaf or into.valid_until or (into.valid_from and into.valid_from > today):
        raise Refused(f"“{into}”不是在用的街道、乡镇或园区，不能划到这里。请另选一个。", code="not_a_leaf")
    insist(can_edit_at(by, area.code, into.code))
    standing = Organisation.objects.standing().filter(area=area).values_list("id", flat=True)
    organisations = place_organisations(standing, into, by=by, since=area.valid_until)
    duties = _move_duties(area, into)
    people = _move_people(area, into)
    moved = Standing(organisations, people, Coordinator.objects.filter(area=area).update(area=into, updated_at=timezone.now()), duties)
    ledger.touch([area.code, into.code])
    record("registry.resettle", by=by, of=area, area_code=area.code, after={"into": f"{into}（{into.code}）", **moved._asdict()})
    return moved


def _move_duties(area: Area, into: Area) -> int:
    """Each open duty area ends with the area and goes on at its successor; a coordinator who has that one already keeps one."""
    ended = area.valid_until or timezone.localdate()
    duties = list(DutyArea.objects.select_for_update().filter(area=area, until=None))
    kept = set(DutyArea.objects.filter(area=into, until=None).values_list("coordinator_id", flat=True))
    new = [
        DutyArea(coordinator_id=duty.coordinator_id, area=into, since=max(ended, duty.since), reason=f"{area}撤并")
        for duty in duties
        if duty.coordinator_id not in kept
    ]
    for duty in duties:
        duty.until = max(ended - ONE_DAY, duty.since)
    DutyArea.objects.bulk_update(duties, ["until"])
    DutyArea.objects.bulk_create(new)
    return len(duties)


def _move_people(area: Area, into: Area) -> int:
    """People whose record stands in the area itself; those posted at a moved organisation have followed it already."""
    ids = list(Person.objects.filter(area=area).values_list("pk", flat=True))
    Person.objects.filter(area=area).update(area=into, version=F("version") + 1, updated_at=timezone.now())
    index_people(ids)
    return len(ids)
