"""What the views of the room fetch: only what the user may see, else 404; and how states are coloured."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from tongxing.accounts.requests import user_of
from tongxing.core.errors import Refused
from tongxing.registry.models import Organisation
from tongxing.supervision.models import Anomaly, Finding, Inspector, Plan, Sanction, Visit
from tongxing.supervision.rules import can_manage, insist

TONES = {
    "draft": "grey",
    "announced": "amber",
    "drawn": "teal",
    "published": "green",
    "cancelled": "grey",
    "planned": "amber",
    "begun": "teal",
    "signed": "teal",
    "done": "green",
    "ordered": "amber",
    "answered": "teal",
    "closed": "green",
    "withdrawn": "grey",
    "proposed": "amber",
    "notified": "amber",
    "hearing": "amber",
    "heard": "teal",
    "decided": "red",
    "lifted": "green",
    "dropped": "grey",
    "open": "amber",
    "dismissed": "grey",
    "visit": "teal",
    "issue": "teal",
}


def tone(row: Any) -> str:
    return TONES[row.state]


def found(request: HttpRequest, model: Any, uid: UUID, *related: str) -> Any:
    return get_object_or_404(model.objects.visible_to(request.user).select_related(*related), uid=uid)


def plan_of(request: HttpRequest, uid: UUID, *, managed: bool = True) -> Plan:
    row: Plan = found(request, Plan, uid, "area")
    if managed:
        insist(can_manage(user_of(request), row.area_id))
    return row


def inspector_of(request: HttpRequest, uid: UUID) -> Inspector:
    row: Inspector = found(request, Inspector, uid, "user", "organisation")
    insist(can_manage(user_of(request), row.area_id))
    return row


def visit_of(request: HttpRequest, uid: UUID) -> Visit:
    row: Visit = found(request, Visit, uid, "organisation", "plan")
    return row


def finding_of(request: HttpRequest, uid: UUID) -> Finding:
    row: Finding = found(request, Finding, uid, "organisation", "visit", "anomaly", "item")
    return row


def sanction_of(request: HttpRequest, uid: UUID) -> Sanction:
    row: Sanction = found(request, Sanction, uid, "organisation", "suspension", "training_suspension")
    return row


def anomaly_of(request: HttpRequest, uid: UUID) -> Anomaly:
    row: Anomaly = found(request, Anomaly, uid, "organisation", "visit")
    return row


def body_of(request: HttpRequest, uid: UUID) -> Organisation:
    """A body of the user's areas, or the one the user acts for."""
    scope = user_of(request).scope("supervision.view")
    rows = Organisation.objects.standing().filter(scope.as_q("area_id", "id"))
    return get_object_or_404(rows.select_related("area"), uid=uid)


def pressed(request: HttpRequest, act: Any, said: str, back: str) -> HttpResponse:
    """Run an act that needs no form; what the rules refuse is said on the page one comes back to."""
    try:
        act()
    except Refused as refused:
        if refused.status == 403:
            raise
        messages.error(request, refused.message)
    else:
        messages.success(request, said)
    return redirect(back)
