"""Two views of a few lines each, and the product's addresses, because its middlewares name some of them."""

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from tongxing.certificates.models import Certificate
from tongxing.config.urls import urlpatterns as product
from tongxing.registry.models import Organisation


def verify(request: HttpRequest, token: str) -> HttpResponse:
    """One signed link, one query, one small page."""
    uid = signing.loads(token, salt="tongxing.certificate")
    return render(request, "verify.html", {"certificate": Certificate.objects.select_related("person").get(uid=uid)})


def organisations(request: HttpRequest) -> HttpResponse:
    """The first page of a list: 25 rows as a table."""
    rows = Organisation.objects.select_related("area").order_by("name", "id")[:25] if request.user.is_authenticated else ()
    return render(request, "organisations.html", {"rows": rows})


urlpatterns = [path("verify/<str:token>/", verify), path("registry/organisations/", organisations), *product]
