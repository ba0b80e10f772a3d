"""Fill a prepared database with enterprises and people: through the rooms' bulk acts, which write with COPY or executemany.

So every column is as an import would leave it: sealed numbers, blind indexes, search entries, sizes, figures. Nothing is judged.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from .enterprises import Country, Enterprise
from .people import someone

CHUNK = 10_000
PEOPLE_PER_ENTERPRISE, ASSIGNED_SHARE, DUTY_SHARE = 5, 0.25, 0.5
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
    """`count` enterprises, a fifth as many coordinators with postings and mostly certificates, assignments, duty areas; then the figures."""
    from django.db import connection

    from tongxing.areas.models import TouchedLeaf
    from tongxing.targets.recounting import recount_all

    hosts = _enterprises(country, count)
    _people(country, hosts, count // PEOPLE_PER_ENTERPRISE)
    # All is counted at once below: a row for each touched leaf and chunk would only be read and thrown away.
    TouchedLeaf.objects.all().delete()
    recount_all()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def register(country: Country, numbers: range) -> None:
    """The enterprises `numbers` and nobody in them."""
    from tongxing.audit.log import COMMAND_LINE
    from tongxing.registry.bulk.organisations import register_many

    register_many([_organisation(country.enterprise(number)) for number in numbers], by=COMMAND_LINE)


def _enterprises(country: Country, count: int) -> list[tuple[int, int, bool]]:
    """(id, area, whether it is large or medium) in the order of the numbers."""
    from tongxing.audit.log import COMMAND_LINE
    from tongxing.registry.bulk.organisations import register_many

    hosts: list[tuple[int, int, bool]] = []
    for numbers in parts(count):
        found = [country.enterprise(number) for number in numbers]
        ids = register_many([_organisation(one) for one in found], by=COMMAND_LINE)
        hosts += [(key, one.leaf.code, one.size in {"large", "medium"}) for key, one in zip(ids, found, strict=True)]
    return hosts


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


def _people(country: Country, hosts: list[tuple[int, int, bool]], count: int) -> None:
    """Coordinators; every second one sits in a large or medium enterprise while there are such."""
    from django.db import transaction

    from tongxing.audit.log import COMMAND_LINE
    from tongxing.certificates.bulk import register_many
    from tongxing.registry.bulk.assignments import assign_rows
    from tongxing.registry.bulk.enrolment import enrol_many

    large = [host for host in hosts if host[2]]
    duties = {leaf.code for number, leaf in enumerate(country.leaves) if number % round(1 / DUTY_SHARE) == 0}
    cared = iter(hosts[: round(len(hosts) * ASSIGNED_SHARE)])
    today = date.today()
    for numbers in parts(count):
        plans, entries, assignments = [], [], []
        for number in numbers:
            host = large[number // 2] if number % 2 and number // 2 < len(large) else hosts[number * 5 % len(hosts)]
            plan, entry = _plan(country.seed, number, host, duties)
            plans.append(plan)
            entries.append(entry)
        with transaction.atomic():
            enrol_many(plans, by=COMMAND_LINE, today=today)
            for plan, entry in zip(plans, entries, strict=True):
                if entry:
                    entry.after["person_id"] = plan.person.id
            register_many([entry for entry in entries if entry], by=COMMAND_LINE)
            for plan in plans:
                assignments += [
                    {
                        "coordinator_id": plan.coordinator.id,
                        "organisation_id": host[0],
                        "since": today,
                        "areas": (),
                        "person_id": plan.person.id,
                    }
                    for _, host in zip(range(2), cared, strict=False)
                ]
            assign_rows(assignments, by=COMMAND_LINE)


def _plan(seed: int, number: int, host: tuple[int, int, bool], duties: set[int]) -> tuple[Any, Any]:
    """The enrolment of one coordinator, and the certificate where there is one; takes a duty area that is still free."""
    from tongxing.certificates.bulk import Entry
    from tongxing.registry.bulk.enrolment import Enrolment, Part

    organisation, area, _ = host
    one = someone(seed, number, area // 1_000_000)
    person = {
        "name": one.name, "id_type": "resident", "id_number": one.id_number, "sex": one.sex, "born_on": one.born_on,
        "area_id": area, "education": "20", "phone": one.phone,
    }  # fmt: skip
    coordinator = {"status": "active", "full_time": one.full_time, "host_kind": "enterprise", "area_id": area, "enrolled_on": one.since}
    posting = {"organisation_id": organisation, "post": one.post, "since": one.since, "is_primary": True}
    duty = None
    if area in duties:
        duties.discard(area)
        duty = {"area_id": area, "since": one.since}
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
