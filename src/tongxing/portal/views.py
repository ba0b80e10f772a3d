"""The public face: works without JavaScript, is cached, and never shows who has not agreed to be shown."""

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tongxing.core.access import public
from tongxing.core.clauses import HEADINGS, cited
from tongxing.core.limits import allow, client_of
from tongxing.core.replica import reads_replica

from . import statistics, verification
from .caching import cached
from .suppression import SMALLEST_CELL


class VerifyForm(forms.Form):
    number = forms.CharField(label="证书编号", max_length=40, help_text="印在证书下方，22 位（以前的职业资格证书为 16 位）")
    name = forms.CharField(label="持证人姓名", max_length=64)


@public
@require_safe
@cached(300)
def home(request: HttpRequest) -> HttpResponse:
    found = statistics.current()
    response = render(request, "portal/home.html", {"statistics": found, "smallest": SMALLEST_CELL})
    if found is None:
        add_never_cache_headers(response)
    return response


@public
@require_safe
@cached(3600)
def programme(request: HttpRequest) -> HttpResponse:
    grounds = [(number, cited(f"notice:{number}"), text) for number, text in HEADINGS.items()]
    return render(request, "portal/programme.html", {"grounds": grounds})


@public
@require_safe
@never_cache
@reads_replica
def verify(request: HttpRequest) -> HttpResponse:
    """A look-up, so GET: the address of an answer can be kept; but the answer itself is never cached."""
    asked = bool(request.GET)
    form = VerifyForm(request.GET if asked else None)
    found = None
    if asked and form.is_valid():
        allow("portal.verify", client_of(request), most=30, seconds=600)
        found = verification.by_number_and_name(form.cleaned_data["number"], form.cleaned_data["name"])
    searched = asked and form.is_valid()
    context = {
        "form": form,
        "searched": searched,
        "found": found,
        "not_found": verification.NOT_FOUND,
        "sites": settings.OFFICIAL_VERIFICATION_SITES,
    }
    return render(request, "portal/verify.html", context)


@public
@require_safe
@never_cache
@reads_replica
def verified(request: HttpRequest, token: str) -> HttpResponse:
    """What a certificate's QR code opens."""
    allow("portal.verify", client_of(request), most=120, seconds=600)
    found = verification.by_token(token)
    context = {
        "form": VerifyForm(),
        "searched": True,
        "found": found,
        "not_found": verification.NOT_FOUND,
        "sites": settings.OFFICIAL_VERIFICATION_SITES,
    }
    return render(request, "portal/verify.html", context, status=200 if found else 404)
