"""The tree that opens lazily, the search in it, the picker for forms, and outlines for maps."""

import json
from hashlib import sha256

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from tongxing.core.access import requires

from .codes import parent_codes
from .models import Area
from .outlines import collection

FOUND = 50


def _with_children(rows: QuerySet[Area]) -> QuerySet[Area]:
    return rows.annotate(child_count=Count("children")).order_by("code")


def found(text: str, rows: QuerySet[Area]) -> QuerySet[Area]:
    """Areas whose present or former name holds `text`, or whose code begins with it."""
    query = Q(name__icontains=text) | Q(short_name__icontains=text) | Q(former_names__short_name__icontains=text)
    if text.isascii() and text.isdigit() and len(text) <= 12:
        low = int(text.ljust(12, "0"))
        query |= Q(code__gte=low, code__lt=low + 10 ** (12 - len(text)))
    return rows.filter(query).distinct().order_by("code")


@require_GET
@requires("areas.view")
def tree(request: HttpRequest) -> HttpResponse:
    """The whole country on its first level, opened down to the user's own area."""
    areas = Area.objects.visible_to(request.user)
    text = request.GET.get("q", "").strip()
    if text:
        matches = found(text, areas).select_related("parent", "parent__parent")
        return render(request, "areas/tree.html", {"q": text, "matches": matches[:FOUND], "more": matches.count() > FOUND})
    tops = list(_with_children(areas.filter(parent=None)))
    roots = request.user.scope("areas.view").roots  # type: ignore[union-attr]
    opened = _opened(areas, roots[0]) if roots else {}
    return render(request, "areas/tree.html", {"tops": tops, "opened": opened, "total": areas.count()})


def _opened(areas: QuerySet[Area], code: int) -> dict[int, list[Area]]:
    """The children of every area on the way down to `code`, and of `code` itself: one query."""
    way = [*parent_codes(code), code]
    levels: dict[int, list[Area]] = {one: [] for one in way}
    for area in _with_children(areas.filter(parent_id__in=way)):
        levels[area.parent_id or 0].append(area)
    return {one: rows for one, rows in levels.items() if rows}


@require_GET
@requires("areas.view")
def children(request: HttpRequest, code: int) -> HttpResponse:
    area = get_object_or_404(Area.objects.visible_to(request.user), code=code)
    rows = _with_children(Area.objects.visible_to(request.user).filter(parent=area))
    return render(request, "areas/children.html", {"areas": rows})


@require_GET
@requires("areas.view")
def pick(request: HttpRequest) -> HttpResponse:
    """Radio buttons for the picker: what the text finds inside the user's scope, or the areas granted and those below them."""
    scope = request.user.scope("areas.view")  # type: ignore[union-attr]
    rows: QuerySet[Area] = Area.objects.standing().in_scope(scope).select_related("parent")
    text = request.GET.get("q", "").strip()
    rows = found(text, rows) if text else rows.filter(Q(code__in=scope.roots) | Q(parent_id__in=scope.roots)).order_by("code")
    name = request.GET.get("name", "area")[:60]
    return render(request, "areas/pick.html", {"areas": rows[:FOUND], "name": name, "more": rows.count() > FOUND, "q": text})


@require_GET
@requires("areas.view")
def area(request: HttpRequest, code: int) -> HttpResponse:
    row = get_object_or_404(Area.objects.visible_to(request.user).select_related("parent", "successor"), code=code)
    way = Area.objects.filter(code__in=parent_codes(code)).order_by("code")
    context = {
        "area": row,
        "way": way,
        "children": _with_children(Area.objects.filter(parent=row)),
        "former_names": row.former_names.all(),
        "origins": row.origins.select_related("old"),
        "successions": row.successions.select_related("new"),
        "may_edit": request.user.may_at("areas.edit", code),  # type: ignore[union-attr]
    }
    return render(request, "areas/area.html", context)


@require_GET
@requires("areas.view")
def outlines(request: HttpRequest, code: int) -> HttpResponse:
    """GeoJSON of the areas directly below; browsers keep it and ask only whether it changed."""
    parent = get_object_or_404(Area.objects.visible_to(request.user), code=code)
    body = json.dumps(collection(parent), ensure_ascii=False, separators=(",", ":")).encode()
    tag = f'"{sha256(body).hexdigest()[:20]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    return HttpResponse(body, content_type="application/geo+json", headers={"ETag": tag, "Cache-Control": "private, max-age=600"})
