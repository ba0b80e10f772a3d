"""What every request passes through in this house."""

import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from .errors import Refused
from .private_query import is_personal, sealed_query

request_id: ContextVar[str] = ContextVar("request_id", default="")


class RequestIdMiddleware:
    """Give each request an id that audit entries, error pages and logs share."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = request_id.set(uuid.uuid4().hex)
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = request_id.get()
            return response
        finally:
            request_id.reset(token)


class PrivateQueryMiddleware:
    """A personal number searched for by ?q= leads to the same page with a token in its place: it stays out of history, links and exports."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get("q", "")
        # Other programs keep their own logs and follow no redirect; the public asks by certificate number.
        if request.method != "GET" or not text or request.path.startswith("/api/") or not is_personal(text):
            return self.get_response(request)
        query = request.GET.copy()
        query["q"] = sealed_query(text)
        return redirect(f"{request.path}?{query.urlencode()}")


class RefusedMiddleware:
    """Turn `Refused` into one page (or one fragment for htmx) that says what happened and what to do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        if request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse({"code": exception.code, "detail": exception.message}, status=exception.status)
        context = {"refused": exception, "typed": request.POST.get("reason", "")}
        return render(request, "core/refused.html", context, status=exception.status)


class WrongMethodMiddleware:
    """A page instead of nothing where an address that only a button may send is opened as a link, as after a sign-in in between."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or response.content or request.method != "GET":
            return response
        reason = "这个网址要从页面上的按钮提交，不能直接打开；刚才如果重新登录过，那一步没有办成。请回到原来的页面再按一次按钮。"
        page = render(request, "core/error.html", {"title": "没有办成", "reason": reason}, status=405)
        page["Allow"] = response["Allow"]
        return page
