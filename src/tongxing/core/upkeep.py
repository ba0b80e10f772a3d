"""Keeping the database quick: statistics that say which index serves a question, and the log of changes of SQLite short."""

from contextlib import suppress
from pathlib import Path

from django.db import OperationalError, connection, connections

from .locks import patience

LOOKED_AT = 1_000
"""Rows of an index that SQLite looks at: enough to tell a useful index from a useless one, and quick on tables of any size."""

LONG_LOG = 64 * 2**20
"""Bytes; from here on SQLite's log of changes (WAL) is brought to an end while work goes on."""
READERS_END_MS = 2_000
"""So long (milliseconds) readers are given to end before the log is left as it is until the next time."""

MAPPED = " PRAGMA mmap_size=2147418112;"
"""As much as SQLite allows."""


def map_reads() -> None:
    """For processes that answer pages, before they open a database: SQLite looks into the system's cache instead of copying from it.

    Walks over many rows take half the time (bench/findings.md). A process that takes in rosters would seem to hold the whole database.
    """
    for entry in connections.settings.values():
        if entry["ENGINE"] == "django.db.backends.sqlite3":
            entry["OPTIONS"]["init_command"] += MAPPED


def shorten_log() -> None:
    """Bring a long log of changes of SQLite into the file, so that it begins anew. Call it outside a transaction, between two steps of long work.

    By itself it begins anew only in a moment when nobody reads; where somebody always reads it grows with every step, and every page read
    looks through it. Here those who come are sent to the file, and it is waited for those who still read the log.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block or not _log_is_long():
        return
    # An error: somebody writes, or does the same.
    with suppress(OperationalError), patience(READERS_END_MS), connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def _log_is_long() -> bool:
    log = Path(f"{connection.settings_dict['NAME']}-wal")
    return log.is_file() and log.stat().st_size > LONG_LOG


def analyze() -> None:
    """Look at all tables anew. Call it outside a transaction, after much was written."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA analysis_limit = {LOOKED_AT}")
        cursor.execute("ANALYZE")


def analyze_daily() -> None:
    """SQLite never does it by itself; PostgreSQL's autovacuum does."""
    if connection.vendor == "sqlite":
        analyze()
