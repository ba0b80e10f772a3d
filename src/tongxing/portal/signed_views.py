"""Pages around signed certificates: what a scanned code opens, the published keys, verifying without a network, the official sites."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tongxing.certificates.official import sites
from tongxing.core.access import public
from tongxing.core.limits import allow, client_of
from tongxing.core.offline import copy_for_all
from tongxing.core.replica import reads_replica
from tongxing.credentials import keys
from tongxing.credentials.issuer import base_of, did_document, did_of
from tongxing.credentials.models import SigningKey
from tongxing.credentials.payload import Unproven

from . import verification
from .caching import cached


@public
@require_safe
@never_cache
@reads_replica
def signed(request: HttpRequest, text: str) -> HttpResponse:
    """What the code of an extract opens. It cannot be guessed, so the limit only spares the server."""
    allow("portal.verified", client_of(request), most=120, seconds=600, settle_every=20)
    try:
        seen = verification.by_signed(text)
    except Unproven as refused:
        return render(request, "portal/signed.html", {"unproven": refused.message}, status=404)
    return render(request, "portal/signed.html", {"seen": seen})


@public
@require_safe
@cached(300)
def offline(request: HttpRequest) -> HttpResponse:
    """The verifier that needs no network once it is loaded: it carries the keys, and the device keeps it for a day."""
    return copy_for_all(render(request, "portal/offline.html", {"keys": keys.key_set(keys.trusted())}))


@public
@require_safe
@cached(300)
def published_keys(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/keys.html", {"rows": list(SigningKey.objects.all()), "did": did_of(base_of(request))})


def _for_anybody(value: dict[str, Any], kind: str) -> JsonResponse:
    """JSON that programs of other sites may read too."""
    response = JsonResponse(value, content_type=kind, json_dumps_params={"ensure_ascii": False})
    response["Access-Control-Allow-Origin"] = "*"
    return response


@public
@require_safe
@cached(300)
def key_set(request: HttpRequest) -> HttpResponse:
    """RFC 7517."""
    return _for_anybody(keys.key_set(keys.trusted()), "application/jwk-set+json")


@public
@require_safe
@cached(300)
def did(request: HttpRequest) -> HttpResponse:
    """The document of `did:web` for this address."""
    return _for_anybody(did_document(base_of(request), keys.trusted()), "application/did+json")


@public
@require_safe
@cached(3600)
def official(request: HttpRequest) -> HttpResponse:
    """Which sites are official, and how to tell those that only look so (facts §2)."""
    return render(request, "portal/look_alikes.html", {"official": sites()})
