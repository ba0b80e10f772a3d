"""Sessions end when idle, after the longest allowed time, and at once when the account is disabled."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

TOUCH_EVERY_SECONDS = 60


class SessionLimitMiddleware:
    """Ends a session that is idle or too old. `is_active` is checked by the sign-in backend on every request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = timezone.now().timestamp()
            started = request.session.setdefault("started_at", now)
            seen = request.session.setdefault("seen_at", now)
            too_old = now - started > settings.SESSION_HOURS * 3600
            if too_old or now - seen > settings.SESSION_IDLE_MINUTES * 60:
                logout(request)
                messages.info(request, "登录已过期，请重新登录。您保存过的草稿还在。")
            elif now - seen > TOUCH_EVERY_SECONDS and not request.headers.get("X-Background"):
                request.session["seen_at"] = now
        return self.get_response(request)
