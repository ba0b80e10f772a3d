"""Fill a prepared database with enterprises and people: through the rooms' bulk acts, which write with COPY or executemany.

So every column is as an import would leave it: sealed numbers, blind indexes, search entries, sizes, figures. Nothing is judged. Indexes are built
when all rows lie (`laying`).
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from .enterprises import Country, Enterprise
from .laying import hands, without_indexes
from .people import someone

CHUNK = 10_000
# One coordinator for so many enterprises; the share of enterprises that somebody looks after, and of leaves that are somebody's duty area.
ENTERPRISES_PER_PERSON, ASSIGNED_SHARE, DUTY_SHARE = 5, 0.25, 0.5
# A small country gets few bodies; from a million enterprises on there is one in each township and three parties in each county.
BODIES_SHARE, POSTED_SHARE_OF_BODIES = 0.05, 0.5
PARTIES = (("hr", "人力资源和社会保障局"), ("union", "总工会"), ("federation", "工商业联合会"))
Parts = Iterator[list[int]]


def parts(count: int) -> Parts:
    for start in range(0, count, CHUNK):
        yield list(range(start, min(start + CHUNK, count)))


def load_tree(tables: Path) -> None:
    """The national tree under one row for the country, so that a user can be granted all of it."""
    from tongxing.areas.models import Area, Kind
    from tongxing.audit.log import COMMAND_LINE
    from tongxing.gazetteer.loading import load_divisions

    load_divisions(tables, by=COMMAND_LINE)
    Area.objects.get_or_create(code=0, defaults={"name": "全国", "short_name": "全国", "kind": Kind.COUNTRY})
    Area.objects.filter(parent=None).exclude(code=0).update(parent_id=0)


def fill(country: Country, count: int) -> None:
    """`count` enterprises, grass-roots bodies and parties, a fifth as many coordinators with postings and mostly certificates, assignments, duty
    areas; then the figures."""
    from tongxing.areas.models import TouchedLeaf
    from tongxing.core.upkeep import analyze
    from tongxing.targets.gaps import sync_gaps
    from tongxing.targets.recounting import recount_all

    with without_indexes(), hands(country) as each:
        found = [host for part in each(_enterprises, parts(count)) for host in part]
        bodies = _bodies(country, round(count * BODIES_SHARE))
        hosts = Hosts(found, bodies[:: round(1 / POSTED_SHARE_OF_BODIES)])
        for _ in each(_people, _seats(country, hosts, count // ENTERPRISES_PER_PERSON)):
            pass
        # All is counted at once below: a row for each touched leaf and chunk would only be read and thrown away.
        TouchedLeaf.objects.all().delete()
    recount_all()
    # As the worker does each night; else the first page of a server would do it and everybody would wait for it.
    sync_gaps()
    analyze()


def register(country: Country, numbers: range) -> None:
    """The enterprises `numbers` and nobody in them."""
    from tongxing.audit.log import COMMAND_LINE
    from tongxing.registry.bulk.organisations import register_many

    register_many([_organisation(country.enterprise(number)) for number in numbers], by=COMMAND_LINE)


class Host(NamedTuple):
    """An organisation that can have coordinators."""

    id: int
    area: int
    kind: str = "enterprise"
    large: bool = False


def _enterprises(country: Country, numbers: Sequence[int]) -> list[Host]:
    """Registers those of the numbers; gives those that still operate, in the order of the numbers."""
    from tongxing.audit.log import COMMAND_LINE
    from tongxing.registry.bulk.organisations import register_many

    found = [country.enterprise(number) for number in numbers]
    ids = register_many([_organisation(one) for one in found], by=COMMAND_LINE)
    return [
        Host(key, one.leaf.code, large=one.size in {"large", "medium"}) for key, one in zip(ids, found, strict=True) if not one.ended_on
    ]


def _organisation(found: Enterprise) -> dict[str, Any]:
    from tongxing.registry.models.organisations import OrganisationKind
    from tongxing.registry.names import name_key

    return {
        "name": found.name,
        "name_key": name_key(found.name),
        "credit_code": found.credit_code,
        "kind": OrganisationKind.ENTERPRISE,
        "area_id": found.leaf.code,
        "unplaced": False,
        "address": found.address,
        "industry": found.industry,
        "employees": found.employees,
        "revenue": None if found.revenue is None else Decimal(found.revenue),
        "assets": None if found.assets is None else Decimal(found.assets),
        "figures_year": 2025,
        "size": found.size,
        "size_by_rule": found.size,
        "status": found.status,
        "began_on": found.began_on,
        "ended_on": found.ended_on,
        "legal_representative": found.legal_representative,
        "contact_name": found.contact_name,
        "contact_phone": found.phone,
    }


def _bodies(country: Country, most: int) -> list[Host]:
    """The parties of each county and the body of each township, at most `most` and spread over the country."""
    from tongxing.audit.log import COMMAND_LINE
    from tongxing.registry.bulk.organisations import register_many

    counties = {leaf.county_code: leaf for leaf in country.leaves}
    planned = [
        (f"{leaf.county}{word}", "tripartite", party, code * 1_000_000) for code, leaf in counties.items() for party, word in PARTIES
    ] + [(f"{leaf.county}{leaf.name}劳动保障服务站", "grassroots", "", leaf.code) for leaf in country.leaves]
    step = max(1, -(-len(planned) // max(1, most)))
    bodies: list[Host] = []
    for numbers in parts(len(planned[::step])):
        chosen = [planned[number * step] for number in numbers]
        ids = register_many([_body(*one) for one in chosen], by=COMMAND_LINE)
        bodies += [Host(key, area, kind) for key, (_, kind, _, area) in zip(ids, chosen, strict=True)]
    return bodies


def _body(name: str, kind: str, party: str, area: int) -> dict[str, Any]:
    from tongxing.registry.names import name_key

    return {"name": name, "name_key": name_key(name), "kind": kind, "party": party, "area_id": area, "unplaced": False}


class Hosts:
    """Who gets the coordinator of a number: large and medium enterprises every second, bodies every fourth, while there are such."""

    def __init__(self, enterprises: list[Host], bodies: list[Host]) -> None:
        self.enterprises, self.bodies = enterprises, bodies
        self.large = [host for host in enterprises if host.large]

    def of(self, number: int) -> Host:
        if number % 2 and number // 2 < len(self.large):
            return self.large[number // 2]
        if not number % 4 and number // 4 < len(self.bodies):
            return self.bodies[number // 4]
        return self.enterprises[number * ENTERPRISES_PER_PERSON % len(self.enterprises)]


class Seat(NamedTuple):
    """What one coordinator will hold: the host, the enterprises looked after, and whether the host's township becomes the duty area."""

    number: int
    host: Host
    cared: Sequence[int]
    duty: bool


def _seats(country: Country, hosts: Hosts, count: int) -> Iterator[list[Seat]]:
    """In parts. A duty area goes to the first whose host stands there, enterprises go by two until those that are looked after are used up."""
    free = {leaf.code for number, leaf in enumerate(country.leaves) if number % round(1 / DUTY_SHARE) == 0}
    cared = [host.id for host in hosts.enterprises[: round(len(hosts.enterprises) * ASSIGNED_SHARE)]]
    for numbers in parts(count):
        seats = []
        for number in numbers:
            host = hosts.of(number)
            seats.append(Seat(number, host, cared[2 * number : 2 * number + 2], host.area in free))
            free.discard(host.area)
        yield seats


def _people(country: Country, seats: Sequence[Seat]) -> None:
    """Coordinators with what they hold."""
    from django.db import transaction

    from tongxing.audit.log import COMMAND_LINE
    from tongxing.certificates.bulk import register_many
    from tongxing.registry.bulk.assignments import assign_rows
    from tongxing.registry.bulk.enrolment import enrol_many

    today = date.today()
    planned = [_plan(country.seed, seat) for seat in seats]
    with transaction.atomic():
        enrol_many([plan for plan, _ in planned], by=COMMAND_LINE, today=today)
        for plan, entry in planned:
            if entry:
                entry.after["person_id"] = plan.person.id
        register_many([entry for _, entry in planned if entry], by=COMMAND_LINE)
        assignments = [
            {"coordinator_id": plan.coordinator.id, "organisation_id": key, "since": today, "areas": ()}
            for (plan, _), seat in zip(planned, seats, strict=True)
            for key in seat.cared
        ]
        assign_rows(assignments, by=COMMAND_LINE)


def _plan(seed: int, seat: Seat) -> tuple[Any, Any]:
    """The enrolment of one coordinator, and the certificate where there is one."""
    from tongxing.certificates.bulk import Entry
    from tongxing.registry.bulk.enrolment import Enrolment, Part

    host, area = seat.host, seat.host.area
    one = someone(seed, seat.number, area // 1_000_000)
    person = {
        "name": one.name, "id_type": "resident", "id_number": one.id_number, "sex": one.sex, "born_on": one.born_on,
        "area_id": area, "education": "20", "phone": one.phone,
    }  # fmt: skip
    coordinator = {"status": "active", "full_time": one.full_time, "host_kind": host.kind, "area_id": area, "enrolled_on": one.since}
    posting = {"organisation_id": host.id, "post": one.post, "since": one.since, "is_primary": True}
    duty = {"area_id": area, "since": one.since} if seat.duty else None
    plan = Enrolment(Part(after=person), Part(after=coordinator), set(), posting=posting, duty=duty)
    if not one.issued_on:
        return plan, None
    facts = {
        "number": one.certificate,
        "kind": "skill_level",
        "level": one.level,
        "issued_on": one.issued_on,
        "body_name": "示例职业技能评价中心",
    }
    return plan, Entry(facts, areas={area})
