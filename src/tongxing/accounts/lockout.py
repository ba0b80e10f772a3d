"""The lock after wrong passwords: allauth counts in the shared cache; here it is read (how long still?) and lifted (by an administrator)."""

import time
from hashlib import sha256

from allauth.core.internal import ratelimit
from django.core.cache import cache

APP, ACTION = "allauth.account", "login_failed"


def key_for(username: str) -> str:
    """One counter per account, whatever the host name or the spelling the attacker uses."""
    return f"login:{username.strip().lower()}"


def minutes_left(username: str) -> int:
    """Whole minutes until the account may be tried again; 0 when it is not locked."""
    now, wait = time.time(), 0.0
    for rate, cache_key in _counters(username):
        history = [moment for moment in cache.get(cache_key, []) if moment > now - rate.duration]
        if len(history) >= rate.amount:
            wait = max(wait, history[-1] + rate.duration - now)
    return int(-(-wait // 60))


def lift(username: str) -> None:
    for _, cache_key in _counters(username):
        cache.delete(cache_key)


def _counters(username: str) -> list[tuple[ratelimit.Rate, str]]:
    rates = [rate for rate in ratelimit.get_rates(app=APP, action=ACTION) if rate.per == "key"]
    return [(rate, ratelimit.get_cache_key(None, app=APP, action=ACTION, rate=rate, key=key_for(username))) for rate in rates]


def fingerprint(username: str) -> str:
    """For the log of failed attempts on accounts that do not exist: people type passwords into the wrong field."""
    return sha256(username.encode()).hexdigest()[:12]
