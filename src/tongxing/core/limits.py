"""Rate limits for doors that anybody may knock on, counted in one table so that every process sees the same count."""

import time
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.core.cache import caches
from django.db import OperationalError, connection
from django.http import HttpRequest

from .errors import Refused
from .locks import is_busy, patience
from .models import LimitedUse

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


def seconds_to_wait(action: str, who: str, *, most: int, seconds: int, settle_every: int = 1, uses: int = 1) -> int:
    """Count one use (or `uses`, none to look only) of `action` by `who` in the present window of `seconds`; 0, or how long to wait once `most` is passed.

    With `settle_every` a process counts by itself and tells the shared count only at every so many uses: a visitor who asks a few times
    costs no write, and each process lets at most `settle_every` - 1 uses more through. For limits that spare the server, not for secrets.
    """
    now = int(time.time())
    window = now // seconds
    key, until = f"{action}|{_group(who)}|{window}", (window + 1) * seconds
    used = _use(key, uses, until) if settle_every == 1 else _use_loosely(key, settle_every, most, until)
    return until - now if used > most else 0


def _use(key: str, uses: int, until: int) -> int:
    """Add `uses` in one statement and return the sum of all processes."""
    table = LimitedUse._meta.db_table
    statement = (
        f"INSERT INTO {table} (key, uses, until) VALUES (%s, %s, %s) "  # noqa: S608 - the table is our own
        f"ON CONFLICT (key) DO UPDATE SET uses = {table}.uses + excluded.uses RETURNING uses"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [key, uses, until])
        return int(cursor.fetchone()[0])


def _use_loosely(key: str, settle_every: int, most: int, until: int) -> int:
    """The sum as this process knows it: what it last read, and what it counted since."""
    own = caches["process"]
    known, unsettled = own.get(f"limit|{key}", (0, 0))
    unsettled += 1
    if unsettled >= settle_every and known <= most:
        # While others write for long, the process goes on counting by itself.
        try:
            with patience(0):
                known, unsettled = _use(key, unsettled, until), 0
        except OperationalError as error:
            if not is_busy(error):
                raise
    own.set(f"limit|{key}", (known, unsettled), timeout=until - int(time.time()))
    return int(known + unsettled)


def sweep() -> int:
    """Drop the counts of windows that are over; the timetable calls it."""
    return LimitedUse.objects.filter(until__lt=int(time.time())).delete()[0]


def _group(who: str) -> str:
    found = _address(who)
    return str(IPv6Network((found, IPV6_PREFIX), strict=False)) if isinstance(found, IPv6Address) else who


def allow(action: str, who: str, *, most: int, seconds: int, settle_every: int = 1, uses: int = 1) -> None:
    """Count one use (or `uses`) and refuse with the waiting time once `most` is passed (see `seconds_to_wait`)."""
    wait = seconds_to_wait(action, who, most=most, seconds=seconds, settle_every=settle_every, uses=uses)
    if wait:
        hours, minutes = wait // 3600, -(-wait // 60)
        when = f"{hours} 小时" if hours >= 2 else f"{minutes} 分钟"
        raise Refused(f"操作太频繁，请约 {when}后再试。", code="too_many", status=429)
