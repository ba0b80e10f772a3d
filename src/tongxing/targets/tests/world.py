"""Small builders for the rows that coverage depends on."""

from datetime import date
from itertools import count as counter
from typing import Any

from tongxing.areas.ledger import touch
from tongxing.areas.models import Area
from tongxing.certificates.models import Certificate
from tongxing.registry.models import Coordinator, Organisation, Person, Posting, StatusPeriod

START = date(2020, 1, 1)
_numbers = counter(1)


def enterprise(area: Area, size: str = "large", name: str = "", **fields: Any) -> Organisation:
    name = name or f"第{next(_numbers)}厂"
    fields = {"kind": "enterprise", "size": size, "began_on": START, **fields}
    row = Organisation.objects.create(name=name, name_key=name, area=area, **fields)
    touch([area.code])
    return row


def coordinator(
    area: Area, name: str = "", *, since: date = START, until: date | None = None, certified: bool = False, **fields: Any
) -> Coordinator:
    name = name or f"协调员{next(_numbers)}"
    person_fields = {key: fields.pop(key) for key in ("sex", "born_on", "education") if key in fields}
    person = Person.objects.create(name=name, area=area, **person_fields)
    row = Coordinator.objects.create(person=person, area=area, enrolled_on=since, status="left" if until else "active", **fields)
    StatusPeriod.objects.create(coordinator=row, status="active", since=since, until=until)
    if certified:
        certificate(row)
    return row


def certificate(holder: Coordinator, *, issued_on: date = START, level: int = 4, **fields: Any) -> Certificate:
    return Certificate.objects.create(
        person=holder.person, number=f"Y{next(_numbers):021d}", kind="skill_level", level=level, issued_on=issued_on, **fields
    )


def posting(holder: Coordinator, organisation: Organisation, *, since: date = START, until: date | None = None) -> Posting:
    row = Posting.objects.create(coordinator=holder, organisation=organisation, since=since, until=until)
    touch([organisation.area_id])
    return row
