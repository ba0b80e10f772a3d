"""Sessions end when idle and after the longest allowed time; a new password and the second factor come before anything else."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from . import sessions
from .models import User
from .roles import ROLES

TOUCH_EVERY_SECONDS = 60
SECOND_FACTOR_KEY = "second_factor_stands"


class SessionLimitMiddleware:
    """Ends a session that is idle or too old. `is_active` is checked by the sign-in backend on every request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self._limit(request)
        if isinstance(request.user, User) and (page := first_of_all(request, request.user)):
            return redirect(page)
        return self.get_response(request)

    def _limit(self, request: HttpRequest) -> None:
        now = timezone.now().timestamp()
        started = request.session.setdefault("started_at", now)
        seen = request.session.setdefault("seen_at", now)
        too_old = now - started > settings.SESSION_HOURS * 3600
        if too_old or now - seen > settings.SESSION_IDLE_MINUTES * 60:
            sessions.forget(request.session.session_key)
            logout(request)
            # Read by the sign-in page; the message framework has not run yet.
            request.session["expired"] = True
            return
        # A short limit needs finer steps, or somebody at work would be sent out.
        step = min(TOUCH_EVERY_SECONDS, settings.SESSION_IDLE_MINUTES * 60 / 20)
        if now - seen > step and not request.headers.get("X-Background"):
            sessions.touch(request)
        # For the page, which warns in time (core/context.py).
        request.session_seconds = sessions.seconds_left(request)  # type: ignore[attr-defined]


def first_of_all(request: HttpRequest, user: User) -> str | None:
    """The page a user must finish before any other: a new password, then the second factor where a role needs it."""
    if request.path.startswith(reverse("account_logout")):
        return None
    if user.must_change_password:
        page = reverse("account_change_password")
        return None if request.path == page else page
    if not needs_second_factor(request, user):
        return None
    allowed = (reverse("mfa_activate_totp"), reverse("account_reauthenticate"))
    return None if request.path in allowed else allowed[0]


def needs_second_factor(request: HttpRequest, user: User) -> bool:
    if not getattr(settings, "SECOND_FACTOR_REQUIRED", not settings.DEMO) or request.session.get(SECOND_FACTOR_KEY):
        return False
    if not any(ROLES[key].needs_second_factor for key in user.role_keys if key in ROLES):
        return False
    if is_mfa_enabled(user):
        request.session[SECOND_FACTOR_KEY] = True
        return False
    return True
