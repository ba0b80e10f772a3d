"""What only one process may do at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

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
