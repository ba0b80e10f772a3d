"""What only one process may do at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

LOCK_SPACE = 0x7478
"""Any number will do: it keeps these advisory locks (PostgreSQL) apart from those of others."""


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """A transaction that only one process at a time runs for `name`; inside another transaction the lock holds until that one ends.

    On SQLite the IMMEDIATE transaction is the lock.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK_SPACE, name])
        yield


@contextmanager
def patience(milliseconds: int) -> Iterator[None]:
    """So long, and not the usual twenty seconds, SQLite waits in this block for whoever writes; then it raises OperationalError.

    PostgreSQL locks rows, not the house: there nothing is changed.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        usual = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {milliseconds}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")


def is_busy(error: OperationalError) -> bool:
    """Whether SQLite said that somebody else writes: nothing is wrong, and it may be left for later."""
    return connection.vendor == "sqlite" and "locked" in str(error)
