"""Contacts of an organisation: adding, removing, and reading phone numbers in clear with a reason."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.registry.forms.organisations import ContactForm, ReasonForm
from tongxing.registry.organisation_contacts import add_contact, remove_contact, reveal_contact_phones

from .organisations import fetch, fetch_editable


@requires("registry.edit")
@require_http_methods(["GET", "POST"])
def contact_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = fetch_editable(request, uid)
    form = ContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            add_contact(found, by=user_of(request), **form.cleaned_data)
        except ValidationError as error:
            form.add_error("name" if hasattr(error, "error_dict") else "phone", error.messages)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, "联系人已保存。")
            return redirect("registry:organisation", uid)
    context = {"form": form, "organisation": found, "cancel": reverse("registry:organisation", args=[uid])}
    return render(request, "registry/organisation_contact.html", context)


@requires("registry.edit")
@require_POST
def contact_remove(request: HttpRequest, uid: UUID, contact: UUID) -> HttpResponse:
    found = fetch_editable(request, uid)
    remove_contact(get_object_or_404(found.contacts, uid=contact), by=user_of(request))
    messages.success(request, "联系人已删除。")
    return redirect("registry:organisation", uid)


@requires("registry.reveal")
@require_POST
def phones(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Plain phone numbers, once, with a reason; each look leaves a read entry."""
    found = fetch(request, uid)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise Refused("查看完整电话需要写明用途，例如“通知参加培训”。请填写后再试。", code="reason_missing")
    numbers = reveal_contact_phones(found, by=user_of(request), reason=form.cleaned_data["reason"])
    template = "registry/organisation_phone_rows.html" if request.htmx else "registry/organisation_phones.html"  # type: ignore[attr-defined]
    return render(request, template, {"organisation": found, "numbers": numbers})
