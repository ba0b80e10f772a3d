"""What readers ask for: the same questions for floor and ours, drawn from the filled database with a fixed seed."""

from collections.abc import Sequence
from datetime import date
from random import Random
from typing import Any, NamedTuple

from django.db.models import Max

from bench.preparing import OFFICER
from tongxing.accounts.models import User
from tongxing.areas.models import Area, Kind
from tongxing.registry.models import Coordinator, Organisation, Person
from tongxing.registry.models.organisations import OrganisationKind, Size
from tongxing.registry.names import initials, name_key

QUESTIONS = 60
ENROLLED = "EXISTS (SELECT 1 FROM registry_coordinator c WHERE c.person_id = registry_person.id AND c.status = 'active')"
HELD = "EXISTS (SELECT 1 FROM certificates_certificate x WHERE x.person_id = p.id AND x.status = 'valid' {})"


def officer() -> User:
    user: User = User.objects.get(username=OFFICER)
    return user


class Question(NamedTuple):
    kind: str
    text: str


def questions() -> list[Question]:
    """Name fragments of two to four characters, pinyin initials, whole names of people, ID numbers."""
    random = Random(1)
    names = list(Organisation.objects.order_by("id").values_list("name", flat=True)[:5_000])
    people = list(Person.objects.order_by("id")[:2_000])
    asked = []
    for _ in range(QUESTIONS):
        name = name_key(random.choice(names))
        at, length = random.randrange(2, len(name) - 4), random.randint(2, 4)
        asked.append(Question("fragment", name[at : at + length]))
        asked.append(Question("initials", initials(name)[at : at + 4]))
        person = random.choice(people)
        asked.append(Question("person", person.name))
        asked.append(Question("number", person.id_number))
    return asked


class ListPage(NamedTuple):
    """One list page as its address, and as the bare SQL that would fill it."""

    label: str
    address: str
    table: str
    where: str
    values: Sequence[Any]
    order: str


def list_pages() -> list[ListPage]:
    """Filters that users combine, on the lists of organisations, people and coordinators."""
    county = Organisation.objects.order_by("id").values_list("area_id", flat=True)[0] // 10**6 * 10**6
    province = county // 10**10 * 10**10
    organisations, org = "/registry/organisations/", "registry_organisation"
    fragment = name_key(Organisation.objects.order_by("id").values_list("name", flat=True)[7])[3:6]

    def of(label: str, query: str, where: str = "1=1", values: Sequence[Any] = (), order: str = "name, id") -> ListPage:
        return ListPage(label, f"{organisations}{query}", org, where, values, order)

    in_province, in_county = (province, province + 10**10 - 1), (county, county + 10**6 - 1)

    def person_page(label: str, query: str, where: str = "1=1", values: Sequence[Any] = ()) -> ListPage:
        return ListPage(label, f"/registry/people/{query}", "registry_person", where, values, "created_at DESC, id DESC")

    def coordinator_page(label: str, query: str, where: str) -> ListPage:
        table = "registry_coordinator c JOIN registry_person p ON p.id = c.person_id"
        return ListPage(label, f"/certificates/coordinators/{query}", table, where, (), "p.name, c.id")

    def named(text: str) -> ListPage:
        return of(f"search {text}", f"?q={text}", "name LIKE ?", (f"%{text}%",))

    return [
        of("all", ""),
        of("large", "?size=large", "size = 'large'"),
        of("medium in a province", f"?size=medium&area={province}", "size = 'medium' AND area_id BETWEEN ? AND ?", in_province),
        of("a province", f"?area={province}", "area_id BETWEEN ? AND ?", in_province),
        of("a county", f"?area={county}", "area_id BETWEEN ? AND ?", in_county),
        of("manufacturing", "?section=C", "industry BETWEEN '13' AND '4399'"),
        of("closed", "?status=closed", "status = 'closed'"),
        of("suspended", "?status=suspended", "status = 'suspended'"),
        of("mining", "?section=B", "industry BETWEEN '06' AND '1299'"),
        of("unplaced", "?unplaced=1", "unplaced"),
        of("search of a fragment", f"?q={fragment}", "name LIKE ?", (f"%{fragment}%",)),
        named("有色金属"),
        named("有限公司"),
        of("most employees first", "?sort=-employees", order="employees DESC NULLS LAST, id DESC"),
        of("page 40", "?page=40"),
        of(
            "a county, by employees",
            f"?area={county}&sort=-employees",
            "area_id BETWEEN ? AND ?",
            in_county,
            "employees DESC NULLS LAST, id DESC",
        ),
        person_page("people", ""),
        person_page("people in a province", f"?area={province}", "area_id BETWEEN ? AND ?", in_province),
        person_page("women", "?sex=2", "sex = 2"),
        person_page("people of a rare education", "?education=30", "education = '30'"),
        person_page("people of a status", "?status=active", ENROLLED),
        coordinator_page("coordinators", "", "1=1"),
        coordinator_page("coordinators on leave", "?status=suspended", "c.status = 'suspended'"),
        coordinator_page("coordinators without certificate", "?level=none", f"NOT {HELD.format('')}"),
        coordinator_page("coordinators of level 3", "?level=3", HELD.format("AND level = 3")),
        coordinator_page("coordinators in enterprises", "?host_kind=enterprise", "c.host_kind = 'enterprise'"),
    ]


def parents() -> list[int]:
    """Areas whose children are asked for: the country, provinces, cities, counties."""
    random = Random(2)
    found = [0, *Area.objects.filter(kind=Kind.PROVINCE).values_list("code", flat=True)]
    for kind in (Kind.PREFECTURE, Kind.COUNTY):
        codes = list(Area.objects.filter(kind=kind).values_list("code", flat=True))
        found += random.sample(codes, min(10, len(codes)))
    return found


def leaves(count: int, seed: int) -> list[int]:
    """Leaf areas in which something happens: those of enterprises drawn at random, so that a busy leaf is drawn more often."""
    busy = Organisation.objects.filter(kind=OrganisationKind.ENTERPRISE).order_by("id").values_list("area_id", flat=True)[: count * 20]
    held = list(dict.fromkeys(Random(seed).sample(list(busy), len(busy))))
    return held[:count]


def assignments(codes: Sequence[int], seed: int) -> list[dict[str, Any]]:
    """One more assignment in each of these leaves, as a sheet would bring it: to the newest small enterprise there, by other people per seed."""
    small = Organisation.objects.operating_on(date.today()).filter(area_id__in=codes, size__in=[Size.SMALL, Size.MICRO]).order_by()
    newest: Any = small.values_list("area_id").annotate(newest=Max("id"))
    people = Coordinator.objects.order_by("id").values_list("id", "person_id")[seed * len(codes) : (seed + 1) * len(codes)]
    return [
        {"coordinator_id": key, "organisation_id": pk, "since": date.today(), "areas": (area,), "person_id": person}
        for (area, pk), (key, person) in zip(newest, people, strict=False)
    ]
