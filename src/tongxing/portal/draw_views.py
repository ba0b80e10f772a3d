"""Public pages of inspection plans: the list, one plan, and the record of a draw to do it again."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from tongxing.core.access import public
from tongxing.supervision.drawing import public_record
from tongxing.supervision.models import Draw, Plan

from . import draws as inspecting
from .caching import cached


@public
@require_safe
@cached(300)
def draws(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/draws.html", {"plans": inspecting.plans()})


@public
@require_safe
@cached(300)
def draw(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What was promised, and what came out once it is published."""
    plan = inspecting.plan_of(uid)
    if plan is None:
        raise Http404
    return render(request, "portal/draw.html", {"plan": plan, "draws": inspecting.draws_of(plan)})


@public
@require_safe
@cached(300)
def draw_record(request: HttpRequest, uid: UUID, number: int) -> HttpResponse:
    """The record of a draw as a file: `tongxing draw-check` and anybody's own program do the draw again with it."""
    row = get_object_or_404(Draw.objects.select_related("plan").filter(plan__in=Plan.objects.public()), plan__uid=uid, number=number)
    answer = JsonResponse(public_record(row), json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="{row.plan.code}-{row.number}.json"'
    return answer
