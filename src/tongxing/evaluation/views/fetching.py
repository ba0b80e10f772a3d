"""What the views of the room fetch: only what the user may see, else 404."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from tongxing.accounts.requests import user_of
from tongxing.core.errors import Refused
from tongxing.evaluation.models import Application, AssessmentBatch, BatchState, Candidate
from tongxing.evaluation.rules import can_manage, can_score, insist

NAMES = "evaluation.applications"
"""Pages with the names of applicants ask for this: who enters scores does without."""
TABS = (
    ("概况", "batch", "evaluation.view"),
    ("报名", "batch-applications", NAMES),
    ("考务人员", "duties", "evaluation.view"),
    ("考场与座位", "seats", NAMES),
    ("到考", "attendance", NAMES),
    ("录分与核对", "differences", "evaluation.view"),
    ("结果与异议", "results", NAMES),
    ("档案", "archive", "evaluation.view"),
)
TONES = {
    BatchState.PLANNED: "grey",
    BatchState.ANNOUNCED: "teal",
    BatchState.CLOSED: "amber",
    BatchState.FIXED: "amber",
    BatchState.EXAMINED: "amber",
    BatchState.SCORED: "amber",
    BatchState.PUBLISHED: "teal",
    BatchState.ISSUED: "green",
    BatchState.ARCHIVED: "grey",
    BatchState.CANCELLED: "red",
}


def batch_of(request: HttpRequest, uid: UUID) -> AssessmentBatch:
    rows = AssessmentBatch.objects.visible_to(request.user).select_related("filing__organisation", "site", "area")
    return get_object_or_404(rows, uid=uid)


def managed(request: HttpRequest, uid: UUID) -> AssessmentBatch:
    """A batch that the user also runs."""
    batch = batch_of(request, uid)
    insist(can_manage(user_of(request), batch))
    return batch


def application_of(request: HttpRequest, uid: UUID) -> Application:
    rows = Application.objects.visible_to(request.user).select_related(
        "person", "batch__filing__organisation", "resting_on", "organisation"
    )
    return get_object_or_404(rows, uid=uid)


def candidate_of(request: HttpRequest, uid: UUID) -> Candidate:
    rows = Candidate.objects.filter(batch__in=AssessmentBatch.objects.visible_to(request.user))
    return get_object_or_404(rows.select_related("person", "application", "batch__filing__organisation"), uid=uid)


def frame(request: HttpRequest, batch: AssessmentBatch, here: str) -> dict[str, Any]:
    """What every page of a batch shows: its name, its state, the tabs."""
    user = user_of(request)
    tabs = [
        (label, reverse(f"evaluation:{name}", args=[batch.uid]), name == here) for label, name, permission in TABS if user.may(permission)
    ]
    return {
        "batch": batch,
        "tone": TONES[BatchState(batch.state)],
        "tabs": tabs,
        "may_names": user.may(NAMES),
        "may_manage": bool(can_manage(user, batch)),
        "may_score": bool(can_score(user, batch)),
    }


def done(request: HttpRequest, act: Any, said: str, name: str, *args: object) -> HttpResponse:
    """Run an act that needs no form; what the rules refuse is said on the page one comes back to."""
    try:
        act()
    except Refused as refused:
        if refused.status == 403:
            raise
        messages.error(request, refused.message)
    else:
        messages.success(request, said)
    return redirect(f"evaluation:{name}", *args)
