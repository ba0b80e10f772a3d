"""What a person sees of the own training, and what an employer may send people to."""

from datetime import date

from django.db.models import QuerySet

from tongxing.accounts.models import User
from tongxing.registry.models import Organisation, Person

from .models import Enrolment, Invitation, InvitationState, TrainingClass


def own_enrolments(user: User) -> "QuerySet[Enrolment]":
    """The person's own enrolments, the newest class first."""
    rows = Enrolment.objects.filter(person_id=user.person_id) if user.person_id else Enrolment.objects.none()
    return rows.select_related("training_class__provider__organisation", "training_class__course").order_by("-training_class__starts_on")


def classes_open_to(user: User, on: date) -> "QuerySet[TrainingClass]":
    """Announced classes of the programme; they are public to everybody who takes part in it."""
    mine = TrainingClass.objects.filter(enrolments__person_id=user.person_id) if user.person_id else TrainingClass.objects.none()
    seen = TrainingClass.objects.open_on(on) | mine
    return seen.distinct().select_related("provider__organisation", "course").order_by("starts_on", "id")


def classes_to_send_to(user: User, on: date) -> "QuerySet[TrainingClass]":
    """Announced classes, and those that the user's organisations were invited to."""
    sent = user.scope("training.send").organisations
    asked = Invitation.objects.filter(organisation_id__in=sent).values("training_class_id")
    seen = TrainingClass.objects.open_on(on) | TrainingClass.objects.filter(pk__in=asked)
    return seen.distinct().select_related("provider__organisation", "course").order_by("starts_on", "id")


def own_organisations(user: User) -> "QuerySet[Organisation]":
    return Organisation.objects.filter(pk__in=user.scope("training.send").organisations).standing()


def people_of(organisations: "QuerySet[Organisation]") -> "QuerySet[Person]":
    """Who holds a post there today."""
    rows = Person.objects.standing().filter(
        coordinator__postings__organisation_id__in=organisations.values("pk"), coordinator__postings__until=None
    )
    return rows.distinct().order_by("name", "id")


def open_invitations(user: User) -> "QuerySet[Invitation]":
    sent = user.scope("training.send").organisations
    rows = Invitation.objects.filter(organisation_id__in=sent, state=InvitationState.OPEN)
    return rows.select_related("training_class__provider__organisation", "organisation")
