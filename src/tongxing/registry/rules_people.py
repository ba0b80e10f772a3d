"""What may be done with people and coordinators, and where: asked by acts, pages and templates alike."""

from collections.abc import Iterable

from tongxing.accounts.models import User
from tongxing.audit.log import Actor
from tongxing.core.access import Allowed, Answer, Denied

from .models import ConductRecord, Coordinator, Organisation, Person
from .models.coordinators import MOVES, Move


def can_edit_at(by: Actor, *area_codes: int) -> Answer:
    """Whether `by` keeps the register in all these areas; the command line and jobs do everywhere."""
    if not isinstance(by, User) or all(by.may_at("registry.edit", code) for code in area_codes):
        return Allowed()
    return Denied("这一步涉及您管辖范围以外的区划，请交由上级或对方区划的经办办理。")


def can_reveal_at(by: Actor, area_code: int) -> Answer:
    if isinstance(by, User) and by.may_at("registry.reveal", area_code):
        return Allowed()
    return Denied("您的岗位不能查看完整的个人信息。")


def can_reveal(by: Actor, person: Person) -> Answer:
    if can_reveal_at(by, person.area_id):
        return Allowed()
    return Denied("您的岗位不能查看此人的完整证件号和手机号。")


def can_open_document(by: Actor, entry: ConductRecord) -> Answer:
    """The paper behind a conduct record names people in full."""
    if not isinstance(by, User) or by.may_at("registry.reveal", entry.subject.area_id):
        return Allowed()
    return Denied("附件里有完整的个人信息，您的岗位不能打开。需要时请联系所属区划的经办。")


def can_merge(by: Actor, *people: Person) -> Answer:
    if not isinstance(by, User) or all(by.may_at("registry.merge", person.area_id) for person in people):
        return Allowed()
    return Denied("合并两条人员记录需要两处都在您的合并权限内，请交由示范区经办办理。")


def can_confirm_person(by: Actor, person: Person) -> Answer:
    """The keeper of the area, the person, or the agent of an organisation where the person holds a post today."""
    if not isinstance(by, User) or by.may_at("registry.edit", person.area_id):
        return Allowed()
    if by.person_id == person.pk and by.may("registry.own_record"):
        return Allowed()
    own = by.scope("registry.own_organisation").organisations
    if own and person_holds_post(person, own):
        return Allowed()
    return Denied("只有本人、所在单位经办或所属区划的经办可以核实这条记录。")


def can_confirm_organisation(by: Actor, organisation: Organisation) -> Answer:
    if not isinstance(by, User) or by.may_at("registry.edit", organisation.area_id):
        return Allowed()
    if organisation.pk in by.scope("registry.own_organisation").organisations:
        return Allowed()
    return Denied("只有本单位经办或所属区划的经办可以核实这条记录。")


def person_holds_post(person: Person, organisations: Iterable[int]) -> bool:
    return Person.objects.filter(
        pk=person.pk, coordinator__postings__organisation_id__in=organisations, coordinator__postings__until=None
    ).exists()


def moves_of(coordinator: Coordinator, by: Actor) -> list[Move]:
    """The moves that stand open to `by` from the present status: the buttons of the person's page."""
    if not can_edit_at(by, coordinator.area_id):
        return []
    return [move for move in MOVES if coordinator.status in move.sources]
