"""Acts on people in a class (notice:3.1.1, 3.1.3): apply, be sent, be admitted or wait, withdraw; who pays."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from tongxing.accounts.holders import accounts_of_people
from tongxing.accounts.models import User
from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.notices import inbox
from tongxing.registry.models import Organisation, Person
from tongxing.registry.rules_people import person_holds_post

from .applicants import person_for
from .clashes import classes_in_the_way
from .holding import fill_places, free_places, give_place, locked, put
from .models import Enrolment, EnrolmentState, Funding, Invitation, InvitationState, TrainingClass
from .models.enrolments import ENROLMENT_MOVES, OPEN
from .rules import can_run
from .suspending import insist_running, insist_takes_people
from .telling import own_address


class Admitted(NamedTuple):
    """What became of those who were to be admitted."""

    admitted: int
    waiting: int
    refused: list[str]


def can_apply_for(by: Actor, training_class: TrainingClass, person: Person, organisation: Organisation | None) -> bool:
    """The person; an agent of the employer for whoever holds a post there; whoever runs the class."""
    if not isinstance(by, User) or can_run(by, training_class):
        return True
    if by.person_id == person.pk and by.may("training.own"):
        asked = training_class.enrolments.filter(person=person, state=EnrolmentState.INVITED)
        return training_class.is_announced or asked.exists()
    return bool(organisation and can_send(by, training_class, organisation) and person_holds_post(person, [organisation.pk]))


def can_send(by: Actor, training_class: TrainingClass, organisation: Organisation) -> bool:
    """An agent of the organisation, into a class that is open for all or that the organisation was invited to."""
    if not isinstance(by, User) or can_run(by, training_class):
        return True
    if organisation.pk not in by.scope("training.send").organisations:
        return False
    return training_class.is_announced or training_class.invitations.filter(organisation=organisation).exists()


@transaction.atomic
def apply(
    training_class: TrainingClass,
    person: Person,
    *,
    by: Actor,
    funding: str = Funding.SUBSIDISED,
    organisation: Organisation | None = None,
) -> Enrolment:
    """Enter a person for a class. Where the class admits at once, a free place is given or the person waits; else the provider decides."""
    held = locked(training_class)
    if not can_apply_for(by, held, person, organisation):
        raise Refused(
            "您不能为此人报这个班。本人、所在单位经办和承办机构可以报名；还没有开放报名的班请等通知。", code="not_allowed", status=403
        )
    row = _applied(held, person, organisation, funding)
    record("training.apply", by=by, of=row, after={"class": held.title, "state": row.state, "funding": row.funding})
    return row


@transaction.atomic
def send_people(
    training_class: TrainingClass, people: Sequence[Person], organisation: Organisation, *, by: Actor, funding: str = Funding.SUBSIDISED
) -> list[Enrolment]:
    """An employer enters its people; an invitation of the employer is answered by it. One audit entry."""
    held = locked(training_class)
    if not people:
        raise Refused("没有选人，请先勾选要报送的人员。", code="nothing_selected", status=422)
    for person in people:
        if not can_apply_for(by, held, person, organisation):
            raise Refused(f"“{person}”不在“{organisation}”任职，或这个班没有开放报名，不能报送。", code="not_allowed", status=403)
    rows = [_applied(held, person, organisation, funding) for person in people]
    _answered(held, organisation)
    after = {"class": held.title, "people": [person.name for person in people], "funding": funding}
    record("training.send_people", by=by, of=held, after=after)
    return rows


@transaction.atomic
def send_newcomer(
    training_class: TrainingClass, organisation: Organisation, *, by: Actor, funding: str = Funding.SUBSIDISED, **document: str
) -> Enrolment:
    """An employer enters somebody who holds no post yet, by name and identity document (see `person_for`): how a gap gets its first person."""
    held = locked(training_class)
    if not can_send(by, held, organisation):
        raise Refused("这个班没有开放报名，或不是您经办的单位，不能报送。", code="not_allowed", status=403)
    person = person_for(by=by, area=organisation.area, **document)
    row = _applied(held, person, organisation, funding)
    _answered(held, organisation)
    record("training.send_people", by=by, of=held, after={"class": held.title, "people": [person.name], "funding": funding})
    return row


def _answered(held: TrainingClass, organisation: Organisation) -> None:
    asked = Invitation.objects.filter(training_class=held, organisation=organisation, state=InvitationState.OPEN)
    asked.update(state=InvitationState.ANSWERED, answered_at=timezone.now())


def _applied(held: TrainingClass, person: Person, organisation: Organisation | None, funding: str) -> Enrolment:
    if not held.takes_applications:
        raise Refused(f"“{held}”现在是“{held.get_state_display()}”，{held.starts_on} 开班，不再接受报名。", code="closed")
    insist_takes_people(held.provider.organisation_id, held.course.level)
    if person.merged_into_id:
        raise Refused("该记录已并入另一条人员记录，请用保留的那一条报名。", code="merged")
    if funding not in Funding.values:
        raise Refused("请选择补贴性培训或市场化自费。", code="bad_funding", status=422)
    row = Enrolment.objects.filter(training_class=held, person=person).first() or Enrolment(training_class=held, person=person)
    if row.pk and row.state not in ENROLMENT_MOVES["apply"].sources:
        raise Refused(f"“{person}”已在这个班里（{row.get_state_display()}），不必再报。", code="enrolled")
    _free_of_clashes(held, [person])
    row.state, row.funding, row.organisation = EnrolmentState.APPLIED, funding, organisation or row.organisation
    row.applied_at, row.reason, row.updated_at = timezone.now(), "", timezone.now()
    row.save()
    if held.admits_at_once:
        _place(row, held)
    return row


def _place(row: Enrolment, held: TrainingClass) -> None:
    """A place if one is free and nobody waits for it, else the end of the waiting list; needs the lock."""
    waits = held.enrolments.filter(state=EnrolmentState.WAITING).exclude(pk=row.pk).exists()
    if free_places(held) > 0 and not waits:
        give_place(row, held)
    else:
        put(row, EnrolmentState.WAITING)


def _free_of_clashes(held: TrainingClass, people: Iterable[Person]) -> None:
    named = {person.pk: person.name for person in people}
    for person, title in classes_in_the_way(named, held).items():
        raise Refused(f"“{named[person]}”在“{title}”的上课时间与本班冲突，请先退出那个班，或另选班次。", code="clash")


@transaction.atomic
def admit(training_class: TrainingClass, enrolments: Iterable[int], *, by: Actor) -> Admitted:
    """Give places to these, in the order in which they applied; for whom no place is left waits. One audit entry; all are told."""
    held = locked(training_class)
    insist(can_run(by, held))
    if not held.takes_applications:
        raise Refused(f"这个班现在是“{held.get_state_display()}”，不能再录取。", code="closed")
    insist_running(held.provider.organisation_id, held.course.level, "录取")
    rows = held.enrolments.filter(pk__in=list(enrolments), state__in=ENROLMENT_MOVES["admit"].sources).select_related("person")
    chosen = list(rows.order_by("applied_at", "id"))
    if not chosen:
        raise Refused("没有选中等待录取的人员，请先勾选。", code="nothing_selected", status=422)
    clashing = classes_in_the_way([row.person_id for row in chosen], held)
    free, admitted, waiting, refused = free_places(held), [], [], []
    for row in chosen:
        if row.person_id in clashing:
            refused.append(f"{row.person}（与“{clashing[row.person_id]}”时间冲突）")
        elif free > 0:
            give_place(row, held)
            free -= 1
            admitted.append(row)
        else:
            put(row, EnrolmentState.WAITING)
            waiting.append(row)
    after = {"class": held.title, "admitted": [row.person.name for row in admitted], "waiting": [row.person.name for row in waiting]}
    record("training.admit", by=by, of=held, after=after)
    when = f"{held.starts_on} 开班。"
    inbox.tell(accounts_of_people(row.person_id for row in admitted), title=f"已录取：{held}", body=when, url=own_address(held))
    body = f"名额已满，您在候补名单上，有空缺时自动录取并通知。{when}"
    inbox.tell(accounts_of_people(row.person_id for row in waiting), title=f"候补：{held}", body=body, url=own_address(held))
    return Admitted(len(admitted), len(waiting), refused)


@transaction.atomic
def refuse(enrolment: Enrolment, *, by: Actor, reason: str) -> Enrolment:
    """Turn an application down, with the reason, which the person reads."""
    held, row = _both(enrolment, "refuse")
    insist(can_run(by, held))
    if not reason.strip():
        raise Refused("请写明不录取的原因，会通知本人。", code="reason_missing", status=422)
    put(row, EnrolmentState.REFUSED, reason=reason.strip()[:200])
    record("training.refuse", by=by, of=row, after={"class": held.title}, reason=reason)
    inbox.tell(accounts_of_people([row.person_id]), title=f"未录取：{held}", body=reason.strip(), url=own_address(held))
    return row


@transaction.atomic
def withdraw(enrolment: Enrolment, *, by: Actor, reason: str = "") -> list[Enrolment]:
    """Leave a class, or decline an invitation. Returns who moved up into the place."""
    held, row = _both(enrolment, "withdraw")
    own = isinstance(by, User) and by.person_id == row.person_id and by.may("training.own")
    sender = isinstance(by, User) and row.organisation_id in by.scope("training.send").organisations
    if not (own or sender):
        insist(can_run(by, held))
    had_place = row.state == EnrolmentState.ADMITTED
    if had_place and (row.attendance.exists() or row.online_credits.exists()):
        raise Refused("已有考勤或线上学时的学员不能退出，请在结业认定时按未结业处理。", code="attended")
    put(row, EnrolmentState.WITHDRAWN, reason=reason.strip()[:200])
    record("training.withdraw", by=by, of=row, before={"had_place": had_place}, after={"class": held.title}, reason=reason)
    return fill_places(held, by=by) if had_place else []


def _both(enrolment: Enrolment, act: str) -> tuple[TrainingClass, Enrolment]:
    """Class and enrolment, locked in this order everywhere."""
    held = locked(enrolment.training_class)
    row = Enrolment.objects.select_for_update(of=("self",)).select_related("person").get(pk=enrolment.pk)
    if row.state not in ENROLMENT_MOVES[act].sources:
        raise Refused(f"“{row}”现在是“{row.get_state_display()}”，不能这样办理。请刷新页面查看。", code="wrong_state")
    return held, row


@transaction.atomic
def set_funding(enrolment: Enrolment, funding: str, *, by: Actor, reason: str) -> Enrolment:
    """Who pays for the person: subsidy or market (notice:3.1.2, 3.1.3); the claim itself is judged elsewhere."""
    held = locked(enrolment.training_class)
    insist(can_run(by, held))
    row = Enrolment.objects.select_for_update(of=("self",)).select_related("person").get(pk=enrolment.pk)
    if funding not in Funding.values or row.state not in OPEN:
        raise Refused("现在不能更改费用来源，请刷新页面查看。", code="wrong_state")
    before = row.funding
    put(row, row.state, funding=funding)
    record("training.set_funding", by=by, of=row, before={"funding": before}, after={"funding": funding}, reason=reason)
    return row
