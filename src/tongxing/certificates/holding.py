"""Who holds what on a day: the highest valid certificate of each of many people (notice:1.3, level 1 is the highest)."""

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone

from tongxing.registry.models import Coordinator

from .models import Certificate


def with_level(coordinators: "QuerySet[Coordinator]", on: date | None = None) -> "QuerySet[Coordinator]":
    """Coordinators with the annotation `level`: the highest valid certificate, None without one."""
    held = Certificate.objects.valid_on(on or timezone.localdate()).filter(person_id=OuterRef("person_id"))
    return coordinators.annotate(level=Subquery(held.order_by("level").values("level")[:1]))


def certified(coordinators: "QuerySet[Coordinator]", on: date | None = None) -> "QuerySet[Coordinator]":
    """Those of the coordinators who hold a valid certificate of any level on a day."""
    held = Certificate.objects.valid_on(on or timezone.localdate()).filter(person_id=OuterRef("person_id"))
    return coordinators.filter(Exists(held))
