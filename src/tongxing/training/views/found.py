"""What the addresses of training name, as far as the user may see it."""

from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from tongxing.accounts.requests import user_of
from tongxing.training.models import Course, Enrolment, Provider, Session, TrainingClass


def found_class(request: HttpRequest, uid: UUID) -> TrainingClass:
    rows = TrainingClass.objects.visible_to(user_of(request)).select_related("course", "provider__organisation", "area")
    return get_object_or_404(rows, uid=uid)


def found_session(request: HttpRequest, uid: UUID) -> Session:
    seen = TrainingClass.objects.visible_to(user_of(request))
    rows = Session.objects.filter(training_class__in=seen).select_related(
        "training_class__provider__organisation", "training_class__course"
    )
    return get_object_or_404(rows.select_related("topic", "trainer", "room"), uid=uid)


def found_enrolment(request: HttpRequest, uid: UUID) -> Enrolment:
    rows = Enrolment.objects.visible_to(user_of(request)).select_related("person", "training_class__provider__organisation")
    return get_object_or_404(rows, uid=uid)


def found_provider(request: HttpRequest, uid: UUID) -> Provider:
    return get_object_or_404(Provider.objects.visible_to(user_of(request)).select_related("organisation__area"), uid=uid)


def found_course(uid: UUID) -> Course:
    """Courses are the same for everybody."""
    return get_object_or_404(Course, uid=uid)


def page_of(training_class: TrainingClass) -> str:
    return reverse("training:class", args=[training_class.uid])
