"""The scene of the yearly selection: a selection, certified people, a social organisation with members, conduct, awards, nominations."""

from datetime import date
from itertools import count
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.audit.log import COMMAND_LINE, Actor
from tongxing.certificates.models import Certificate
from tongxing.honours import awarding, dossier, nominating, opining, selecting, visiting
from tongxing.honours.models import Award, Kind, Nomination, Opinion, Selection, Visit
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


def a_draft(selection: Selection, subject: Person | Organisation | None = None, *, by: Actor = COMMAND_LINE, **facts: Any) -> Nomination:
    """A nomination that is filled in and has its dossier, not handed in; without `subject` of a new certified person."""
    who = subject or a_member(an_organisation(selection.area)).person
    row = nominating.start_nomination(selection, who, by=by)
    deed = "notice:A1.3.1" if row.kind == Kind.PERSON else "notice:A2.3.1"
    values = {"deeds": [deed], "summary": "调解劳动纠纷 32 件，无一反弹。", "story": "深入企业宣讲劳动合同法。\n推动签订集体合同 12 份。"}
    row = nominating.change_nomination(row, by=by, **(values | facts))
    ticked = {(one.kind.value, one.source): deed for one in dossier.offers(row)[:1]}
    return dossier.set_ticks(row, by=by, ticked=ticked)


def an_opinion(nomination: Nomination, *, by: Actor = COMMAND_LINE, **facts: Any) -> Opinion:
    values = {"origin": "employer", "body": "济源第一厂", "agrees": True, "text": "同意推荐。", "given_on": timezone.localdate()}
    return opining.record_opinion(nomination, by=by, **(values | facts))


def a_nomination(
    selection: Selection, subject: Person | Organisation | None = None, *, accepted: bool = False, by: Actor = COMMAND_LINE, **facts: Any
) -> Nomination:
    """A nomination that was handed in, or accepted for the review, through the acts."""
    row = nominating.submit(a_draft(selection, subject, by=by, **facts), by=by)
    if not accepted:
        return row
    an_opinion(row)
    return nominating.accept(row, by=COMMAND_LINE)


def a_visit(nomination: Nomination, *, by: Actor = COMMAND_LINE, **facts: Any) -> Visit:
    values = {
        "visited_on": timezone.localdate(),
        "place": "厂区",
        "visitors": "王经办、李专员",
        "findings": "查看台账，与记录一致。",
        "confirmed": True,
    }
    return visiting.record_visit(nomination, by=by, **(values | facts))


def a_text(text: str = "调解台账：全年 32 件。", name: str = "台账.txt") -> ContentFile[bytes]:
    """A readable file for the dossier."""
    return ContentFile(text.encode(), name=name)
