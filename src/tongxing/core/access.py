"""Permission in three forms only: roles as a table (accounts), `visible_to(user)` for sets, `can_…` returning Allowed or Denied."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from .errors import Refused

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


@dataclass(frozen=True)
class Allowed:
    """Truthy answer of a `can_…` rule."""

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True)
class Denied:
    """Falsy answer of a `can_…` rule; `reason` is a Chinese sentence for the user."""

    reason: str

    def __bool__(self) -> bool:
        return False


Answer = Allowed | Denied


def insist(answer: Answer, **details: Any) -> None:
    """Turn a Denied into the refusal of an act; `details` are those of `Refused` (code, clause, status)."""
    if isinstance(answer, Denied):
        raise Refused(answer.reason, **{"code": "not_allowed", "status": 403, **details})


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that anonymous visitors may open; the house test lists every one of them."""
    view.tongxing_public = True  # type: ignore[attr-defined]
    return view


def _back_to(request: HttpRequest) -> str:
    """Where to go after signing in: the page itself, or for a form that was sent the page it stood on (its address may take no GET)."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.netloc != request.get_host():
        return str(settings.LOGIN_REDIRECT_URL)
    return urlunsplit(("", "", came_from.path, came_from.query, ""))


def requires(permission: str) -> Callable[[View[P]], View[P]]:
    """Open a view to signed-in users who hold `permission` ("registry.view") anywhere; which rows they see is `visible_to`'s matter."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            user = request.user
            if not user.is_authenticated:
                return redirect_to_login(_back_to(request))
            if not user.may(permission):
                raise PermissionDenied("您的岗位没有这项权限。如工作需要，请联系系统管理员授权。")
            return view(request, *args, **kwargs)

        inner.tongxing_permission = permission  # type: ignore[attr-defined]
        return inner

    return decorate
