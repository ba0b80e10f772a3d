"""Serving files: only after a permission check, as an attachment; inline only for pictures and PDF, and only when asked."""

import uuid

from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.audit import log
from tongxing.core.access import requires

from .models import StoredFile
from .serving import served


@require_GET
@requires("files.use")
def download(request: HttpRequest, uid: uuid.UUID) -> FileResponse:
    user = user_of(request)
    file = get_object_or_404(StoredFile.objects.visible_to(user), uid=uid)
    if file.owner_id != user.pk:
        log.record("files.download", by=user, of=file, after={"用途": file.purpose})
    return served(file, inline="inline" in request.GET)
