"""Pages of single certificates: look, register, correct, void, replace, and write down a check at the national site."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.audit.names import act_name
from tongxing.certificates import register
from tongxing.certificates.forms.certificates import CertificateForm, CheckForm, CorrectForm, ReasonedCertificateForm, ReasonForm, VoidForm
from tongxing.certificates.links import qr_of
from tongxing.certificates.models import Certificate
from tongxing.certificates.official import sites
from tongxing.certificates.rules import can_edit_at
from tongxing.core.access import requires
from tongxing.files.models import StoredFile
from tongxing.registry.models import Person
from tongxing.registry.person_history import Happening, entered_by_roster, happenings
from tongxing.registry.views.act_page import act_page, posted, read_version

TONES = {"valid": "green", "replaced": "grey", "void": "red"}


def found_certificate(request: HttpRequest, uid: UUID) -> Certificate:
    rows = Certificate.objects.visible_to(user_of(request)).select_related("person__area", "body", "replaced_by")
    return get_object_or_404(rows, uid=uid)


def _page_of(certificate: Certificate) -> str:
    return reverse("certificates:certificate", args=[certificate.uid])


@requires("certificates.view")
@require_GET
def certificate(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = found_certificate(request, uid)
    checks = list(found.national_checks.all())
    context = {
        "certificate": found,
        "tone": TONES[found.status],
        "checks": checks,
        "files": StoredFile.objects.in_bulk([check.file_id for check in checks if check.file_id]),
        "happenings": _history(found),
        "qr": qr_of(found, request.build_absolute_uri("/")),
        "may_edit": bool(can_edit_at(user_of(request), found.person.area_id)),
        "sites": sites().certificates,
    }
    return render(request, "certificates/certificate.html", context)


def _history(certificate: Certificate) -> list[Happening]:
    told = happenings([certificate])
    known = any(one.act == act_name("certificates.register") for one in told)
    return told if known else [*told, entered_by_roster(certificate.created_at)]


@requires("desk.use")
@require_GET
def of_person(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The panel of a person's page; open to whoever may see the person's certificates, among them the person."""
    person = get_object_or_404(Person.objects.visible_to(user_of(request)), uid=uid)
    rows = list(Certificate.objects.visible_to(user_of(request)).filter(person=person).order_by("level", "-issued_on"))
    for row in rows:
        row.tone = TONES[row.status]  # type: ignore[attr-defined]
    user = user_of(request)
    may_edit = user.may("certificates.edit") and bool(can_edit_at(user, person.area_id))
    own = user.person_id == person.pk and user.may("registry.own_record")
    context = {"person": person, "certificates": rows, "may_edit": may_edit, "may_hand_out": may_edit or own}
    return render(request, "certificates/of_person.html", context)


@requires("certificates.edit")
def certificate_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    person = get_object_or_404(Person.objects.visible_to(user_of(request)).standing(), uid=uid)
    form = CertificateForm(posted(request), user=user_of(request))
    return act_page(
        request,
        form,
        run=lambda _: register.register_certificate(person, by=user_of(request), **form.paper()),
        back=reverse("registry:person", args=[uid]) if user_of(request).may("registry.view") else reverse("certificates:certificates"),
        title=f"登记证书：{person.name}",
        done="已登记证书。",
        submit="登记证书",
        clause="notice:1.3",
    )


@requires("certificates.edit")
def certificate_correct(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = found_certificate(request, uid)
    form = CorrectForm(posted(request), user=user_of(request), certificate=found)
    return act_page(
        request,
        form,
        run=lambda v: register.correct_certificate(
            found, by=user_of(request), version=read_version(request, found), reason=v["reason"], **form.paper()
        ),
        back=_page_of(found),
        watched=lambda: [found],
        title=f"更正证书 {found.number}",
        done="已更正。",
        hint="只用来改正登记时抄错的内容。换了新证书请办理换发。",
    )


@requires("certificates.edit")
def certificate_void(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = found_certificate(request, uid)
    return act_page(
        request,
        VoidForm(posted(request)),
        run=lambda v: register.void_certificate(found, by=user_of(request), reason=v["reason"], on=v["on"], ground=v["ground"]),
        back=_page_of(found),
        watched=lambda: [found],
        title=f"作废证书 {found.number}",
        done="已作废，自该日起不再计为持证。",
        submit="作废证书",
        hint=f"持证人：{found.person.name}。作废错了可以撤销，两次操作都留在日志里。",
    )


@requires("certificates.edit")
def certificate_reinstate(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = found_certificate(request, uid)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: register.reinstate_certificate(found, by=user_of(request), reason=v["reason"]),
        back=_page_of(found),
        watched=lambda: [found],
        title=f"撤销作废：证书 {found.number}",
        done="已撤销作废，这张证书一直有效。",
        submit="撤销作废",
        hint=f"持证人：{found.person.name}。作废于 {found.status_on}，原因：{found.status_reason}。只用于作废办错的情形。",
    )


@requires("certificates.edit")
def certificate_replace(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = found_certificate(request, uid)
    form = ReasonedCertificateForm(posted(request), user=user_of(request), initial={"level": found.level, "body_name": found.body_name})
    return act_page(
        request,
        form,
        run=lambda v: register.replace_certificate(found, by=user_of(request), reason=v["reason"], **form.paper()),
        back=_page_of(found),
        watched=lambda: [found],
        title=f"换发证书 {found.number}",
        done="已换发，原证书自新证书发证之日起失效。",
        submit="办理换发",
    )


@requires("certificates.edit")
def national_check(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = found_certificate(request, uid)
    return act_page(
        request,
        CheckForm(posted(request), request.FILES if request.method == "POST" else None),
        run=lambda v: register.record_national_check(
            found, by=user_of(request), found=v["found"], checked_on=v["checked_on"], remark=v["remark"], screenshot=v["screenshot"]
        ),
        back=_page_of(found),
        watched=lambda: [found],
        title=f"全国查询：{found.number}",
        done="已记下查询结果。",
        submit="记下结果",
        template="certificates/check.html",
        sites=sites().certificates,
    )
