"""A bare connection to the database of a case, without any framework."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bench.case import Case

PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-32000", "temp_store=MEMORY")


def connect(case: Case) -> Any:
    """sqlite3 in autocommit with the pragmas that ours uses, or psycopg."""
    if case.engine == "sqlite":
        connection = sqlite3.connect(case.sqlite_file, isolation_level=None)
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        return connection
    import psycopg

    parts = urlsplit(case.url)
    query = dict(parse_qsl(parts.query))
    return psycopg.connect(dbname=parts.path.lstrip("/"), user=parts.username, host=query["host"], autocommit=True)


def marked(case: Case, statement: str) -> str:
    """A statement written with ? as this driver wants it."""
    return statement if case.engine == "sqlite" else statement.replace("?", "%s")


def fetch(connection: Any, case: Case, statement: str, values: Sequence[Any] = ()) -> list[Any]:
    found: list[Any] = connection.execute(marked(case, statement), values).fetchall()
    return found


def insert(connection: Any, case: Case, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """One transaction: executemany, or COPY."""
    names = ", ".join(columns)
    with connection if case.engine == "sqlite" else connection.transaction():
        if case.engine == "sqlite":
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", rows)
            return
        with connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
