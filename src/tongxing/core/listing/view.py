"""The one view behind every list page: GET shows it (or only its rows, for htmx), POST hands out the workbook."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods

from tongxing.core.access import requires
from tongxing.core.replica import from_replica

from .export import workbook
from .page import Listing, ListPage
from .paging import HeldRows

ID_LIMIT = 5_000
CAME_BY = "tx_list"


def list_view(declaration: type[ListPage]) -> Callable[..., HttpResponseBase]:
    """The view of a declared list page: path("organisations/", list_view(OrganisationList), name="organisations")."""

    @requires(declaration.permission)
    @require_http_methods(["GET", "HEAD", "POST"])
    def view(request: HttpRequest, /, **kwargs: Any) -> HttpResponseBase:
        page = declaration()
        page.prepare(request, **kwargs)
        if request.method == "POST":
            return _export(request, page)
        listing = Listing(page, request)
        partial = request.headers.get("HX-Target") == "listing"
        template = "core/list_rows.html" if partial else "core/list.html"
        context = {"listing": listing, "page": page} if partial else {"listing": listing, "page": page, **page.context(request)}
        response: HttpResponse = render(request, template, context)
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
        return came_by(request, response)

    view.__name__ = view.__qualname__ = declaration.__name__
    view.__module__ = declaration.__module__
    return view


def came_by(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let the navigation of the pages opened from this list know which list it was: a path, no more, until the browser closes."""
    if request.COOKIES.get(CAME_BY) != request.path:
        response.set_cookie(CAME_BY, request.path, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax")
    return response


def selected(request: HttpRequest, declaration: type[ListPage]) -> QuerySet[Any]:
    """The rows a bulk POST is about: the ticked ones, or with all=1 every row that the query string asks for; only visible ones."""
    page = declaration()
    page.prepare(request)
    rows: QuerySet[Any] = _chosen(request, page)
    return rows


def _chosen(request: HttpRequest, page: ListPage) -> Any:
    if request.POST.get("all") == "1":
        return page.matching(request)
    rows, ids = page.rows(request), request.POST.getlist("ids")[:ID_LIMIT]
    if isinstance(rows, HeldRows):
        return rows.picked(ids)
    return rows.filter(pk__in=[value for value in ids if value.isdecimal() and len(value) < 19])


def _export(request: HttpRequest, page: ListPage) -> HttpResponseBase:
    user: Any = request.user
    if not page.may_export(user):
        raise PermissionDenied("您的岗位不能导出这张名单。如工作需要，请联系系统管理员授权。")

    def written() -> HttpResponseBase:
        rows = _chosen(request, page) if request.POST.getlist("ids") else page.matching(request)
        return workbook(request, page, rows)

    return from_replica(request, written)
