"""Pages of announcements and results of skill-level evaluation, and objections to a result while it stands in notice."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from tongxing.core.access import public
from tongxing.core.identifiers import squeeze
from tongxing.evaluation import objecting

from . import assessments as assessing
from .caching import cached
from .objecting import CITIZEN, ResultObjectionForm, received


@public
@require_safe
@cached(300)
def assessments(request: HttpRequest) -> HttpResponse:
    """What evaluation announces, and which results stand in public notice."""
    context = {"announced": assessing.announced(), "notices": assessing.in_notice()}
    return render(request, "portal/assessments.html", context)


def _show(request: HttpRequest, uid: UUID, form: ResultObjectionForm, **more: Any) -> HttpResponse:
    """The results of one batch while they stand in notice; afterwards there is no such page."""
    found = assessing.notice(uid)
    if found is None:
        raise Http404
    batch, lines = found
    open_still = batch.notice_until is not None and timezone.localdate() <= batch.notice_until
    context = {"batch": batch, "lines": lines, "open": open_still, "form": form}
    return render(request, "portal/assessment_notice.html", context | more, status=422 if form.errors else 200)


@public
@require_safe
@cached(300)
def assessment_notice(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _show(request, uid, ResultObjectionForm())


@public
@csrf_exempt  # anybody may object without a cookie; what it changes is looked into by people
@require_POST
@never_cache
def assessment_objection(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Whether a case on this name was open already is told to nobody: the answer is the same."""
    found, form = assessing.notice(uid), ResultObjectionForm(request.POST)
    if found is None:
        raise Http404

    def enter(typed: dict[str, Any]) -> None:
        objecting.object_in_public(found[0], squeeze(typed.pop("reference")), by=CITIZEN, **typed)

    if received(request, form, enter):
        return _show(request, uid, ResultObjectionForm(), received=True)
    return _show(request, uid, form)
