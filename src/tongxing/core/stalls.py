"""A database that neither answers nor refuses: a cut cable, a frozen server. Nothing raises then, and threads wait for ever.

Work that takes long may just be long. So when something has been at work for `DOUBT_SECONDS`, the watch asks the server on a connection of
its own. An answer: all is well. None: the sockets of those who wait are shut, so that they fail as they do when a server dies, and requests are turned
away at the door until the server answers again. PostgreSQL only: SQLite is a file.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.http import HttpRequest, HttpResponse

from .outages import AWAY
from .views import out_of_service

DOUBT_SECONDS = 5.0
PROBE_SECONDS = 3
LOOK_SECONDS = 0.5
WHERE = {"host", "hostaddr", "port", "dbname", "user", "password", "passfile", "service", "sslmode", "sslrootcert", "sslcert", "sslkey"}
"""What libpq needs to find the server and be let in; the rest of our settings is about the work."""

logger = logging.getLogger(__name__)


class Watch:
    """Who is at work in this process, and whether the server answers."""

    def __init__(self, answers: Callable[[], bool]) -> None:
        self.answers = answers
        self.lock = threading.Lock()
        self.at_work: dict[int, tuple[Any, float]] = {}
        self.away = False
        self.asked_at = 0.0
        self.looking: threading.Thread | None = None

    @contextmanager
    def over(self, wrapper: Any) -> Iterator[None]:
        """Watch over what this thread does with the database connection `wrapper` until the block ends."""
        me = threading.get_ident()
        with self.lock:
            self.at_work[me] = (wrapper, time.monotonic())
            if self.looking is None:
                self.looking = threading.Thread(target=self._look, name="database-watch", daemon=True)
                self.looking.start()
        try:
            yield
        finally:
            with self.lock:
                self.at_work.pop(me, None)

    def _look(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            self.look()

    def look(self) -> None:
        """One look: ask the server when somebody has been at work for long, and let go of them when it does not answer."""
        now = time.monotonic()
        with self.lock:
            late = [wrapper for wrapper, since in self.at_work.values() if now - since >= DOUBT_SECONDS]
        if not self.away and (not late or now - self.asked_at < DOUBT_SECONDS):
            return
        answers = self.answers()
        self.asked_at = time.monotonic()
        if answers is self.away:
            self.away = not answers
            logger.warning("the database %s", "does not answer" if self.away else "answers again")
        if self.away:
            for wrapper in late:
                shut(wrapper)


def shut(wrapper: Any) -> None:
    """Shut the socket under a connection that another thread waits on: its wait ends with an OperationalError."""
    raw = wrapper.connection
    if raw is None:
        return
    # A copy of the descriptor: closing it leaves the owner's alone. The owner may close his at this very moment.
    with suppress(OSError, wrapper.Database.Error), socket.socket(fileno=os.dup(raw.pgconn.socket)) as one:
        one.shutdown(socket.SHUT_RDWR)


def postgresql_answers() -> bool:
    """Whether the server answers a question on a new connection in time."""
    import psycopg

    facts = connection.get_connection_params()
    wanted = {name: facts[name] for name in facts.keys() & WHERE}
    try:
        with psycopg.connect(**wanted, connect_timeout=PROBE_SECONDS, autocommit=True) as one:
            # libpq has no time limit for an answer.
            limit = threading.Timer(PROBE_SECONDS, _shut_raw, [one])
            limit.start()
            try:
                one.execute("SELECT 1")
            finally:
                limit.cancel()
    except psycopg.OperationalError:
        return False
    return True


def _shut_raw(one: Any) -> None:
    with suppress(OSError), socket.socket(fileno=os.dup(one.pgconn.socket)) as copy:
        copy.shutdown(socket.SHUT_RDWR)


WATCH = Watch(postgresql_answers)


@contextmanager
def watched() -> Iterator[None]:
    """Nothing in the block waits for ever for a database that does not answer."""
    if connection.vendor != "postgresql":
        yield
        return
    # The proxy object answers for whichever thread asks; the watch needs this thread's own.
    with WATCH.over(connections[DEFAULT_DB_ALIAS]):
        yield


class WatchMiddleware:
    """Watches over a request; stands outside all that asks the database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with watched():
            return self.get_response(request)


class AwayMiddleware:
    """Turns requests away at once while the database does not answer; stands inside what gives other programs their shape of errors."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return out_of_service(request, AWAY) if WATCH.away else self.get_response(request)
