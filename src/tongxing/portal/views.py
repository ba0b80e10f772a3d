"""The public face: works without JavaScript, is cached, and never shows who has not agreed to be shown."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from tongxing.certificates.links import link_of
from tongxing.certificates.official import sites
from tongxing.core.access import public
from tongxing.core.clauses import HEADINGS, cited
from tongxing.core.limits import allow, client_of
from tongxing.core.replica import reads_replica
from tongxing.core.suppression import SMALLEST_CELL

from . import statistics, verification
from .caching import cached


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
@cached(3600)
def verify(request: HttpRequest) -> HttpResponse:
    """The form. An address with ?number= fills the number in; a name does not belong into an address, where logs would keep it."""
    form = VerifyForm(initial={"number": request.GET.get("number", "")[:40]})
    return render(request, "portal/verify.html", {"form": form, "official": sites()})


@public
@csrf_exempt  # nothing changes, and a token would put a cookie on a page that everybody may share
@require_POST
@never_cache
def look_up(request: HttpRequest) -> HttpResponse:
    """By number and name; what is found has an address of its own, that of the QR code, which holds no name."""
    form = VerifyForm(request.POST)
    context: dict[str, object] = {"form": form, "official": sites()}
    if form.is_valid():
        verification.allow_one(client_of(request))
        found = verification.by_number_and_name(form.cleaned_data["number"], form.cleaned_data["name"])
        if found:
            return redirect(link_of(found))
        context["not_found"] = verification.NOT_FOUND
    return render(request, "portal/verify.html", context)


@public
@require_safe
@never_cache
@reads_replica
def verified(request: HttpRequest, token: str) -> HttpResponse:
    """What a certificate's QR code opens. The link cannot be guessed: the limit only spares the server."""
    allow("portal.verified", client_of(request), most=120, seconds=600, settle_every=20)
    found = verification.by_token(token)
    context = {"found": found, "not_found": verification.NOT_FOUND}
    return render(request, "portal/verified.html", context, status=200 if found else 404)
