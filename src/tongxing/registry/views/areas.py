"""The card on an area's page: what stands there, and moving all of it when the area has ended."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.models import User
from tongxing.areas.models import Area
from tongxing.core.access import requires
from tongxing.registry.forms.organisations import PlaceForm
from tongxing.registry.resettling import resettle, standing_in
from tongxing.registry.rules import can_edit_at


@requires("registry.view")
@require_GET
def of_area(request: HttpRequest, code: int) -> HttpResponse:
    user = cast("User", request.user)
    area = get_object_or_404(Area.objects.in_scope(user.scope("registry.view")), code=code)
    standing = standing_in(area, user)
    ended = area.valid_until is not None and area.valid_until <= timezone.localdate()
    context = {"area": area, "standing": standing, "ended": ended}
    if ended and any(standing) and can_edit_at(user, area.code):
        successor = area.successions.filter(new__valid_until=None).values_list("new_id", flat=True).first()
        context["form"] = PlaceForm(user=user, initial={"area": successor})
    return render(request, "registry/area_standing.html", context)


@requires("registry.edit")
@require_POST
def resettle_area(request: HttpRequest, code: int) -> HttpResponse:
    user = cast("User", request.user)
    area = get_object_or_404(Area.objects.in_scope(user.scope("registry.edit")), code=code)
    form = PlaceForm(request.POST, user=user)
    if form.is_valid():
        into = form.cleaned_data["area"]
        moved = resettle(area, into, by=user)
        messages.success(request, f"已划到{into}：单位 {moved.organisations} 个，责任片区 {moved.duty_areas} 个，人员一并划转。")
    else:
        messages.error(request, "还没有划转：请先选择划到哪个镇街或园区。")
    return redirect("gazetteer:area", code)
