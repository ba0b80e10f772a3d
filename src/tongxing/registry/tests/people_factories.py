"""Small factories for tests about people and coordinators; every number in them is made up."""

from datetime import date
from itertools import count
from typing import Any

from tongxing.areas.models import Area
from tongxing.audit.log import COMMAND_LINE
from tongxing.core.identifiers import id_check_digit
from tongxing.registry import enrolment, people
from tongxing.registry.models import Coordinator, Organisation, Person

_serial = count(1)
PHONE = "13800138000"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def an_id(born: date = date(1990, 3, 7), *, male: bool = True, serial: int | None = None) -> str:
    """A well-formed resident ID number of 济源."""
    middle = (serial or next(_serial)) % 99
    first17 = f"419001{born:%Y%m%d}{middle:02d}{1 if male else 2}"
    return first17 + id_check_digit(first17)


def a_person(area: Area, **facts: Any) -> Person:
    values = {"name": f"张{next(_serial)}", "id_number": "", "phone": "", **facts}
    return people.register_person(by=COMMAND_LINE, area=area, **values)


def an_organisation(area: Area, **facts: Any) -> Organisation:
    name = f"济源第{next(_serial)}厂"
    return Organisation.objects.create(**{"name": name, "name_key": name, "kind": "enterprise", "size": "large", "area": area, **facts})


def a_coordinator(area: Area, *, on: date = date(2024, 1, 1), **facts: Any) -> Coordinator:
    organisation = facts.pop("organisation", None) or an_organisation(area)
    person = facts.pop("person", None) or a_person(area)
    return enrolment.enrol(person, organisation, by=COMMAND_LINE, on=on, **facts)
