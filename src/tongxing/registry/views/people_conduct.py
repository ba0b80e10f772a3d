"""Pages of the yearly confirmation, among them what a coordinator and an organisation's agent see of their own."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.core.access import insist, requires
from tongxing.registry import confirmation
from tongxing.registry.forms.people import ConfirmForm, ReasonForm
from tongxing.registry.industry import title as industry_title
from tongxing.registry.models import Organisation, Person, Posting, RecordConfirmation
from tongxing.registry.panels import panels_of
from tongxing.registry.person_page import enrolment_of
from tongxing.registry.rules_people import can_confirm_organisation, can_confirm_person

from .act_page import act_page, posted


def _after_confirming(request: HttpRequest, person: Person | None = None) -> str:
    if user_of(request).may("registry.view") and person:
        return reverse("registry:person", args=[person.uid])
    own = user_of(request).may("registry.own_organisation")
    return reverse("registry:own-organisation" if own else "registry:own-record")


@requires("desk.use")
def person_confirm(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Open to every role that reaches the record: `can_confirm_person` decides."""
    person = get_object_or_404(Person.objects.visible_to(user_of(request)).standing(), uid=uid)
    insist(can_confirm_person(user_of(request), person))
    year = timezone.localdate().year
    return act_page(
        request,
        ConfirmForm(posted(request)),
        run=lambda values: confirmation.confirm_person(person, by=user_of(request), remark=values["remark"]),
        back=_after_confirming(request, person),
        title=f"{year} 年度核实：{person.name}",
        done=f"已核实 {person.name} 的 {year} 年度信息。",
        submit="确认核实",
        clause="notice:3.4.1",
    )


@requires("desk.use")
def organisation_confirm(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The facts to be confirmed stand above the form: nobody confirms what is not shown."""
    organisation = get_object_or_404(Organisation.objects.visible_to(user_of(request)).standing().select_related("area"), uid=uid)
    insist(can_confirm_organisation(user_of(request), organisation))
    year = timezone.localdate().year
    keeper = user_of(request).may("registry.view")
    return act_page(
        request,
        ConfirmForm(posted(request)),
        run=lambda values: confirmation.confirm_organisation(organisation, by=user_of(request), remark=values["remark"]),
        back=reverse("registry:organisation", args=[uid]) if keeper else reverse("registry:own-organisation"),
        title=f"{year} 年度核实：{organisation.name}",
        done=f"已核实 {organisation.name} 的 {year} 年度信息。",
        submit="确认核实",
        template="registry/organisation_confirm.html",
        clause="notice:3.4.1",
        organisation=organisation,
        industry_title=industry_title(organisation.industry),
        postings=Posting.objects.filter(organisation=organisation, until=None).select_related("coordinator__person"),
        confirmed=RecordConfirmation.objects.filter(organisation=organisation, year=year).order_by("at").first(),
    )


@requires("registry.reveal")
@never_cache
def confirmation_remark(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What was written when confirming, in clear: asks for the purpose, leaves a read entry, is not kept by the browser."""
    seen = RecordConfirmation.objects.visible_to(user_of(request)).select_related("person", "organisation")
    entry = get_object_or_404(seen, uid=uid)
    form = ReasonForm(posted(request))
    back = reverse("registry:person" if entry.person else "registry:organisation", args=[entry.subject.uid])
    context: dict[str, Any] = {"entry": entry, "subject": entry.subject, "form": form, "back": back}
    if form.is_valid():
        context["plain"] = confirmation.reveal_remark(entry, by=user_of(request), reason=form.cleaned_data["reason"])
    return render(request, "registry/confirmation_remark.html", context)


@requires("registry.own_record")
@require_GET
def own_record(request: HttpRequest) -> HttpResponse:
    """A coordinator's own record, made for a phone."""
    person = Person.objects.select_related("area").filter(pk=user_of(request).person_id or 0, merged_into=None).first()
    year = timezone.localdate().year
    context: dict[str, Any] = {"person": person, "year": year}
    if person:
        context |= {
            "enrolment": enrolment_of(person, user_of(request)),
            "panels": panels_of(person, user_of(request)),
            "confirmed": RecordConfirmation.objects.filter(person=person, year=year).order_by("at").first(),
        }
    return render(request, "registry/person_own.html", context)


@requires("registry.own_organisation")
@require_GET
def own_organisation(request: HttpRequest) -> HttpResponse:
    """An agent's organisations with the coordinators who hold a post there today."""
    year, own = timezone.localdate().year, user_of(request).scope("registry.own_organisation").organisations
    postings = Posting.objects.filter(until=None).select_related("coordinator__person")
    organisations = list(
        Organisation.objects.filter(pk__in=own).standing().select_related("area").prefetch_related(Prefetch("postings", postings, "now"))
    )
    people = [posting.coordinator.person_id for organisation in organisations for posting in organisation.now]  # type: ignore[attr-defined]
    done = RecordConfirmation.objects.filter(year=year)
    context = {
        "year": year,
        "organisations": organisations,
        "confirmed_people": set(done.filter(person_id__in=people).values_list("person_id", flat=True)),
        "confirmed_organisations": set(done.filter(organisation_id__in=own).values_list("organisation_id", flat=True)),
    }
    return render(request, "registry/coordinator_own.html", context)
