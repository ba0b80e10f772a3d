"""About 300 invented coordinators of all hosts and levels with three years of history, and gaps of every kind."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from tongxing.areas.models import Area
from tongxing.certificates.models import Certificate
from tongxing.registry.identity import id_index, phone_index
from tongxing.registry.models import Assignment, Coordinator, DutyArea, Organisation, Person, Posting, StatusPeriod
from tongxing.registry.models.coordinators import CoordinatorStatus
from tongxing.registry.models.fields import VaultColumn
from tongxing.registry.models.organisations import OrganisationKind, Size
from tongxing.registry.models.people import Education, Politics

from .invention import day_between, person_name, phone, resident_id

PEOPLE = 300
POSTS = ("人力资源经理", "人事主管", "工会主席", "行政主管", "劳资专员", "法务专员")
BODY_CODE = "S000041000001"
LEVEL_WEIGHTS = ((None, 22), (4, 34), (3, 30), (2, 10), (1, 4))


class Place(NamedTuple):
    """Where one coordinator will sit: an organisation, and a duty area for those of townships and parks."""

    organisation: Organisation
    duty: Area | None


@dataclass
class Rows:
    """Everything to be written, table by table."""

    people: list[Person] = field(default_factory=list)
    coordinators: list[Coordinator] = field(default_factory=list)
    periods: list[StatusPeriod] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    duties: list[DutyArea] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)


def _places(random: Random, organisations: list[Organisation]) -> list[Place]:
    """Townships first (all but two), then two of the three parties, most large and medium enterprises, then the other hosts."""
    offices = [o for o in organisations if o.kind == OrganisationKind.GRASSROOTS]
    served = offices[:-2]
    places = [Place(office, office.area) for office in served]
    hosts = [
        o for o in organisations if o.kind not in {OrganisationKind.ENTERPRISE, OrganisationKind.GRASSROOTS} and o.party != "federation"
    ]
    places += [Place(host, None) for host in hosts for _ in range(random.randint(2, 4))]
    larger = [o for o in organisations if o.size in {Size.LARGE, Size.MEDIUM} and not o.ended_on and not o.unplaced]
    random.shuffle(larger)
    places += [Place(o, None) for o in larger[: int(len(larger) * 0.82)]]
    smaller = [o for o in organisations if o.size in {Size.SMALL, Size.MICRO} and not o.ended_on and not o.unplaced]
    random.shuffle(smaller)
    places += [Place(o, None) for o in smaller[: max(PEOPLE - len(places), 0)]]
    return places[:PEOPLE]


def _person(random: Random, serial: int, area: Area) -> Person:
    sex = random.choice((1, 2))
    born = day_between(random, date(1966, 1, 1), date(2001, 12, 31))
    number = resident_id(born, sex, serial)
    person = Person(
        name=person_name(random, sex),
        sex=sex,
        born_on=born,
        area=area,
        education=random.choices([e.value for e in Education], (6, 40, 34, 8, 6, 3, 1, 2))[0],
        politics=random.choices([p.value for p in Politics], (34, 2, 10, 3, 1, 50))[0],
        id_index=id_index(number),
        phone_index=phone_index(phone(50_000 + serial)),
    )
    person.id_number_sealed = VaultColumn.sealed_for(Person, "id_number_sealed", person.uid, number)
    person.phone_sealed = VaultColumn.sealed_for(Person, "phone_sealed", person.uid, phone(50_000 + serial))
    return person


def _history(random: Random, coordinator: Coordinator, place: Place, today: date, rows: Rows) -> None:
    """Status periods and the posting: most active since some day of the last three years, some suspended, some gone."""
    start = day_between(random, today - timedelta(days=3 * 365), today - timedelta(days=20))
    coordinator.enrolled_on = start
    fate = random.random()
    end: date | None = None
    if fate < 0.08 and (today - start).days > 90:
        end = day_between(random, start + timedelta(days=60), today - timedelta(days=5))
        coordinator.status = CoordinatorStatus.LEFT
        rows.periods.append(StatusPeriod(coordinator=coordinator, status="active", since=start, until=end))
        rows.periods.append(StatusPeriod(coordinator=coordinator, status="left", since=end + timedelta(days=1), reason="调离原单位"))
    elif fate < 0.11 and (today - start).days > 90:
        pause = day_between(random, start + timedelta(days=60), today - timedelta(days=5))
        coordinator.status = CoordinatorStatus.SUSPENDED
        rows.periods.append(StatusPeriod(coordinator=coordinator, status="active", since=start, until=pause - timedelta(days=1)))
        rows.periods.append(StatusPeriod(coordinator=coordinator, status="suspended", since=pause, reason="长期病假"))
    elif fate < 0.14:
        coordinator.status = CoordinatorStatus.CANDIDATE
        rows.periods.append(StatusPeriod(coordinator=coordinator, status="candidate", since=start))
    else:
        rows.periods.append(StatusPeriod(coordinator=coordinator, status="active", since=start))
    post = "专职协调员" if place.duty else random.choice(POSTS)
    rows.postings.append(Posting(coordinator=coordinator, organisation=place.organisation, post=post, since=start, until=end))
    if place.duty:
        rows.duties.append(DutyArea(coordinator=coordinator, area=place.duty, since=start, until=end))


def _certificate(random: Random, person: Person, serial: int, enrolled: date, today: date, body: Organisation) -> Certificate | None:
    level = random.choices([level for level, _ in LEVEL_WEIGHTS], [weight for _, weight in LEVEL_WEIGHTS])[0]
    if level is None:
        return None
    issued = day_between(random, max(enrolled - timedelta(days=500), date(2020, 1, 1)), today - timedelta(days=10))
    certificate = Certificate(
        person=person,
        number=f"{BODY_CODE}{issued:%y}{level}{serial:06d}",
        kind="skill_level",
        level=level,
        issued_on=issued,
        body=body,
        body_name=body.name,
    )
    if random.random() < 0.03:
        certificate.status, certificate.status_reason = "void", "评价程序不符合规定"
        certificate.status_ground = "improper"
        certificate.status_on = day_between(random, issued, today)
    return certificate


def _assign_small(random: Random, rows: Rows, organisations: list[Organisation], today: date) -> None:
    """Township coordinators and agencies look after part of the small and micro enterprises near them; one of them after far too many."""
    active = CoordinatorStatus.ACTIVE
    by_area: dict[int, list[Coordinator]] = {}
    for duty in rows.duties:
        if duty.coordinator.status == active:
            by_area.setdefault(duty.area_id, []).append(duty.coordinator)
    agents = [p.coordinator for p in rows.postings if p.organisation.kind == OrganisationKind.HR_AGENCY and p.coordinator.status == active]
    for organisation in organisations:
        if organisation.size not in {Size.SMALL, Size.MICRO} or organisation.ended_on or organisation.unplaced or random.random() > 0.4:
            continue
        near = by_area.get(organisation.area_id) or agents
        if near:
            keeper = random.choice(near)
            since = day_between(random, keeper.enrolled_on, today)
            rows.assignments.append(Assignment(coordinator=keeper, organisation=organisation, since=since))


def build(random: Random, organisations: list[Organisation], today: date) -> list[Coordinator]:
    """Create people, enrolments, postings, duty areas, assignments and certificates."""
    rows = Rows()
    body = next(o for o in organisations if o.kind == OrganisationKind.ASSESSMENT)
    for serial, place in enumerate(_places(random, organisations), start=1):
        person = _person(random, serial, place.organisation.area)
        coordinator = Coordinator(
            person=person,
            full_time=place.duty is not None or random.random() < 0.2,
            host_kind=place.organisation.kind,
            area=place.organisation.area,
        )
        _history(random, coordinator, place, today, rows)
        if certificate := _certificate(random, person, serial, coordinator.enrolled_on, today, body):
            rows.certificates.append(certificate)
        rows.people.append(person)
        rows.coordinators.append(coordinator)
    _assign_small(random, rows, organisations, today)
    Person.objects.bulk_create(rows.people)
    Coordinator.objects.bulk_create(rows.coordinators)
    StatusPeriod.objects.bulk_create(rows.periods)
    Posting.objects.bulk_create(rows.postings)
    DutyArea.objects.bulk_create(rows.duties)
    Assignment.objects.bulk_create(rows.assignments, batch_size=500)
    Certificate.objects.bulk_create(rows.certificates)
    return rows.coordinators
