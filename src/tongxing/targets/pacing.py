"""Pages do not wait for a large recount: while a roster of many places is being taken in they show the last figures, and say so.

A page recounts what a few changes touched, as everything else does. Where thousands of places were touched at once (a roster of a province
or the country), counting takes seconds and the next lines touch them again: then a thread of the web process counts, at most so often, and
pages take what stands, with its time. Commands, reports, acts and the API always wait for the truth.
"""

import logging
import threading
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from tongxing.areas.models import TouchedLeaf

MANY_TOUCHES = 500
"""So many entries of the ledger a page counts itself; at a million organisations that takes some tenths of a second."""
PAUSE = timedelta(seconds=30)
SHARE = 10
"""Counting beside pages takes at most so great a part of a process's time: after ten seconds of it a pause of a hundred."""

logger = logging.getLogger(__name__)

_hurried: ContextVar[bool] = ContextVar("hurried", default=False)
_behind: ContextVar[datetime | None] = ContextVar("behind", default=None)
_turn = threading.Lock()
_took = [timedelta()]
"""What the last count took."""


class HurryMiddleware:
    """Pages that are only looked at are in a hurry."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        hurries = request.method in {"GET", "HEAD"} and not request.path_info.startswith("/api/")
        tokens = _hurried.set(hurries), _behind.set(None)
        try:
            return self.get_response(request)
        finally:
            _hurried.reset(tokens[0])
            _behind.reset(tokens[1])


def is_hurried() -> bool:
    return _hurried.get()


def touched_much() -> bool:
    """Whether more waits to be counted than a page should count; a page that took what stands goes on so."""
    if _behind.get():
        return True
    return TouchedLeaf.objects.order_by().values_list("pk")[: MANY_TOUCHES + 1].count() > MANY_TOUCHES


def take_what_stands(counted_at: datetime | None, recount: Callable[[], Any]) -> None:
    """Note for the page how old the figures are; have them counted beside it, when the last time is long enough ago."""
    now = timezone.now()
    _behind.set(counted_at or now)
    if (counted_at is None or now - counted_at > max(PAUSE, SHARE * _took[-1])) and _turn.acquire(blocking=False):
        _start(recount)


def _start(recount: Callable[[], Any]) -> None:
    threading.Thread(target=_count_beside, args=(recount,), name="recount", daemon=True).start()


def _count_beside(recount: Callable[[], Any]) -> None:
    began = timezone.now()
    try:
        recount()
        _took[:] = [timezone.now() - began]
    except Exception:
        # The next page tries again, and the worker counts in any case.
        logger.exception("figures could not be recounted beside a page")
    finally:
        # Nobody else closes the connection of this thread.
        connections.close_all()
        _turn.release()


def context(request: HttpRequest) -> dict[str, Any]:
    """`figures_behind`: since when the figures of this page stand, when they are not those of this moment. Asked where it is shown."""
    return {"figures_behind": _behind.get}
