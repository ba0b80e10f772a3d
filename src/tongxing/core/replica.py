"""Reports, the portal and exports read from a streaming replica of PostgreSQL, where there is one (`TONGXING_REPLICA_URL`).

A signed-in reader gets the replica only if it has replayed everything that the primary held when the request began, by log position (LSN): his
own writes, those of his colleagues and of the workers are there, however long the replica lags otherwise. A visitor of the portal, who has
written nothing, gets it while it is no more than some seconds behind. In every other case, and when the replica is away or fails midway, the
same page is read from the primary.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from threading import Lock
from typing import Any, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from django.http import HttpRequest

REPLICA = "replica"
# Rights, sessions, counters and the queue hold at once or not at all: no lag can be allowed there.
NEVER = frozenset({"accounts", "auth", "account", "mfa", "sessions", "contenttypes", "django_cache", "django_tasks_database", "core"})
# What is written there changes no page that is being read.
UNREAD = NEVER | {"audit"}
# How long a page waits for the replica to catch up, and how long a replica that failed is left alone.
PATIENCE_SECONDS = 0.2
STEP_SECONDS = 0.01
LEFT_ALONE_SECONDS = 5.0
POSITION = (
    "SELECT CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn() ELSE pg_current_wal_flush_lsn() END"
)
HAS_REPLAYED = "SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= %s::pg_lsn"
# The beat of the workers commits every few seconds, so a replica that is cut off grows old even when nobody else writes.
IS_FRESH = "SELECT pg_is_in_recovery() AND pg_last_xact_replay_timestamp() > now() - make_interval(secs => %s)"
FAILURES = (OperationalError, InterfaceError)
Answer = TypeVar("Answer")


@dataclass
class _Reading:
    """One request that reads from the replica, until it writes."""

    over: bool = False


_reading: ContextVar["_Reading | None"] = ContextVar("reads_from_replica", default=None)
_lock = Lock()
_left_alone_until = 0.0


class ReplicaRouter:
    """Django's question which database to use; the answer is the primary unless a request reads from the replica."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        reading = _reading.get()
        if reading is None or reading.over or model._meta.app_label in NEVER:
            return DEFAULT_DB_ALIAS
        if connections[DEFAULT_DB_ALIAS].in_atomic_block:
            # What a transaction reads it may write back: old figures must not become new ones.
            reading.over = True
            return DEFAULT_DB_ALIAS
        return REPLICA

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        reading = _reading.get()
        if reading is not None and model._meta.app_label not in UNREAD:
            reading.over = True
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if db == REPLICA else None


def connection_for(model: type[Model]) -> BaseDatabaseWrapper:
    """The connection on which SQL of our own reads `model`: the one that the router would choose."""
    return connections[router.db_for_read(model)]


def reads_replica(view: Callable[..., Answer]) -> Callable[..., Answer]:
    """Let a view that shows and changes nothing read from the replica."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Answer:
        if request.method not in {"GET", "HEAD"}:
            return view(request, *args, **kwargs)
        return from_replica(request, lambda: view(request, *args, **kwargs))

    return inner


def from_replica(request: HttpRequest, read: Callable[[], Answer]) -> Answer:
    """The answer of `read`, from the replica if it may serve this request; read again from the primary when the replica fails midway.

    `read` must be done with the database when it returns, and may be called twice.
    """
    if REPLICA not in settings.DATABASES or not _may_serve(request):
        return read()
    try:
        with _from_replica():
            return read()
    except FAILURES:
        _leave_alone()
    return read()


@contextmanager
def _from_replica() -> Iterator[None]:
    token = _reading.set(_Reading())
    try:
        yield
    finally:
        _reading.reset(token)


def _may_serve(request: HttpRequest) -> bool:
    if time.monotonic() < _left_alone_until:
        return False
    position = _one(DEFAULT_DB_ALIAS, POSITION) if request.user.is_authenticated else None
    try:
        return _replays(position) if position else bool(_one(REPLICA, IS_FRESH, settings.REPLICA_LAG_SECONDS))
    except FAILURES:
        _leave_alone()
        return False


def _replays(position: str) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _one(REPLICA, HAS_REPLAYED, position):
        if time.monotonic() > deadline:
            return False
        time.sleep(STEP_SECONDS)
    return True


def _one(alias: str, question: str, *parameters: Any) -> Any:
    with connections[alias].cursor() as cursor:
        cursor.execute(question, parameters)
        row = cursor.fetchone()
    return row[0] if row else None


def _leave_alone() -> None:
    """Ask the replica nothing for a while: every page would wait for it."""
    global _left_alone_until  # noqa: PLW0603 - one fact of this process, under its lock
    with _lock:
        _left_alone_until = time.monotonic() + LEFT_ALONE_SECONDS
    connections[REPLICA].close()
