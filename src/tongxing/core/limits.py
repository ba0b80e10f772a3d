"""Rate limits for doors that anybody may knock on, counted in the shared cache so that every process sees the same count."""

import time

from django.core.cache import cache
from django.http import HttpRequest

from .errors import Refused


def client_of(request: HttpRequest) -> str:
    """The address the request came from. Behind a proxy the web server must hand it on as REMOTE_ADDR; a header alone is not believed."""
    return str(request.META.get("REMOTE_ADDR", ""))


def allow(action: str, who: str, *, most: int, seconds: int) -> None:
    """Count one use of `action` by `who` in the present window; refuse with the waiting time once `most` is passed.

    Two processes may count the same use at once, so the limit is a bound on order, not to the digit.
    """
    window = int(time.time()) // seconds
    key = f"limit|{action}|{who}|{window}"
    used = cache.get_or_set(key, 0, timeout=seconds * 2) or 0
    if used >= most:
        wait = max(1, ((window + 1) * seconds - int(time.time()) + 59) // 60)
        raise Refused(f"操作太频繁，请约 {wait} 分钟后再试。", code="too_many", status=429)
    cache.set(key, used + 1, timeout=seconds * 2)
