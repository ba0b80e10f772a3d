"""Pages that change the tree: each a form, an act, and back to the area."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tongxing.core.access import requires
from tongxing.core.errors import Refused

from . import divisions
from .forms import AddForm, CloseForm, MergeForm, RenameForm, SplitForm
from .models import Area


def _editable(request: HttpRequest, code: int) -> Area:
    scope = request.user.scope("areas.edit")  # type: ignore[union-attr]
    return get_object_or_404(Area.objects.in_scope(scope), code=code)


def _page(request: HttpRequest, area: Area, form: forms.Form, title: str, act: Callable[[dict[str, Any]], str]) -> HttpResponse:
    """Show the form; when it is valid, run `act` and go back to the area, or show why the act refused."""
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, act(form.cleaned_data))
            return redirect("areas:area", code=area.code)
        except Refused as refused:
            form.add_error(None, refused.message)
    context = {"area": area, "form": form, "title": title, "back": reverse("areas:area", args=[area.code])}
    return render(request, "areas/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires("areas.edit")
def add(request: HttpRequest, code: int) -> HttpResponse:
    parent = _editable(request, code)

    def act(facts: dict[str, Any]) -> str:
        made = divisions.add_area(parent, by=request.user, **facts)
        return f"已新增“{made.short_name}”，代码 {made.code}。"

    return _page(request, parent, AddForm(request.POST or None), f"在“{parent.short_name}”之下新增区划", act)


@require_http_methods(["GET", "POST"])
@requires("areas.edit")
def rename(request: HttpRequest, code: int) -> HttpResponse:
    area = _editable(request, code)

    def act(facts: dict[str, Any]) -> str:
        divisions.rename(area, by=request.user, **facts)
        return f"已更名为“{facts['short_name']}”，原名仍可查到。"

    initial = {"name": area.name, "short_name": area.short_name, "version": area.version}
    return _page(request, area, RenameForm(request.POST or None, initial=initial), f"“{area.short_name}”更名", act)


@require_http_methods(["GET", "POST"])
@requires("areas.edit")
def close(request: HttpRequest, code: int) -> HttpResponse:
    area = _editable(request, code)

    def act(facts: dict[str, Any]) -> str:
        divisions.close_area(area, by=request.user, **facts)
        return f"“{area.short_name}”自 {facts['on']} 起停用。"

    return _page(request, area, CloseForm(request.POST or None), f"停用“{area.short_name}”", act)


@require_http_methods(["GET", "POST"])
@requires("areas.edit")
def merge(request: HttpRequest, code: int) -> HttpResponse:
    into = _editable(request, code)

    def act(facts: dict[str, Any]) -> str:
        divisions.merge_areas(list(facts["areas"]), into=into, on=facts["on"], reason=facts["reason"], by=request.user)
        return f"已并入“{into.short_name}”。"

    return _page(request, into, MergeForm(request.POST or None, into=into), f"把其他镇街、园区并入“{into.short_name}”", act)


@require_http_methods(["GET", "POST"])
@requires("areas.edit")
def split(request: HttpRequest, code: int) -> HttpResponse:
    area = _editable(request, code)

    def act(facts: dict[str, Any]) -> str:
        made = divisions.split_area(area, by=request.user, **facts)
        return f"“{area.short_name}”已拆分为{'、'.join(one.short_name for one in made)}。"

    return _page(request, area, SplitForm(request.POST or None), f"拆分“{area.short_name}”", act)
