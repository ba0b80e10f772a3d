"""Laying many rows at once: tables without indexes meanwhile, and as many processes as there are cores where the database takes more than one writer.

Only for templates: indexes and checks come back before anybody measures, built over the whole as a restore would.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from .enterprises import Country

Each = Callable[[Callable[[Country, Any], Any], Iterable[Any]], Iterator[Any]]
CORES = os.cpu_count() or 2
SEARCH, GRAMS = "registry_searchentry", "registry_search_grams"


def tables() -> list[str]:
    """The tables that a full database holds most rows of."""
    from tongxing.certificates.models import Certificate
    from tongxing.registry.models import Assignment, Coordinator, DutyArea, Organisation, Person, Posting, StatusPeriod

    models = (Organisation, Person, Coordinator, StatusPeriod, Posting, DutyArea, Assignment, Certificate)
    return [SEARCH, *(model._meta.db_table for model in models)]


def many_writers() -> bool:
    """Whether other connections may write at the same time, and see what this one wrote."""
    from django.db import connection

    return connection.vendor == "postgresql" and not connection.in_atomic_block


@contextmanager
def without_indexes() -> Iterator[None]:
    """Secondary indexes, unique and foreign keys of `tables()` are away inside the block and stand again after it."""
    from django.db import connection

    postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        back = _away_postgresql(cursor) if postgresql else _away_sqlite(cursor)
    yield
    if many_writers():
        with ThreadPoolExecutor(CORES) as pool:
            list(pool.map(_build_apart, back))
    with connection.cursor() as cursor:
        for statement in () if many_writers() else back:
            cursor.execute(statement)
        for name in tables() if postgresql else ():
            cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER ALL")
        # A database that has stood for a day has been vacuumed: without it no index answers alone.
        cursor.execute("VACUUM ANALYZE" if many_writers() else "ANALYZE")


def _build_apart(statement: str) -> None:
    """In a connection of its own, with the memory that a restore is given."""
    from django.db import connection

    try:
        with connection.cursor() as cursor:
            cursor.execute("SET maintenance_work_mem = '1GB'")
            cursor.execute(statement)
    finally:
        connection.close()


def _away_sqlite(cursor: Any) -> list[str]:
    marks = ", ".join(["%s"] * len(tables()))
    cursor.execute(f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})", tables())
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [statement for _, statement in found]


def _away_postgresql(cursor: Any) -> list[str]:
    """Foreign keys are triggers: they sleep. The index of tokens leaves an empty one of its name behind, because bulk acts tidy it up."""
    cursor.execute(
        "SELECT conname, conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'u' AND conrelid = ANY(%s::regclass[])",
        [tables()],
    )
    back = []
    for name, table, definition in cursor.fetchall():
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        back.append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE NOT indisprimary AND indrelid = ANY(%s::regclass[])",
        [tables()],
    )
    for name, definition in cursor.fetchall():
        cursor.execute(f"DROP INDEX {name}")
        if name == GRAMS:
            cursor.execute(f"CREATE INDEX {GRAMS} ON {SEARCH} USING gin (grams) WHERE false")
        back.append(f"DROP INDEX {GRAMS}; {definition}" if name == GRAMS else definition)
    for name in tables():
        cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER ALL")
    # The longest first, so that it does not run alone at the end.
    return sorted(back, key=lambda statement: GRAMS not in statement)


@contextmanager
def hands(country: Country) -> Iterator[Each]:
    """Gives what maps an act over parts, in their order: by several processes where there may be many writers, else here."""
    import django

    if not many_writers():
        yield lambda act, listed: (act(country, part) for part in listed)
        return
    facts = country.tables, country.seed
    with ProcessPoolExecutor(CORES, get_context("spawn"), django.setup) as pool:
        yield lambda act, listed: pool.map(_Told(act, facts), listed)


class _Told:
    """An act that finds its country in whatever process it runs."""

    def __init__(self, act: Callable[[Country, Any], Any], facts: tuple[Path, int]) -> None:
        self.act, self.facts = act, facts

    def __call__(self, part: Any) -> Any:
        return self.act(_country(*self.facts), part)


@cache
def _country(tables: Path, seed: int) -> Country:
    return Country(tables, seed)
