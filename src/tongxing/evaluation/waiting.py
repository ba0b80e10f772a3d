"""Which batches wait for somebody: the list's filter and the start page ask the same question."""

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from .models import Application, ApplicationState, BatchState, Objection, ObjectionState

WAITS = {
    "applications": "有报名待审核",
    "scores": "待录分、定成绩",
    "publish": "成绩已定，待公示",
    "objections": "有异议待核查",
    "issue": "公示期满，可发证",
}


def waits(what: str) -> Q:
    """The condition on batches for one of `WAITS`."""
    if what == "applications":
        return Q(Exists(Application.objects.filter(batch=OuterRef("pk"), state=ApplicationState.SUBMITTED)))
    if what == "objections":
        return Q(Exists(Objection.objects.filter(candidate__batch=OuterRef("pk"), state=ObjectionState.OPEN)))
    if what == "issue":
        return Q(state=BatchState.PUBLISHED, notice_until__lt=timezone.localdate())
    return Q(state=BatchState.EXAMINED if what == "scores" else BatchState.SCORED)
