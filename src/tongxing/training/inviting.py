"""Inviting people and organisations into a class: the door through which gaps become trainees (notice:3.1.1; called by `targets`)."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts.holders import accounts_of_people, agents_of
from tongxing.accounts.models import User
from tongxing.audit.log import Actor, record
from tongxing.core.access import Allowed, Answer, Denied, insist
from tongxing.core.errors import Refused
from tongxing.notices import inbox
from tongxing.registry.models import Organisation, Person

from .holding import locked
from .models import Enrolment, EnrolmentState, Invitation, InvitationState, TrainingClass
from .rules import can_run
from .suspending import insist_running
from .telling import own_address


class Invited(NamedTuple):
    """How many were invited, and how many had been before."""

    new: int
    known: int
    without_account: int


def can_invite(by: Actor, training_class: TrainingClass) -> Answer:
    """Who runs the class, and officers who chase gaps: a class of the county is there for the townships too."""
    if can_run(by, training_class) or not isinstance(by, User):
        return Allowed()
    if by.may("targets.chase") and training_class.is_announced:
        return Allowed()
    return Denied("您不能邀请人员参加这个班：它还没有开放报名，或不在您的管理范围。")


def _open(training_class: TrainingClass, by: Actor) -> TrainingClass:
    held = locked(training_class)
    insist(can_invite(by, held))
    if not held.takes_applications:
        raise Refused(f"“{held}”不再接受报名，请另选一个班。", code="closed")
    insist_running(held.provider.organisation_id, held.course.level, "邀请参训")
    return held


@transaction.atomic
def invite_people(training_class: TrainingClass, people: Iterable[Person], *, by: Actor, why: str = "") -> Invited:
    """Ask people to take part; who is in the class already stays as they are. One audit entry; those with an account are told once."""
    held = _open(training_class, by)
    named = {person.pk: person for person in people if person.merged_into_id is None}
    known = set(held.enrolments.filter(person_id__in=named).values_list("person_id", flat=True))
    new = [pk for pk in named if pk not in known]
    Enrolment.objects.bulk_create(
        Enrolment(training_class=held, person_id=pk, state=EnrolmentState.INVITED, reason=why[:200]) for pk in new
    )
    if new:
        record("training.invite_people", by=by, of=held, after={"people": [named[pk].name for pk in new]}, reason=why)
    accounts = accounts_of_people(new)
    body = f"{held.provider}，{held.starts_on} 开班，{held.place or held.get_mode_display()}。{why}"
    inbox.tell(accounts, title=f"邀请您参加培训：{held}", body=body, url=own_address(held))
    return Invited(len(new), len(known), len(new) - len({account.person_id for account in accounts}))


@transaction.atomic
def invite_organisations(training_class: TrainingClass, organisations: Iterable[Organisation], *, by: Actor, why: str = "") -> Invited:
    """Ask organisations to send somebody; their agents are told once. One audit entry."""
    held = _open(training_class, by)
    named = {organisation.pk: organisation for organisation in organisations if organisation.merged_into_id is None}
    known = set(held.invitations.filter(organisation_id__in=named).values_list("organisation_id", flat=True))
    new = [pk for pk in named if pk not in known]
    who = by.display_name[:60]
    Invitation.objects.bulk_create(Invitation(training_class=held, organisation_id=pk, why=why[:120], by=who) for pk in new)
    if new:
        record("training.invite_organisations", by=by, of=held, after={"organisations": [named[pk].name for pk in new]}, reason=why)
    agents = agents_of(new, "training.send")
    body = f"{held.provider}，{held.starts_on} 开班，{held.place or held.get_mode_display()}。请报送参训人员。{why}"
    inbox.tell(agents, title=f"邀请贵单位派人参加培训：{held}", body=body, url=reverse("training:send", args=[held.uid]))
    held_by = {grant.organisation_id for agent in agents for grant in agent.current_grants}
    return Invited(len(new), len(known), len(set(new) - held_by))


@transaction.atomic
def decline(invitation: Invitation, *, by: Actor, answer: str) -> Invitation:
    """An organisation says that it sends nobody, or an officer writes down that it said so."""
    held = locked(invitation.training_class)
    sender = isinstance(by, User) and invitation.organisation_id in by.scope("training.send").organisations
    if not sender:
        insist(can_run(by, held))
    row = Invitation.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=invitation.pk)
    if row.state != InvitationState.OPEN:
        raise Refused(f"“{row}”已经答复过（{row.get_state_display()}），请刷新页面。", code="answered")
    if not answer.strip():
        raise Refused("请写明不参加的原因。", code="reason_missing", status=422)
    row.state, row.answer, row.answered_at = InvitationState.DECLINED, answer.strip()[:200], timezone.now()
    row.save(update_fields=["state", "answer", "answered_at"])
    record("training.decline_invitation", by=by, of=row, area_code=held.area_id, after={"class": held.title}, reason=answer)
    return row
