"""The proof behind a tick: who covers a unit on a day, since when, with which certificate; and since when nobody does."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from tongxing.certificates.models import Certificate
from tongxing.registry.models import DutyArea, Organisation, Posting, StatusPeriod
from tongxing.registry.models.coordinators import CoordinatorStatus
from tongxing.registry.models.organisations import OrganisationKind

from .covering import HELD, holding
from .definitions import minimum_of, number
from .models import Shape, Target, Way

ONE_DAY = timedelta(days=1)
NEVER = date.max


class Ref(NamedTuple):
    """What names a unit, with the area whose duty areas count for it."""

    kind: str
    id: int
    area_code: int


@dataclass(frozen=True)
class Cover:
    """One coordinator behind a unit on a day."""

    coordinator_id: int
    uid: str
    name: str
    way: str
    place: str
    since: date
    until: date | None
    certificate: str = ""
    level: str = ""
    issued_on: date | None = None
    ends_on: date | None = None
    shared_with: int = 0

    @property
    def is_certified(self) -> bool:
        return bool(self.certificate)


class Held(NamedTuple):
    """A row that ties a coordinator to a unit, whatever the day."""

    ref: Ref
    way: str
    row: Any


def _area_of_duty(ref: Ref) -> int:
    return ref.id if ref.kind == "area" else ref.area_code


def _held(target: Target, refs: Sequence[Ref], rows_of: Any) -> list[Held]:
    """Rows of every way of the target that touch these units; `rows_of(model)` gives the rows to look among."""
    organisations = {ref.id: ref for ref in refs if ref.kind == "organisation"}
    found: list[Held] = []
    for way in target.way_list:
        if way in HELD and organisations:
            rows = rows_of(HELD[way]).filter(organisation_id__in=list(organisations)).select_related("coordinator__person", "organisation")
            found += [Held(organisations[row.organisation_id], way, row) for row in rows]
    areas: dict[int, list[Ref]] = defaultdict(list)
    for ref in refs:
        if ref.kind == "area" or target.is_organisations:
            areas[_area_of_duty(ref)].append(ref)
    if Way.DUTY_AREA in target.way_list and areas:
        rows = rows_of(DutyArea).filter(area_id__in=list(areas)).select_related("coordinator__person", "area")
        found += [Held(ref, Way.DUTY_AREA, row) for row in rows for ref in areas[row.area_id]]
    if target.shape == Shape.AREAS and Way.POSTING in target.way_list and areas:
        rows = rows_of(Posting).filter(organisation__area_id__in=list(areas), organisation__kind=OrganisationKind.GRASSROOTS)
        rows = rows.select_related("coordinator__person", "organisation")
        found += [Held(ref, Way.POSTING, row) for row in rows for ref in areas[row.organisation.area_id]]
    return found


def _operates(row: Any, day: date) -> bool:
    body = getattr(row, "organisation", None)
    if body is None:
        return True
    began, ended = body.began_on or date.min, body.ended_on or NEVER
    return body.merged_into_id is None and began <= day < ended


def covers_of(target: Target, refs: Sequence[Ref], day: date) -> dict[Ref, list[Cover]]:
    """The coordinators behind each unit on `day`, certified ones first."""
    if not refs:
        return {}
    held = [item for item in _held(target, refs, lambda model: holding(model, day)) if _operates(item.row, day)]
    people = {item.row.coordinator.person_id for item in held}
    certificates = best_certificates(people, day)
    shared = _postings_elsewhere({item.row.coordinator_id for item in held}, day)
    warned_until = day + timedelta(days=int(number("targets.certificate.warning_days", day)))
    found: dict[Ref, list[Cover]] = defaultdict(list)
    for item in held:
        found[item.ref].append(_cover(item, certificates.get(item.row.coordinator.person_id), shared, warned_until))
    for covers in found.values():
        covers.sort(key=lambda cover: (not cover.is_certified, cover.since, cover.coordinator_id))
    return dict(found)


def _cover(item: Held, certificate: Certificate | None, shared: Mapping[int, int], warned_until: date) -> Cover:
    row = item.row
    ends_on = certificate.status_on if certificate and certificate.status_on and certificate.status_on <= warned_until else None
    return Cover(
        coordinator_id=row.coordinator_id,
        uid=str(row.coordinator.uid),
        name=row.coordinator.person.name,
        way=str(Way(item.way).label),
        place=str(row.area if item.way == Way.DUTY_AREA else row.organisation),
        since=row.since,
        until=row.until,
        certificate=certificate.number if certificate else "",
        level=certificate.get_level_display() if certificate else "",
        issued_on=certificate.issued_on if certificate else None,
        ends_on=ends_on,
        shared_with=max(0, shared.get(row.coordinator_id, 0) - 1) if item.way == Way.POSTING else 0,
    )


def best_certificates(people: Iterable[int], day: date) -> dict[int, Certificate]:
    """For each person the highest certificate valid on the day (level 1 is the highest, notice:1.3)."""
    best: dict[int, Certificate] = {}
    for row in Certificate.objects.valid_on(day).filter(person_id__in=list(people)).order_by("level", "-issued_on", "id"):
        best.setdefault(row.person_id, row)
    return best


def _postings_elsewhere(coordinators: set[int], day: date) -> dict[int, int]:
    """At how many organisations each coordinator stands on the day: one shared by several is shown as such."""
    places: dict[int, set[int]] = defaultdict(set)
    rows = holding(Posting, day).filter(coordinator_id__in=coordinators)
    for coordinator, organisation in rows.values_list("coordinator_id", "organisation_id"):
        places[coordinator].add(organisation)
    return {coordinator: len(found) for coordinator, found in places.items()}


Span = tuple[int, date, date]


def spans_of(target: Target, refs: Sequence[Ref]) -> dict[Ref, list[Span]]:
    """All stretches in which a coordinator covered each unit, as (coordinator, first day, last day), past and present."""
    held = _held(target, refs, lambda model: model.objects.all())
    periods: dict[int, list[tuple[date, date]]] = defaultdict(list)
    rows = StatusPeriod.objects.filter(coordinator_id__in={item.row.coordinator_id for item in held}, status=CoordinatorStatus.ACTIVE)
    for coordinator, since, until in rows.values_list("coordinator_id", "since", "until"):
        periods[coordinator].append((since, until or NEVER))
    found: dict[Ref, list[Span]] = defaultdict(list)
    for item in held:
        row = item.row
        for since, until in periods[row.coordinator_id]:
            first, last = max(since, row.since), min(until, row.until or NEVER)
            if first <= last:
                found[item.ref].append((row.coordinator_id, first, last))
    return dict(found)


def vacancies_of(target: Target, refs: Sequence[Ref], day: date) -> dict[Ref, tuple[date | None, bool]]:
    """Since when each vacant unit has been vacant, and whether anybody ever was there; never covered: since it began to count."""
    if not refs:
        return {}
    minimum = minimum_of(target, day)
    spans = spans_of(target, refs)
    began = _began(refs)
    found: dict[Ref, tuple[date | None, bool]] = {}
    for ref in refs:
        last = _last_day_covered(spans.get(ref, []), minimum, day)
        found[ref] = (last + ONE_DAY, True) if last else (began.get(ref) or target.active_from, False)
    return found


def _last_day_covered(spans: Sequence[Span], minimum: int, day: date) -> date | None:
    for last in sorted({last for _, _, last in spans if last < day}, reverse=True):
        if len({coordinator for coordinator, first, end in spans if first <= last <= end}) >= minimum:
            return last
    return None


def _began(refs: Sequence[Ref]) -> dict[Ref, date | None]:
    organisations = {ref.id: ref for ref in refs if ref.kind == "organisation"}
    rows = Organisation.objects.filter(pk__in=list(organisations)).values_list("pk", "began_on", "size_since")
    return {organisations[pk]: max((day for day in (began, since) if day), default=None) for pk, began, since in rows}
