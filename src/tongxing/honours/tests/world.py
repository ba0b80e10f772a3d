"""The scene of the yearly selection: a selection, certified people, a social organisation with members, conduct, awards."""

from datetime import date
from itertools import count
from typing import Any

from tongxing.areas.models import Area
from tongxing.audit.log import COMMAND_LINE
from tongxing.certificates.models import Certificate
from tongxing.honours import awarding, selecting
from tongxing.honours.models import Award, Selection
from tongxing.registry.conduct import add_conduct
from tongxing.registry.models import ConductRecord, Coordinator, Organisation, OrganisationService, Person
from tongxing.registry.tests.people_factories import a_coordinator, an_organisation

_serial = count(1)


def a_selection(area: Area, year: int = 2026, **facts: Any) -> Selection:
    return selecting.plan_selection(area, year, by=COMMAND_LINE, **facts)


def certify(coordinator: Coordinator, *, issued_on: date = date(2024, 5, 1), level: int = 3, **facts: Any) -> Certificate:
    number = f"S000041000001{level}{next(_serial):08d}"
    values = {"number": number, "kind": "skill_level", "level": level, "issued_on": issued_on, **facts}
    return Certificate.objects.create(person=coordinator.person, **values)


def a_member(organisation: Organisation, **facts: Any) -> Coordinator:
    """A certified coordinator posted at the organisation."""
    coordinator = a_coordinator(organisation.area, organisation=organisation)
    certify(coordinator, **facts)
    return coordinator


def a_society(area: Area, members: int = 3, **facts: Any) -> Organisation:
    """A registered social organisation with certified coordinators and a service."""
    code = f"53419001{next(_serial):010d}"
    row = an_organisation(area, **{"kind": "association", "size": "unknown", "credit_code": code, **facts})
    OrganisationService.objects.create(organisation=row, service="bargaining")
    for _ in range(members):
        a_member(row)
    return row


def a_violation(subject: Person | Organisation, on: date, **facts: Any) -> ConductRecord:
    values = {"kind": "violation", "source": "行政处罚决定书", "summary": "未按规定用工", **facts}
    return add_conduct(subject, by=COMMAND_LINE, happened_on=on, **values)


def an_award(person: Person, **facts: Any) -> Award:
    values = {
        "kind": "prize",
        "name": "河南省劳动关系协调员职业技能竞赛三等奖",
        "rank": "province",
        "awarded_on": date(2025, 10, 20),
        "awarded_by": "河南省人力资源和社会保障厅",
    }
    return awarding.enter_award(person, by=COMMAND_LINE, **(values | facts))
