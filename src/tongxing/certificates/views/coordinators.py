"""登记协调员, and merging two records of one person: both change the register and certificates in one transaction."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from tongxing.accounts.requests import user_of
from tongxing.certificates.enrolling import enrol_with_certificate, posting_facts
from tongxing.certificates.forms.coordinators import CoordinatorNewForm, CoordinatorOfPersonForm, MergeForm
from tongxing.certificates.merging import merge_with_certificates, what_hangs_on
from tongxing.core.access import requires
from tongxing.core.addresses import address_of
from tongxing.registry.duplicates import side_by_side
from tongxing.registry.models import Person
from tongxing.registry.views.act_page import act_page, posted, uid_of

POSTING_FIELDS = ("on", "post", "full_time", "status", "remark")


@requires("registry.edit")
def coordinator_new(request: HttpRequest) -> HttpResponse:
    """Of somebody new, or with ?person= of somebody who stands in the register."""
    known = request.GET.get("person")
    person = get_object_or_404(Person.objects.visible_to(user_of(request)).standing(), uid=uid_of(known)) if known else None
    form: Any = (
        CoordinatorOfPersonForm(posted(request), user=user_of(request), person=person)
        if person
        else CoordinatorNewForm(posted(request), user=user_of(request))
    )

    def run(values: dict[str, Any]) -> str:
        facts = None if person else {field: values[field] for field in CoordinatorNewForm.PERSON_FIELDS}
        posting = posting_facts(**{field: values[field] for field in POSTING_FIELDS})
        coordinator = enrol_with_certificate(
            by=user_of(request),
            organisation=values["organisation"],
            posting=posting,
            person=person,
            facts=facts,
            certificate=form.paper_if_given(),
        )
        return address_of("registry:person", coordinator.person.uid)

    title = f"登记协调员：{person.name}" if person else "登记协调员"
    template = "registry/person_act.html" if person else "registry/person_form.html"
    return act_page(request, form, run=run, back="", title=title, done="已登记协调员。", submit="登记", template=template)


@requires("registry.merge")
def merge(request: HttpRequest) -> HttpResponse:
    """Second look before two records become one; it cannot be taken back."""
    asked = request.POST or request.GET
    people = side_by_side(Person.objects.visible_to(user_of(request)).standing())
    keep = get_object_or_404(people, uid=uid_of(asked.get("keep")))
    drop = get_object_or_404(people, uid=uid_of(asked.get("drop")))
    form = MergeForm(posted(request), initial={"keep": keep.uid, "drop": drop.uid})
    return act_page(
        request,
        form,
        run=lambda values: merge_with_certificates(keep, drop, by=user_of(request), reason=values["reason"]),
        back=reverse("registry:duplicates"),
        watched=lambda: [keep, drop],
        title=f"合并“{drop.name}”到“{keep.name}”",
        done="已合并，原记录的任职、证书和违法失信记录都归到保留的一条。",
        submit="合并，不能撤回",
        template="certificates/merge.html",
        keep=keep,
        drop=drop,
        held=what_hangs_on(keep, drop),
    )
