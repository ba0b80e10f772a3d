"""What must be written down in the end, even when the database goes away first: done as soon as it is back, while this process lives.

A process that dies keeps nothing: whoever relies on this must also recognise the dead (processes.py).
"""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import close_old_connections, connections

from .outages import LOST

PAUSE_SECONDS = 1.0

logger = logging.getLogger(__name__)

_left: list[Callable[[], Any]] = []
_lock = threading.RLock()
_helper: threading.Thread | None = None


def see_to(duty: Callable[[], Any]) -> None:
    """Do it now or, where the database is away, as soon as it is back. `duty` may run twice and must not mind."""
    global _helper  # noqa: PLW0603 - one thread for all that is left
    try:
        duty()
    except LOST as error:
        logger.warning("to be written down when the database is back: %s", error)
        # A connection that broke stays broken until it is dropped.
        close_old_connections()
        with _lock:
            _left.append(duty)
            if _helper is None:
                _helper = threading.Thread(target=_keep_trying, name="afterwards", daemon=True)
                _helper.start()


def catch_up() -> None:
    """Do what is left, in order; raises what the database raises while it is away. A duty that fails otherwise is told of and dropped."""
    with _lock:
        while _left:
            try:
                _left[0]()
            except LOST:
                raise
            except Exception:
                logger.exception("could not be written down: %r", _left[0])
            _left.pop(0)


def _keep_trying() -> None:
    global _helper  # noqa: PLW0603 - one thread for all that is left: it says here that it has ended
    pause = threading.Event()
    try:
        while True:
            pause.wait(PAUSE_SECONDS)
            close_old_connections()
            with suppress(*LOST), _lock:
                catch_up()
                _helper = None
                return
    finally:
        # Nobody else closes the connection of this thread.
        connections.close_all()
