"""What every operation asks first: may this token do that, and which part of a long list is wanted."""

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TypeVar

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from ninja.throttling import BaseThrottle

from tongxing.accounts.models import User
from tongxing.core.errors import Refused
from tongxing.core.limits import seconds_to_wait

from .models import Scope, Token

M = TypeVar("M", bound=Model)


def token_of(request: HttpRequest) -> Token:
    """The token that the request came with; every operation asks for one (`TokenAuth`)."""
    token: Token = vars(request)["auth"]
    return token


def asker(request: HttpRequest, permission: str, scope: Scope = Scope.READ) -> User:
    """The user behind the token; raises PermissionDenied when the token lacks the scope or the user the permission."""
    token = token_of(request)
    if scope not in token.scopes:
        raise PermissionDenied(f"令牌没有“{scope.label}”范围。")
    if not token.user.may(permission):
        raise PermissionDenied("令牌所属账号的岗位没有这项权限。")
    return token.user


def page(rows: QuerySet[M], cursor: str, limit: int) -> tuple[list[M], str | None]:
    """Rows after the cursor in the order of the primary key, and the cursor of the next page or None."""
    if cursor:
        rows = rows.filter(pk__gt=_open(cursor))
    found = list(rows.order_by("pk")[: limit + 1])
    more = len(found) > limit
    return found[:limit], _close(found[limit - 1].pk) if more else None


def _close(key: int) -> str:
    return urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def _open(cursor: str) -> int:
    try:
        return int(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        raise Refused("cursor 不对。请原样使用上一页给出的 next。", code="bad_cursor", status=422) from None


class RateLimit(BaseThrottle):
    """At most settings.API_REQUESTS_PER_MINUTE for each token; counted in the shared cache, so that all processes count together."""

    def allow_request(self, request: HttpRequest) -> bool:
        token = token_of(request)
        return not seconds_to_wait("api", str(token.pk), most=settings.API_REQUESTS_PER_MINUTE, seconds=60)

    def wait(self) -> float:
        return 60 - time.time() % 60
