"""Keeping the database's own knowledge of its tables fresh: which index serves a question is decided by statistics, not by guess."""

from django.db import connection

LOOKED_AT = 1_000
"""Rows of an index that SQLite looks at: enough to tell a useful index from a useless one, and quick on tables of any size."""


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
