"""Pages of one organisation: register, look at, change, end, size, merge."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongxing.accounts.models import User
from tongxing.accounts.requests import user_of
from tongxing.audit.conflicts import EditConflict, Watch
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.registry import organisations as acts
from tongxing.registry.forms.organisations import OrganisationForm, SizeForm, StatusForm
from tongxing.registry.industry import title
from tongxing.registry.models import Assignment, Organisation, Posting
from tongxing.registry.models.organisations import STATUS_MOVES
from tongxing.registry.organisation_history import history_of, whole_history_of
from tongxing.registry.rules import can_edit_organisation, can_merge_organisations, can_reveal_contact, status_moves
from tongxing.registry.size import STANDARD
from tongxing.registry.sizing import decision_for

from .act_page import read_version

SHOWN_STEPS = 6
SHOWN_ROWS = 50


def fetch(request: HttpRequest, uid: UUID) -> Organisation:
    """The organisation when the user may see it; else 404."""
    return get_object_or_404(Organisation.objects.visible_to(request.user).select_related("area", "merged_into"), uid=uid)


def fetch_editable(request: HttpRequest, uid: UUID) -> Organisation:
    organisation = fetch(request, uid)
    answer = can_edit_organisation(user_of(request), organisation)
    if not answer:
        raise PermissionDenied(answer.reason)  # type: ignore[union-attr]
    return organisation


def _panels(organisation: Organisation, user: User) -> list[tuple[str, str]]:
    """Cards that upper rooms hang on the page: (title, address) from settings; one whose room is absent, or that the user may not open, is left out."""
    found = []
    for heading, name, *needed in getattr(settings, "ORGANISATION_PANELS", []):
        try:
            if not all(map(user.may, needed)):
                continue
            found.append((heading, reverse(name, args=[organisation.uid])))
        except NoReverseMatch:
            continue
    return found


def _held(organisation: Organisation) -> dict[str, Any]:
    """Postings and assignments, the open ones first."""
    today = timezone.localdate()
    postings = list(Posting.objects.filter(organisation=organisation).select_related("coordinator__person")[:SHOWN_ROWS])
    assignments = list(Assignment.objects.filter(organisation=organisation).select_related("coordinator__person")[:SHOWN_ROWS])
    return {
        "postings": [row for row in postings if row.until is None or row.until >= today],
        "past_postings": [row for row in postings if row.until and row.until < today],
        "assignments": assignments,
        "conduct": organisation.conduct_records.all()[:20],
        "confirmations": organisation.confirmations.order_by("-year", "-id")[:5],
        "services": organisation.services.all(),
        "contacts": organisation.contacts.all(),
        "past_sizes": organisation.past_sizes.order_by("-until")[:10],
    }


@requires("registry.view")
@require_GET
def organisation(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The 360° page. A merged record leads to the one that was kept."""
    found = fetch(request, uid)
    if found.merged_into:
        messages.info(request, f"“{found.name}”已并入“{found.merged_into.name}”。")
        return redirect("registry:organisation", found.merged_into.uid)
    user: Any = request.user
    steps = history_of(found, most=SHOWN_STEPS)
    context = {
        "organisation": found,
        "decision": decision_for(found),
        "standard": STANDARD,
        "industry_title": title(found.industry),
        "moves": status_moves(found, user),
        "may_edit": bool(can_edit_organisation(user, found)),
        "may_merge": bool(can_merge_organisations(user, found)) and user.may("registry.merge"),
        "may_reveal": bool(can_reveal_contact(user, found)),
        "steps": steps,
        "panels": _panels(found, user),
        "seen": Watch(lambda: [found]).seen if found.size_override else "",
    }
    return render(request, "registry/organisation.html", context | _held(found))


@requires("registry.view")
@require_GET
def organisation_history(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = fetch(request, uid)
    return render(request, "registry/organisation_history.html", {"organisation": found, "steps": whole_history_of(found)})


@requires("registry.edit")
@require_http_methods(["GET", "POST"])
def organisation_new(request: HttpRequest) -> HttpResponse:
    form = OrganisationForm(request.POST or None, user=request.user, initial={"name": request.GET.get("name", "")})
    if request.method == "POST" and form.is_valid():
        try:
            made = acts.register_organisation(by=user_of(request), **form.facts())
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, f"已登记“{made.name}”，规模为{made.get_size_display()}。")
            return redirect("registry:organisation", made.uid)
    return render(request, "registry/organisation_form.html", {"form": form, "cancel": reverse("registry:organisations")})


@requires("registry.edit")
@require_http_methods(["GET", "POST"])
def organisation_edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = fetch_editable(request, uid)
    form = OrganisationForm(request.POST or None, user=request.user, instance=found)
    watch = Watch(lambda: [found, *found.services.all()])
    if request.method == "POST" and form.is_valid():
        try:
            with watch.unmoved(request):
                acts.update_organisation(found, by=user_of(request), version=read_version(request, found), **form.facts())
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, f"“{found.name}”的修改已保存。")
            return redirect("registry:organisation", found.uid)
    context = {"form": form, "organisation": found, "decision": decision_for(found), "cancel": reverse("registry:organisation", args=[uid])}
    return render(request, "registry/organisation_form.html", {**context, "seen": watch.seen})


@requires("registry.edit")
@require_http_methods(["GET", "POST"])
def organisation_status(request: HttpRequest, uid: UUID, status: str) -> HttpResponse:
    """One move of STATUS_MOVES: says what ends with it, asks for the day."""
    found = fetch_editable(request, uid)
    move = next((move for move in STATUS_MOVES if move.target == status and found.status in move.sources), None)
    if move is None:
        messages.warning(request, f"单位现在是“{found.get_status_display()}”，不能这样变更。")
        return redirect("registry:organisation", uid)
    form = StatusForm(request.POST or None, initial={"on": timezone.localdate().isoformat()})
    watch = Watch(lambda: [found])
    if request.method == "POST" and form.is_valid():
        try:
            with watch.unmoved(request):
                acts.change_status(found, status, by=user_of(request), **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, f"“{found.name}”已变更为{move.label}。")
            return redirect("registry:organisation", uid)
    context = {"form": form, "organisation": found, "move": move, "seen": watch.seen}
    return render(request, "registry/organisation_status.html", context | _held(found))


@requires("registry.edit")
@require_http_methods(["GET", "POST"])
def organisation_size(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Override the size class with a reason."""
    found = fetch_editable(request, uid)
    form = SizeForm(request.POST or None, initial={"size": found.size_override, "reason": found.size_override_reason})
    watch = Watch(lambda: [found])
    if request.method == "POST" and form.is_valid():
        try:
            with watch.unmoved(request):
                acts.override_size(found, by=user_of(request), **form.cleaned_data)
        except EditConflict as conflict:
            form.add_error(None, conflict.message)
        else:
            messages.success(request, "人工认定的规模已保存。")
            return redirect("registry:organisation", uid)
    context = {"form": form, "organisation": found, "decision": decision_for(found), "seen": watch.seen}
    return render(request, "registry/organisation_size.html", context)


@requires("registry.edit")
@require_POST
def organisation_size_clear(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = fetch_editable(request, uid)
    with Watch(lambda: [found]).unmoved(request):
        acts.clear_override(found, by=user_of(request))
    messages.success(request, "已撤销人工认定，恢复按标准划型。")
    return redirect("registry:organisation", uid)
