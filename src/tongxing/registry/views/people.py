"""Pages of people: register, edit, the live warning of doubles, showing a number in clear."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.identifiers import clean_phone
from tongxing.core.values import clean_date, clean_text
from tongxing.registry import people
from tongxing.registry.duplicates import similar_to
from tongxing.registry.forms.people import AccountForm, PersonEditForm, PersonForm, ReasonForm
from tongxing.registry.identity import clean_document
from tongxing.registry.linking import link_account
from tongxing.registry.models import Person
from tongxing.registry.person_history import whole_history_of
from tongxing.registry.person_page import person_page
from tongxing.registry.reveal import FIELDS, reveal

from .act_page import act_page, posted, read_version, uid_of

T = TypeVar("T")


@requires("registry.view")
@require_GET
def person(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The 360° page; a merged record leads to the one that was kept."""
    found = get_object_or_404(Person.objects.visible_to(user_of(request)).select_related("area", "merged_into"), uid=uid)
    if found.merged_into:
        return redirect("registry:person", uid=found.merged_into.uid)
    return render(request, "registry/person.html", person_page(found, user_of(request)))


@requires("registry.view")
@require_GET
def person_history(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Field by field, with the lines of rosters."""
    found = get_object_or_404(Person.objects.visible_to(user_of(request)).standing(), uid=uid)
    return render(request, "registry/person_history_page.html", {"person": found, "happenings": whole_history_of(found)})


@requires("registry.edit")
def person_new(request: HttpRequest) -> HttpResponse:
    form = PersonForm(posted(request), user=user_of(request))

    def run(values: dict[str, Any]) -> str:
        facts = {field: values[field] for field in PersonForm.PERSON_FIELDS}
        new = people.register_person(by=user_of(request), area=values["area"], **facts)
        return reverse("registry:person", args=[new.uid])

    return act_page(request, form, run=run, back="", title="登记人员", done="已登记。", submit="登记", template="registry/person_form.html")


@requires("registry.edit")
def person_edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = get_object_or_404(Person.objects.visible_to(user_of(request)).standing().select_related("area"), uid=uid)
    form = PersonEditForm(posted(request), user=user_of(request), person=found)
    return act_page(
        request,
        form,
        run=lambda _: people.update_person(found, by=user_of(request), version=read_version(request, found), **form.changes()),
        back=reverse("registry:person", args=[uid]),
        watched=lambda: [found],
        title=f"修改 {found.name}",
        done="已保存。",
        template="registry/person_form.html",
        but=found.uid,
    )


@requires("registry.edit")
def person_account(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = get_object_or_404(Person.objects.visible_to(user_of(request)).standing(), uid=uid)
    return act_page(
        request,
        AccountForm(posted(request)),
        run=lambda values: link_account(found, values["username"], by=user_of(request)),
        back=reverse("registry:person", args=[uid]),
        watched=lambda: [found],
        title=f"对应账号：{found.name}",
        done="已对应账号，本人登录后可以查看和核实自己的档案。",
        submit="对应账号",
        clause="notice:3.4.2",
    )


@requires("registry.edit")
@require_POST
def similar(request: HttpRequest) -> HttpResponse:
    """Likely doubles of what stands in the form just now. POST, so that no number ever stands in an address."""
    typed = request.POST
    but = Person.objects.visible_to(user_of(request)).filter(uid=uid_of(typed["but"])).first() if typed.get("but") else None
    number = _judged(lambda: clean_document(typed.get("id_type", ""), typed.get("id_number", "")).number)
    found = similar_to(
        name=_judged(lambda: clean_text(typed.get("name", ""), longest=64)) or "",
        born_on=_judged(lambda: clean_date(typed.get("born_on", "")))
        or _judged(lambda: clean_document(typed.get("id_type", ""), typed.get("id_number", "")).born_on),
        number=number or "",
        phone=_judged(lambda: clean_phone(typed.get("phone", ""))) or "",
        but=but.pk if but else None,
    )
    seen = set(Person.objects.visible_to(user_of(request)).filter(pk__in=[like.person.pk for like in found]).values_list("pk", flat=True))
    context: dict[str, Any] = {"found": [like for like in found if like.person.pk in seen]}
    context["elsewhere"] = [like for like in found if like.person.pk not in seen and "证件号相同" in like.reasons]
    context["same_document"] = any("证件号相同" in like.reasons for like in found)
    return render(request, "registry/person_similar.html", context)


def _judged(read: Callable[[], T]) -> T | None:
    """The value, or None while it is not finished: this page warns, it does not judge."""
    try:
        return read()
    except (ValidationError, ValueError, KeyError):
        return None


@requires("registry.reveal")
@require_POST
@never_cache
def person_reveal(request: HttpRequest, uid: UUID, field: str) -> HttpResponse:
    """The one answer that holds a number in clear; it leaves a read entry and is not kept by the browser."""
    found = get_object_or_404(Person.objects.visible_to(user_of(request)), uid=uid)
    form = ReasonForm(request.POST)
    context = {"person": found, "field": field, "label": FIELDS.get(field, ""), "form": form}
    if form.is_valid():
        context["plain"] = reveal(found, field, by=user_of(request), reason=form.cleaned_data["reason"])
    template = "registry/person_revealed.html" if request.headers.get("HX-Request") else "registry/person_revealed_page.html"
    return render(request, template, context)
