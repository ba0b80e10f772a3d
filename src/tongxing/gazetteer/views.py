"""The division tree, opened branch by branch; one area with its history; outlines for maps."""

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongxing.areas.models import Area, AreaOutline, Kind
from tongxing.audit import history
from tongxing.core.access import requires

from . import changes, outlines
from .forms import CloseForm, ParkForm, RenameForm

SHOWN = 50


def _branch(user: object, parent: Area | None) -> QuerySet[Area]:
    """The children of one area (the tops without one), each with the number of its own: one query."""
    return Area.objects.visible_to(user).filter(parent=parent).annotate(below=Count("children"))


def _may_edit(request: HttpRequest, area: Area) -> bool:
    return bool(request.user.may_at("areas.edit", area.code))  # type: ignore[union-attr]


@require_GET
@requires("areas.view")
def tree(request: HttpRequest) -> HttpResponse:
    wanted = request.GET.get("q", "").strip()
    found: list[Area] = []
    if wanted:
        match = Q(code=int(wanted.ljust(12, "0"))) if wanted.isdecimal() and len(wanted) <= 12 else Q(name__contains=wanted)
        found = list(Area.objects.visible_to(request.user).filter(match).select_related("parent__parent")[: SHOWN + 1])
    roots = request.user.scope("areas.view").roots  # type: ignore[union-attr]
    mine = Area.objects.filter(code__in=roots).annotate(below=Count("children"))
    context = {"q": wanted, "found": found[:SHOWN], "more": len(found) > SHOWN, "mine": mine, "tops": _branch(request.user, None)}
    return render(request, "gazetteer/tree.html", context)


@require_GET
@requires("areas.view")
def branch(request: HttpRequest, code: int) -> HttpResponse:
    parent = get_object_or_404(Area.objects.visible_to(request.user), code=code)
    return render(request, "gazetteer/branch.html", {"areas": _branch(request.user, parent)})


@require_GET
@requires("areas.view")
def area(request: HttpRequest, code: int) -> HttpResponse:
    row = get_object_or_404(Area.objects.visible_to(request.user).select_related("parent", "successor"), code=code)
    context = {
        "area": row,
        "children": _branch(request.user, row)[: SHOWN * 4],
        "changes": history.changes(row),
        "outlined": AreaOutline.objects.filter(area=row).exists(),
        "may_edit": _may_edit(request, row),
        "is_county": row.kind == Kind.COUNTY,
    }
    return render(request, "gazetteer/area.html", context)


def _editable(request: HttpRequest, code: int) -> Area:
    scope = request.user.scope("areas.edit")  # type: ignore[union-attr]
    return get_object_or_404(Area.objects.in_scope(scope), code=code)


@require_http_methods(["GET", "POST"])
@requires("areas.edit")
def add_park(request: HttpRequest, code: int) -> HttpResponse:
    county = _editable(request, code)
    form = ParkForm(request.POST or None)
    if form.is_valid():
        row = changes.add_park(county, by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        return redirect("gazetteer:area", row.code)
    return render(request, "gazetteer/form.html", {"form": form, "area": county, "title": "新增园区、片区", "submit": "新增"})


@require_http_methods(["GET", "POST"])
@requires("areas.edit")
def rename(request: HttpRequest, code: int) -> HttpResponse:
    row = _editable(request, code)
    form = RenameForm(request.POST or None, initial={"name": row.name, "short_name": row.short_name})
    if form.is_valid():
        changes.rename(row, by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        return redirect("gazetteer:area", row.code)
    return render(request, "gazetteer/form.html", {"form": form, "area": row, "title": "更名", "submit": "保存新名称"})


@require_http_methods(["GET", "POST"])
@requires("areas.edit")
def close(request: HttpRequest, code: int) -> HttpResponse:
    row = _editable(request, code)
    form = CloseForm(request.POST or None, area=row)
    if form.is_valid():
        changes.close(row, by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        return redirect("gazetteer:area", row.code)
    return render(request, "gazetteer/form.html", {"form": form, "area": row, "title": "停用或撤并", "submit": "停用"})


@require_POST
@requires("areas.edit")
def reopen(request: HttpRequest, code: int) -> HttpResponse:
    row = changes.reopen(_editable(request, code), by=request.user, reason="重新启用")  # type: ignore[arg-type]
    return redirect("gazetteer:area", row.code)


@require_GET
@requires("areas.view")
def outline(request: HttpRequest, code: int) -> HttpResponse:
    """GeoJSON of an area's children for maps; kept by the browser for a day."""
    response = JsonResponse(outlines.collection(code), json_dumps_params={"ensure_ascii": False})
    patch_cache_control(response, private=True, max_age=86_400)
    return response
