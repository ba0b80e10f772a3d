"""Handing out what is signed about a certificate: a page of its own, the extract, the electronic credential; and extracts from the list."""

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.certificates.models import Certificate, CertificateStatus
from tongxing.certificates.views.lists import CertificateList
from tongxing.core.access import insist, requires
from tongxing.core.listing import selected
from tongxing.credentials import badges, extracts, payload
from tongxing.credentials.issuer import base_of
from tongxing.credentials.keys import signer
from tongxing.credentials.photos import photos_of
from tongxing.credentials.rules import can_hand_out, can_print_clear, can_set_photo, is_own
from tongxing.policy import provisions

CREDENTIAL = "application/vc+json"


def _certificate(request: HttpRequest, uid: UUID) -> Certificate:
    """One that the user sees and may hand out."""
    found = get_object_or_404(Certificate.objects.visible_to(user_of(request)).select_related("person"), uid=uid)
    insist(can_hand_out(user_of(request), found))
    return found


@requires("desk.use")
@require_GET
def of_certificate(request: HttpRequest, uid: UUID) -> HttpResponse:
    found, user = _certificate(request, uid), user_of(request)
    context = {
        "certificate": found,
        "photo": photos_of([found.person_id]).get(found.person_id),
        "valid": found.status == CertificateStatus.VALID,
        "own": is_own(user, found.person),
        "may_print_clear": bool(can_print_clear(user, found)),
        "may_set_photo": bool(can_set_photo(user, found.person)),
        "may_open": user.may("certificates.view"),
        "scanned": _scanned(request, found) if found.status == CertificateStatus.VALID else "",
    }
    return render(request, "credentials/of_certificate.html", context)


def _scanned(request: HttpRequest, found: Certificate) -> str:
    """The address in the code of an extract made today: what a phone opens, to look at or to send on."""
    text = payload.signed(payload.claims_of(found, on=timezone.localdate()), signer())
    return payload.address(base_of(request), text)


def _pdf(made: bytes, name: str) -> HttpResponse:
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@requires("desk.use")
@require_POST
def extract(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = _certificate(request, uid)
    reason = request.POST.get("reason", "")[:200]
    made = extracts.print_extracts([found], base=base_of(request), by=user_of(request), reason=reason)
    return _pdf(made, f"extract-{found.number}")


@requires("certificates.edit")
@require_POST
def extract_many(request: HttpRequest) -> HttpResponse:
    """What was ticked in the list of certificates, in the order of their numbers; the documents' numbers stay masked."""
    most = int(provisions.value("credentials.extracts_at_once"))
    rows = list(selected(request, CertificateList).select_related("person").order_by("number")[: most + 1])
    made = extracts.print_extracts(rows, base=base_of(request), by=user_of(request))
    return _pdf(made, f"extracts-{timezone.localdate():%Y%m%d}")


@requires("desk.use")
@require_POST
def badge(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = _certificate(request, uid)
    made = badges.hand_out(found, base=base_of(request), by=user_of(request))
    response = HttpResponse(json.dumps(made, ensure_ascii=False, indent=2), content_type=CREDENTIAL)
    response["Content-Disposition"] = f'attachment; filename="credential-{found.number}.json"'
    response["Cache-Control"] = "private, no-store"
    return response
