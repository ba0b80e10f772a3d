"""Pages that put several rooms together: today's work, the leaders' page, search."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from tongxing.accounts.requests import user_of
from tongxing.areas.models import AreaOutline
from tongxing.core.access import requires
from tongxing.core.private_query import LONGEST, query_text, sealed_query

from . import today
from .chores import chores
from .finding import LEAST, find_all
from .navigation import address
from .standing import Standing, answer, change_since, last_month, lists_of, place, standing, units_address
from .tilemap import tile_map


@requires("desk.use")
def home(request: HttpRequest) -> HttpResponse:
    since = today.last_visit(request)
    reads_figures = user_of(request).may("targets.view") and user_of(request).scope("targets.view").roots
    area = place(request).area if reads_figures else None
    shown = standing(area) if area else None
    context: dict[str, Any] = {
        "todos": today.todos(request),
        "steps": today.steps(request),
        "chores": chores(request),
        "since": since,
        "changes": today.changes(request, since),
        "cards": _cards(shown, area.code) if shown and area else [],
        "sentence": answer(shown.chosen, shown.rows) if shown and shown.chosen and shown.chosen.counted else "",
        "own_record": address("registry:own-record") if user_of(request).may("registry.own_record") else "",
        "today": timezone.localdate(),
    }
    response = render(request, "desk/home.html", context)
    response.set_cookie(today.VISITS, f"{since}|{timezone.localdate()}", max_age=31_536_000, httponly=True, samesite="Lax")
    return response


@requires("targets.view")
def dashboard(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/dashboard.html", _leaders_page(request))


@requires("targets.view")
def big_screen(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/big_screen.html", {**_leaders_page(request), "refresh_seconds": 300})


def _leaders_page(request: HttpRequest) -> dict[str, Any]:
    here = place(request)
    shown = standing(here.area, request.GET.get("target", ""))
    chosen = shown.chosen
    link = units_address(chosen.key, "{code}") if chosen else ""
    return {
        "here": here,
        "standing": shown,
        "cards": _cards(shown, here.area.code),
        "sentence": answer(chosen, shown.rows) if chosen else "",
        "map": tile_map(here.area.code, shown.rows, link) if chosen else None,
        "rows": [(area, figure, lists_of(figure, area.code, own=area.code == here.area.code)) for area, figure in shown.rows],
        "total": lists_of(chosen, here.area.code) if chosen else {},
        "today": timezone.localdate(),
        "has_outlines": AreaOutline.objects.filter(area__in=[area.code for area, _ in shown.rows]).exists(),
        "chart_query": f"area={here.area.code}&target={chosen.key}" if chosen else "",
    }


def _cards(shown: Standing, area_code: int) -> list[dict[str, Any]]:
    """One card a target: the figure, its list of names, the list of those missing, the change since last month."""
    before = last_month(area_code)
    return [
        {
            "figure": figure,
            "url": "" if figure.no_data else units_address(figure.key, area_code),
            "vacant_url": units_address(figure.key, area_code, "vacant"),
            "lists": lists_of(figure, area_code),
            "delta": change_since(figure, before.get(figure.key)),
            "tone": "grey" if figure.no_data or not figure.counted else "green" if figure.met else "red" if figure.is_late else "amber",
        }
        for figure in shown.figures
    ]


@requires("desk.use")
def search(request: HttpRequest) -> HttpResponse:
    text = query_text(request)
    groups = find_all(text, request, limit=50)
    context = {"text": text, "groups": groups, "too_short": len(text) < LEAST, "organisations": address("registry:organisations")}
    return render(request, "desk/search.html", context)


@requires("desk.use")
@require_POST
def seal_query(request: HttpRequest) -> HttpResponse:
    """The search text as it may stand in an address: a personal number becomes a token."""
    return JsonResponse({"q": sealed_query(request.POST.get("q", "")[:LONGEST])})


@requires("desk.use")
def palette(request: HttpRequest) -> HttpResponse:
    text = query_text(request)
    return render(request, "desk/palette_results.html", {"text": text, "groups": find_all(text, request, limit=8)})
