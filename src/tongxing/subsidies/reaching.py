"""For which certificates somebody may ask for a subsidy: as handler of the area, for the own organisation, or for oneself (notice:3.1.2)."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from tongxing.accounts.models import User
from tongxing.certificates.models import Certificate, CertificateStatus
from tongxing.training.models import Enrolment, EnrolmentState

from .models import Claim, ClaimKind


def reachable(user: User, kind: str) -> "QuerySet[Certificate]":
    """Certificates of the user's areas; those that the own body issued or whose holders the own provider trained; the user's own.

    Evaluation subsidies go to the body that issued, so a person asks for none of his own.
    """
    scope = user.scope("subsidies.claim")
    query = scope.as_q("person__area_id")
    if scope.organisations:
        query |= _of_organisations(scope.organisations, kind)
    if kind == ClaimKind.TRAINING and user.person_id and user.may("registry.own_record"):
        query |= Q(person_id=user.person_id)
    return Certificate.objects.filter(query)


def _of_organisations(organisations: frozenset[int], kind: str) -> Q:
    if kind == ClaimKind.EVALUATION:
        return Q(body_id__in=organisations)
    trained = Enrolment.objects.filter(
        person=OuterRef("person"),
        state=EnrolmentState.COMPLETED,
        completed_on__lte=OuterRef("issued_on"),
        training_class__course__level=OuterRef("level"),
        training_class__provider__organisation__in=organisations,
    )
    return Q(Exists(trained))


def unclaimed(rows: "QuerySet[Certificate]", kind: str) -> "QuerySet[Certificate]":
    """Of these the valid ones for whose person, occupation and level no claim of this kind stands."""
    claimed = Claim.objects.standing().filter(
        kind=kind, person=OuterRef("person"), occupation=OuterRef("occupation"), level=OuterRef("level")
    )
    return rows.filter(status=CertificateStatus.VALID).exclude(Exists(claimed))
