"""The content of lessons: films in pieces, pages of a PDF as pictures."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from tongxing.core.access import requires
from tongxing.files.serving import served, served_in_pieces

from .found import shown_lesson


@requires("desk.use")
@require_GET
def film(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """A film or recording, in the pieces that the player asks for."""
    lesson = shown_lesson(request, uid)
    if lesson.kind != "video" or lesson.file is None:
        raise Http404
    return served_in_pieces(lesson.file, request.headers.get("Range", ""))


@requires("desk.use")
@require_GET
def page(request: HttpRequest, uid: UUID, number: int) -> HttpResponseBase:
    lesson = shown_lesson(request, uid)
    row = get_object_or_404(lesson.pages.select_related("file"), number=number)
    response = served(row.file, inline=True)
    response["Cache-Control"] = "private, max-age=3600"
    return response
