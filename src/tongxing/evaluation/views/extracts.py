"""Photos and extracts of a batch that was issued."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.credentials.issuer import base_of
from tongxing.evaluation import extracts

from .fetching import managed


@requires("evaluation.issue")
@require_POST
def photos_take(request: HttpRequest, uid: UUID) -> HttpResponse:
    batch = managed(request, uid)
    try:
        taken = extracts.take_photos(batch, by=user_of(request))
    except Refused as refused:
        if refused.status == 403:
            raise
        messages.error(request, refused.message)
    else:
        messages.success(request, f"取了 {taken.photos} 张报名照片，出具摘录时使用。请抽看是不是本人。")
        for one in taken.refused[:5]:
            messages.warning(request, one)
    return redirect("evaluation:results", batch.uid)


@requires("evaluation.issue")
@require_POST
def extracts_print(request: HttpRequest, uid: UUID) -> HttpResponse:
    batch = managed(request, uid)
    response = HttpResponse(extracts.print_batch(batch, base=base_of(request), by=user_of(request)), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="extracts-batch-{batch.pk}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response
