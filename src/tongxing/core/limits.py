"""Rate limits for doors that anybody may knock on, counted in the shared cache so that every process sees the same count."""

import time
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from .errors import Refused
from .locks import one_at_a_time

IPV6_PREFIX = 64
"""One household or office holds a whole /64: its addresses count as one."""


def client_of(request: HttpRequest) -> str:
    """The address the request came from.

    `X-Forwarded-For` is believed only from the proxies named in settings.TRUSTED_PROXIES, from right to left, as far as each hop is one
    of them: what stands further left was written by the client. Where the header makes no sense the proxy's own address counts for all
    its clients, which is too strict rather than too lax.
    """
    sender = str(request.META.get("REMOTE_ADDR", ""))
    found = _address(sender)
    if found is None or not _trusted(found):
        return str(found or sender)
    last = found
    for hop in reversed(str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")):
        said = _address(hop.strip())
        if said is None:
            return str(found)
        last = said
        if not _trusted(said):
            break
    return str(last)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _trusted(address: IPv4Address | IPv6Address) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES)


def seconds_to_wait(action: str, who: str, *, most: int, seconds: int) -> int:
    """Count one use of `action` by `who` in the present window of `seconds`; 0, or how long to wait once `most` is passed."""
    now = int(time.time())
    window = now // seconds
    key = f"limit|{action}|{_group(who)}|{window}"
    with one_at_a_time(key):
        used = cache.get(key, 0)
        if used < most:
            cache.set(key, used + 1, timeout=seconds * 2)
            return 0
    return (window + 1) * seconds - now


def _group(who: str) -> str:
    found = _address(who)
    return str(IPv6Network((found, IPV6_PREFIX), strict=False)) if isinstance(found, IPv6Address) else who


def allow(action: str, who: str, *, most: int, seconds: int) -> None:
    """Count one use and refuse with the waiting time once `most` is passed."""
    wait = seconds_to_wait(action, who, most=most, seconds=seconds)
    if wait:
        raise Refused(f"操作太频繁，请约 {-(-wait // 60)} 分钟后再试。", code="too_many", status=429)
