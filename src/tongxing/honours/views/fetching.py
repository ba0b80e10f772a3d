"""What the views of the room fetch: only what the user may see, else 404; and how states are coloured."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from tongxing.accounts.requests import user_of
from tongxing.honours.forms import OnForm
from tongxing.honours.models import Award, Selection
from tongxing.honours.rules import can_manage, insist
from tongxing.registry.models import Organisation, Person

STATE_TONES = {"running": "teal", "done": "green", "cancelled": "grey"}


def selection_of(request: HttpRequest, uid: UUID, *, managed: bool = True) -> Selection:
    row = get_object_or_404(Selection.objects.visible_to(user_of(request)).select_related("area"), uid=uid)
    if managed:
        insist(can_manage(user_of(request), row.area_id))
    return row


def person_of(request: HttpRequest, uid: UUID, *, managed: bool = False) -> Person:
    """A person of the areas where the user sees the selection."""
    rows = Person.objects.standing().filter(user_of(request).scope("honours.view").as_q("area_id"))
    row = get_object_or_404(rows.select_related("area"), uid=uid)
    if managed:
        insist(can_manage(user_of(request), row.area_id))
    return row


def organisation_of(request: HttpRequest, uid: UUID) -> Organisation:
    rows = Organisation.objects.standing().filter(user_of(request).scope("honours.view").as_q("area_id"))
    return get_object_or_404(rows.select_related("area"), uid=uid)


def award_of(request: HttpRequest, uid: UUID) -> Award:
    row = get_object_or_404(Award.objects.visible_to(user_of(request)).select_related("person"), uid=uid)
    insist(can_manage(user_of(request), row.person.area_id))
    return row


def asked_day(request: HttpRequest) -> tuple[OnForm, date]:
    """The form with the day asked for in the address, and that day; today where none is asked for or it is none."""
    form = OnForm(request.GET if "on" in request.GET else {"on": timezone.localdate().isoformat()})
    return form, form.cleaned_data["on"] if form.is_valid() else timezone.localdate()
