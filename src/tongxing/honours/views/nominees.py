"""What the views of nominations fetch: only what the user may see, else 404; and how an act without a form answers."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from tongxing.accounts.models import User
from tongxing.accounts.requests import user_of
from tongxing.core.errors import Refused
from tongxing.honours.models import Nomination, NominationState, Selection, SelectionState
from tongxing.honours.models.nominations import NominationQuerySet
from tongxing.honours.nominating import takes
from tongxing.honours.rules import can_change, can_manage, can_nominate, insist, recommended_by
from tongxing.registry.models import Organisation, Person

SHOWN = 100


def nomination_of(request: HttpRequest, uid: UUID) -> Nomination:
    rows = Nomination.objects.visible_to(user_of(request)).select_related("selection__area", "person__area", "organisation__area", "area")
    return get_object_or_404(rows.prefetch_related("items", "opinions", "visits"), uid=uid)


def changeable(request: HttpRequest, uid: UUID) -> Nomination:
    """A nomination that the user recommends or manages."""
    row = nomination_of(request, uid)
    insist(can_change(user_of(request), row))
    return row


def managed(request: HttpRequest, uid: UUID) -> Nomination:
    row = nomination_of(request, uid)
    insist(can_manage(user_of(request), row.selection.area_id))
    return row


def with_files(user: User) -> NominationQuerySet:
    """Nominations whose files the user may open: those that are seen, and those given to review."""
    seen, given = Nomination.objects.visible_to(user), Nomination.objects.reviewable_by(user)
    return Nomination.objects.filter(Q(pk__in=seen.values("pk")) | Q(pk__in=given.values("pk")))


def own_of(user: User) -> list[Nomination]:
    """One's own nominations and those of the organisations acted for, those that were sent back first."""
    rows = recommended_by(user).select_related("selection", "person", "organisation")
    return sorted(rows.order_by("-id")[:SHOWN], key=lambda row: row.state != NominationState.RETURNED)


def nominations_of(user: User, subject: Person | Organisation) -> dict[str, Any]:
    """What the page of a verdict shows of nominations: those there are, and whether the user may start one now."""
    key = "person" if isinstance(subject, Person) else "organisation"
    rows = Nomination.objects.visible_to(user).filter(**{key: subject}).select_related("selection", "person", "organisation")
    may = user.may("honours.nominate") and bool(can_nominate(user, subject)) and bool(open_selections(user, subject.area_id))
    return {"nominations": [(row, NominationState(row.state).tone) for row in rows[:20]], "may_nominate": may}


def page(row: Nomination) -> str:
    return reverse("honours:nomination", args=[row.uid])


def open_selections(user: User, area_code: int | None = None) -> list[Selection]:
    """Years that take nominations from the user now, newest first; of an area and those above it. They are few."""
    running = Selection.objects.filter(state=SelectionState.RUNNING).select_related("area")
    found = [row for row in running if takes(row, user)]
    return [row for row in found if area_code is None or row.area.span[0] <= area_code <= row.area.span[1]]


def pressed(request: HttpRequest, act: Callable[[], Any], said: str, back: str) -> HttpResponse:
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
