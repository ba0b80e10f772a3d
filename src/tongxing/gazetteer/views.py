"""The division tree, opened branch by branch; one area with its history; outlines for maps."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongxing.accounts.models import Grant, User
from tongxing.areas.models import Area, AreaOutline, FormerName, Kind
from tongxing.audit import history
from tongxing.audit.conflicts import Watch
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.core.private_query import query_text

from . import changes, outlines, successions
from .forms import CloseForm, MergeForm, ParkForm, RenameForm, SplitForm

SHOWN = 50
# What entries about an area hold besides its own fields.
ENTRY_LABELS = {
    "areas": "合并的区划",
    "into": "划入或拆出",
    "kept": "原区划保留",
    "on": "生效日",
    "successors": "原继任区划",
    "organisations": "单位",
    "people": "人员",
    "coordinators": "协调员",
    "duty_areas": "责任片区",
}


def _branch(user: object, parent: Area | None) -> QuerySet[Area]:
    """The children of one area (the tops without one), each with the number of its own: one query."""
    return Area.objects.visible_to(user).filter(parent=parent).annotate(below=Count("children"))


def _may_edit(request: HttpRequest, area: Area) -> bool:
    return bool(request.user.may_at("areas.edit", area.code))  # type: ignore[union-attr]


@require_GET
@requires("areas.view")
def tree(request: HttpRequest) -> HttpResponse:
    wanted = query_text(request)
    found: list[Area] = []
    if wanted:
        match = Q(code=int(wanted.ljust(12, "0"))) if wanted.isdecimal() and len(wanted) <= 12 else Q(name__contains=wanted)
        match |= Q(pk__in=FormerName.objects.filter(name__contains=wanted).values("area_id"))
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


def _panels(row: Area) -> list[tuple[str, str]]:
    """Cards that higher rooms hang on an area's page: (title, address) from settings; a room that is absent leaves its card out."""
    found = []
    for heading, name in settings.AREA_PANELS:
        with suppress(NoReverseMatch):
            found.append((heading, reverse(name, args=[row.code])))
    return found


@require_GET
@requires("areas.view")
def area(request: HttpRequest, code: int) -> HttpResponse:
    row = get_object_or_404(Area.objects.visible_to(request.user).select_related("parent"), code=code)
    context = {
        "area": row,
        "children": _branch(request.user, row)[: SHOWN * 4],
        "changes": history.changes(row, ENTRY_LABELS),
        "outlined": AreaOutline.objects.filter(area=row).exists(),
        "may_edit": _may_edit(request, row),
        "is_county": row.kind == Kind.COUNTY,
        "former_names": row.former_names.all(),
        "origins": row.origins.select_related("old"),
        "successions": row.successions.select_related("new"),
        "grants": Grant.objects.current().visible_to(request.user).filter(area=row).select_related("user") if row.valid_until else [],
        "panels": _panels(row) if row.is_leaf else [],
    }
    return render(request, "gazetteer/area.html", context)


def _actor(request: HttpRequest) -> User:
    return cast("User", request.user)


def _editable(request: HttpRequest, code: int) -> Area:
    scope = request.user.scope("areas.edit")  # type: ignore[union-attr]
    return get_object_or_404(Area.objects.in_scope(scope), code=code)


def _page(request: HttpRequest, row: Area, form: Form, title: str, submit: str, act: Callable[[dict[str, Any]], Area]) -> HttpResponse:
    """Show the form; when it is valid, run `act` and open the area it returns, or show with the form why the act refused."""
    watch = Watch(lambda: [row])
    if form.is_valid():
        try:
            with watch.unmoved(request):
                done = act(form.cleaned_data)
            return redirect("gazetteer:area", done.code)
        except Refused as refused:
            form.add_error(None, refused.message)
    context = {"form": form, "area": row, "title": title, "submit": submit, "seen": watch.seen}
    return render(request, "gazetteer/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires("areas.edit")
def add_park(request: HttpRequest, code: int) -> HttpResponse:
    county = _editable(request, code)
    form = ParkForm(request.POST or None)
    return _page(request, county, form, "新增园区、片区", "新增", lambda facts: changes.add_park(county, by=_actor(request), **facts))


@require_http_methods(["GET", "POST"])
@requires("areas.edit")
def rename(request: HttpRequest, code: int) -> HttpResponse:
    row = _editable(request, code)
    form = RenameForm(request.POST or None, initial={"name": row.name, "short_name": row.short_name})
    return _page(request, row, form, "更名", "保存新名称", lambda facts: changes.rename(row, by=_actor(request), **facts))


@require_http_methods(["GET", "POST"])
@requires("areas.edit")
def close(request: HttpRequest, code: int) -> HttpResponse:
    row = _editable(request, code)
    form = CloseForm(request.POST or None)
    return _page(request, row, form, "停用", "停用", lambda facts: changes.close(row, by=_actor(request), **facts))


@require_http_methods(["GET", "POST"])
@requires("areas.edit")
def merge(request: HttpRequest, code: int) -> HttpResponse:
    row = _editable(request, code)
    form = MergeForm(request.POST or None, area=row, initial={"areas": [row.pk]})

    def act(facts: dict[str, Any]) -> Area:
        new = successions.merge_areas(list(facts.pop("areas")), by=_actor(request), **facts)
        messages.success(request, f"已合并为“{new}”。原区划里的单位和人员没有移动，请在各原区划页上划转。")
        return new

    return _page(request, row, form, "与其他镇街、园区合并", "确认合并", act)


@require_http_methods(["GET", "POST"])
@requires("areas.edit")
def split(request: HttpRequest, code: int) -> HttpResponse:
    row = _editable(request, code)

    def act(facts: dict[str, Any]) -> Area:
        made = successions.split_area(row, by=_actor(request), **facts)
        messages.success(request, f"已拆分出{'、'.join(map(str, made))}。“{row}”里的单位和人员没有移动，请在下面划转。")
        return row

    return _page(request, row, SplitForm(request.POST or None), "拆分", "确认拆分", act)


@require_POST
@requires("areas.edit")
def reopen(request: HttpRequest, code: int) -> HttpResponse:
    row = changes.reopen(_editable(request, code), by=_actor(request), reason="重新启用")
    return redirect("gazetteer:area", row.code)


@require_GET
@requires("areas.view")
def outline(request: HttpRequest, code: int) -> HttpResponse:
    """GeoJSON of an area's children for maps; kept by the browser for a day."""
    response = JsonResponse(outlines.collection(code), json_dumps_params={"ensure_ascii": False})
    patch_cache_control(response, private=True, max_age=86_400)
    return response
