"""The public status list: which credentials no longer hold."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from tongxing.core.access import public
from tongxing.core.limits import allow, client_of
from tongxing.credentials.issuer import base_of
from tongxing.credentials.models import StatusList
from tongxing.credentials.statuses import published

from .handing_out import CREDENTIAL


@public
@require_safe
@cache_control(public=True, max_age=60)
def status_list(request: HttpRequest, number: int) -> HttpResponse:
    """The whole list, so that nobody learns which credential the asker means."""
    allow("credentials.status", client_of(request), most=120, seconds=600, settle_every=20)
    row = get_object_or_404(StatusList, number=number)
    response = HttpResponse(published(row, base_of(request)), content_type=CREDENTIAL)
    response["Access-Control-Allow-Origin"] = "*"
    return response
