"""What a user keeps for their own comfort: saved views of list pages and large print. No consequences, so no acts and no audit."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from tongxing.accounts.models import SavedView
from tongxing.accounts.requests import user_of
from tongxing.core.access import requires

QUERY_LIMIT = 2_000


@requires("desk.use")
@require_POST
def view_save(request: HttpRequest) -> HttpResponse:
    name = request.POST.get("name", "").strip()[:60]
    page = request.POST.get("page", "")[:60]
    query = request.POST.get("query", "")[:QUERY_LIMIT]
    if not name or not page:
        messages.error(request, "视图没有保存：请先给它起个名称。")
        return redirect(back(request))
    defaults = {"query": query, "shared": request.POST.get("shared") == "1"}
    SavedView.objects.update_or_create(user=user_of(request), page=page, name=name, defaults=defaults)
    messages.success(request, f"已保存为常用视图“{name}”。")
    return redirect(back(request))


@requires("desk.use")
@require_POST
def view_remove(request: HttpRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(SavedView, pk=pk, user=user_of(request))
    view.delete()
    messages.success(request, f"已删除视图“{view.name}”。")
    return redirect(back(request))


@requires("desk.use")
@require_POST
def large_print(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    user.large_print = not user.large_print
    user.save(update_fields=["large_print"])
    response = redirect(back(request))
    # Public pages know no user; the cookie carries the choice there.
    response.set_cookie("tx_large", "1" if user.large_print else "0", max_age=31_536_000, samesite="Lax", secure=request.is_secure())
    return response


def back(request: HttpRequest) -> str:
    """Where the user came from; never another site."""
    wish = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wish, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wish if safe else "/desk/"
