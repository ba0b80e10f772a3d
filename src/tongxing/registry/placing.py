"""Placing organisations in their street, town, township or park, many at once, and what moves with them."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from tongxing.areas import ledger
from tongxing.areas.models import LEAF_KINDS, Area, Succession
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused

from .models import Coordinator, Organisation, Person, Posting
from .placement import Finder, finder
from .rules import can_edit_at, insist
from .search import index_organisations, index_people
from .whereabouts import note_moves

CHUNK = 1_000


@transaction.atomic
def place_organisations(ids: Iterable[int], area: Area, *, by: Actor, since: date | None = None) -> int:
    """Put these organisations into `area`; returns how many moved. One entry for all, with the place each came from.

    Who was placed before has moved as of `since` (today); who waited in the queue has been there all along.
    """
    if not area.is_leaf or area.valid_until:
        raise Refused(f"“{area}”不是在用的街道、乡镇或园区，不能归属到这里。请选到最末一级。", code="not_a_leaf", clause="notice:2.3")
    wanted = sorted(set(ids))
    rows: list[tuple[int, int, bool]] = []
    for at in range(0, len(wanted), CHUNK):
        found = Organisation.objects.standing().select_for_update().filter(id__in=wanted[at : at + CHUNK]).exclude(area=area)
        rows += found.values_list("id", "area_id", "unplaced")
    old = {code for _, code, _ in rows}
    insist(can_edit_at(by, area.code, *old))
    moved = [organisation_id for organisation_id, _, _ in rows]
    note_moves([(number, code) for number, code, waited in rows if not waited], since=since or timezone.localdate())
    for at in range(0, len(moved), CHUNK):
        Organisation.objects.filter(id__in=moved[at : at + CHUNK]).update(
            area=area, unplaced=False, version=F("version") + 1, updated_at=timezone.now()
        )
    if not moved:
        return 0
    record(
        "registry.place_organisations",
        by=by,
        object_type="registry.organisation",
        object_id="many",
        label=f"{len(moved)} 个单位归属到{area}",
        area_code=area.code,
        before={str(organisation_id): code for organisation_id, code, _ in rows},
        after={"area_id": area.code},
    )
    follow_organisations(moved)
    ledger.touch({*old, area.code})
    index_organisations(moved)
    return len(moved)


class Followed(NamedTuple):
    """A person who came along with a host organisation, and the version the record has now."""

    organisation_id: int
    person_id: int
    version: int


def follow_organisations(ids: Iterable[int]) -> list[Followed]:
    """Coordinators whose main open posting is at one of these organisations take over its kind and area; the person's area follows.

    Returns the people whose record that changed.
    """
    wanted = list(ids)
    return [one for at in range(0, len(wanted), CHUNK) for one in _follow(wanted[at : at + CHUNK])]


def _follow(ids: list[int]) -> list[Followed]:
    hosts = Posting.objects.filter(organisation_id__in=ids, until=None, is_primary=True)
    found: dict[int, tuple[str, int]] = {}
    host_of: dict[int, int] = {}
    wanted = ("coordinator_id", "organisation__kind", "organisation__area_id", "organisation_id")
    for coordinator_id, kind, area_id, organisation_id in hosts.values_list(*wanted):
        found[coordinator_id], host_of[coordinator_id] = (kind, area_id), organisation_id
    coordinators = list(Coordinator.objects.filter(id__in=found).select_related("person"))
    if not coordinators:
        return []
    ledger.touch({coordinator.area_id for coordinator in coordinators} | {area_id for _, area_id in found.values()})
    people: list[Person] = []
    followed: list[Followed] = []
    for coordinator in coordinators:
        coordinator.host_kind, coordinator.area_id = found[coordinator.pk]
        coordinator.updated_at = timezone.now()
        if coordinator.person.area_id != coordinator.area_id:
            coordinator.person.area_id = coordinator.area_id
            coordinator.person.version += 1
            people.append(coordinator.person)
            followed.append(Followed(host_of[coordinator.pk], coordinator.person_id, coordinator.person.version))
    Coordinator.objects.bulk_update(coordinators, ["host_kind", "area", "updated_at"])
    Person.objects.bulk_update(people, ["area", "version"])
    index_people([person.pk for person in people])
    return followed


def towns_below(code: int) -> list[Area]:
    """The streets, towns, townships and parks in use below a county: what a place may be chosen from."""
    return list(Area.objects.within(code).valid_on(timezone.localdate()).filter(kind__in=LEAF_KINDS))


def suggestions(organisations: Iterable[Organisation], finders: dict[int, Finder] | None = None) -> dict[int, Area]:
    """Organisation id → where it seems to belong, for the rows of one page of the queue: the township its address names,
    else the only one that follows the ended area it stands in."""
    finders = {} if finders is None else finders
    organisations = list(organisations)
    followed = _only_successors({organisation.area_id for organisation in organisations})
    found: dict[int, Area] = {}
    for organisation in organisations:
        county = organisation.area_id - organisation.area_id % 10**6
        if county not in finders:
            finders[county] = finder(towns_below(county))
        if town := finders[county].find(organisation.address):
            found[organisation.pk] = town
        elif organisation.area_id in followed:
            found[organisation.pk] = followed[organisation.area_id]
    return found


def _only_successors(codes: set[int]) -> dict[int, Area]:
    """Ended areas that exactly one area in use follows."""
    following: dict[int, list[Area]] = {}
    for row in Succession.objects.filter(old_id__in=codes, old__valid_until__lte=timezone.localdate()).select_related("new"):
        following.setdefault(row.old_id, []).append(row.new)
    return {code: new[0] for code, new in following.items() if len(new) == 1 and new[0].valid_until is None}


@transaction.atomic
def place_as_suggested(rows: Any, *, by: Actor) -> int:
    """Place every organisation of `rows` whose address names one township; returns how many were placed."""
    by_town: dict[Area, list[int]] = {}
    for organisation_id, town in suggestions(rows).items():
        by_town.setdefault(town, []).append(organisation_id)
    return sum(place_organisations(ids, town, by=by) for town, ids in by_town.items())
