"""What failed under a request, and what its sender is told."""

import errno
import socket
import sqlite3
import threading
import time
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from tongxing.core import afterwards, stalls
from tongxing.core.outages import AWAY, BUSY, FULL, outage_of
from tongxing.core.views import server_error


def raised(error: Exception, cause: Exception | None = None) -> Exception:
    error.__cause__ = cause
    return error


def of_sqlite(code: int) -> sqlite3.Error:
    cause = sqlite3.OperationalError()
    cause.sqlite_errorcode = code
    return cause


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (raised(OperationalError(), psycopg.OperationalError()), AWAY),
        (raised(OperationalError(), psycopg.errors.AdminShutdown()), AWAY),
        (raised(OperationalError(), psycopg.errors.CannotConnectNow()), AWAY),
        (raised(OperationalError(), psycopg.errors.TooManyConnections()), AWAY),
        (psycopg.OperationalError("consuming input failed"), AWAY),
        (psycopg.errors.AdminShutdown(), AWAY),
        (psycopg.errors.SyntaxError(), None),
        (InterfaceError("connection already closed"), AWAY),
        (raised(OperationalError(), psycopg.errors.DiskFull()), FULL),
        (raised(OperationalError(), psycopg.errors.DeadlockDetected()), BUSY),
        (raised(OperationalError(), psycopg.errors.QueryCanceled()), None),
        (raised(OperationalError(), of_sqlite(sqlite3.SQLITE_FULL)), FULL),
        (raised(OperationalError(), of_sqlite(sqlite3.SQLITE_IOERR | 3 << 8)), FULL),
        (raised(OperationalError(), of_sqlite(sqlite3.SQLITE_BUSY)), BUSY),
        (raised(OperationalError(), of_sqlite(sqlite3.SQLITE_ERROR)), None),
        (OSError(errno.ENOSPC, "full"), FULL),
        (OSError(errno.ENOENT, "none"), None),
        (raised(ValueError(), OSError(errno.ENOSPC, "full")), FULL),
        (ProgrammingError(), None),
        (None, None),
    ],
    ids=str,
)
def test_an_outage_is_told_from_other_errors(error: Exception | None, outage: Any) -> None:
    assert outage_of(error) == outage


def answered(request: HttpRequest, error: Exception) -> HttpResponse:
    try:
        raise error
    except Exception:  # noqa: BLE001 - as Django's handler does
        return server_error(request)


def test_a_page_that_was_only_looked_at_offers_another_try() -> None:
    page = answered(RequestFactory().get("/registry/people/?q=%22x"), OperationalError())
    text = page.content.decode()
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    assert AWAY.looking in text
    assert 'href="/registry/people/?q=%22x"' in text


def test_a_form_is_told_to_look_before_it_is_sent_again() -> None:
    text = answered(RequestFactory().post("/registry/people/new/"), OperationalError()).content.decode()
    assert AWAY.saving in text
    assert "再试一次" not in text


def test_another_error_stays_an_error() -> None:
    assert answered(RequestFactory().get("/"), ValueError()).status_code == 500


@pytest.mark.django_db
def test_what_the_outage_kept_from_being_written_is_written_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(afterwards, "PAUSE_SECONDS", 0.01)
    away, done = [True], threading.Event()

    def duty() -> None:
        if away[0]:
            raise OperationalError
        done.set()

    afterwards.see_to(duty)
    with pytest.raises(OperationalError):
        afterwards.catch_up()
    assert not done.is_set()
    away[0] = False
    assert done.wait(5)


@pytest.mark.django_db
def test_a_duty_that_can_never_be_done_stands_in_nobodys_way(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(afterwards, "PAUSE_SECONDS", 0.01)
    answers, done = iter([OperationalError(), ValueError("gone for good")]), threading.Event()

    def never() -> None:
        raise next(answers)

    with afterwards._lock:  # the helper waits until both are left
        afterwards.see_to(never)
        afterwards._left.append(done.set)
    assert done.wait(5)
    assert "gone for good" in caplog.text


class Socket:
    """A database connection as the watch sees it."""

    Database = psycopg

    def __init__(self) -> None:
        self.near, self.far = socket.socketpair()
        self.connection = SimpleNamespace(pgconn=SimpleNamespace(socket=self.near.fileno()))

    def is_shut(self) -> bool:
        self.far.setblocking(False)
        try:
            return self.far.recv(1) == b""
        except BlockingIOError:
            return False

    def close(self) -> None:
        self.near.close()
        self.far.close()


@pytest.mark.parametrize("answers", [True, False])
def test_only_who_waits_for_a_silent_server_is_let_go(answers: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stalls.Watch, "_look", lambda self: None)
    watch, late, fresh = stalls.Watch(lambda: answers), Socket(), Socket()
    monkeypatch.setattr(stalls, "DOUBT_SECONDS", 0.05)
    with watch.over(late):
        time.sleep(0.06)
        watch.at_work[0] = (fresh, time.monotonic())
        watch.look()
    assert (late.is_shut(), fresh.is_shut(), watch.away) == (not answers, False, not answers)
    watch.answers = lambda: True
    watch.look()
    assert not watch.away
    late.close()
    fresh.close()


def test_requests_are_turned_away_while_the_server_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    enter = stalls.AwayMiddleware(lambda request: HttpResponse("in"))
    assert enter(RequestFactory().get("/")).content == b"in"
    monkeypatch.setattr(stalls.WATCH, "away", True)
    assert enter(RequestFactory().get("/")).status_code == 503
