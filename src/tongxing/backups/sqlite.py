"""The SQLite side: a copy of one moment while others write, and what its rows add up to."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from errno import ENOSPC
from hashlib import blake2b
from pathlib import Path
from typing import Any

from django.db import connection

PAGES_AT_ONCE = 2048
MOST = 1 << 128


def database_file() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def copy_to(target: Path, tell: Callable[[int, int], None]) -> None:
    """Copy the database as of now. The read transaction holds the moment: writers go on and the copy never starts again because of them."""
    with (
        _told_when_full(target),
        closing(sqlite3.connect(database_file(), timeout=60, isolation_level=None)) as source,
        closing(sqlite3.connect(target, isolation_level=None)) as copy,
    ):
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(copy, pages=PAGES_AT_ONCE, progress=lambda _, left, total: tell(total - left, total))
        source.execute("COMMIT")
        # One file that stands for itself; the service switches it back when it opens it.
        copy.execute("PRAGMA journal_mode=DELETE")


@contextmanager
def _told_when_full(place: Path) -> Iterator[None]:
    """SQLite hides the system's error number behind words of its own."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode not in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE}:
            raise
        raise OSError(ENOSPC, str(error), str(place)) from None


def is_whole(copy: Path) -> bool:
    try:
        with closing(sqlite3.connect(copy)) as database:
            return bool(database.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.DatabaseError:
        return False


def sums(copy: Path, tell: Callable[[int, int], None]) -> dict[str, dict[str, Any]]:
    """Rows and a hash of them for each table: the sum of the rows' digests, so that their order does not matter."""
    found: dict[str, dict[str, Any]] = {}
    with closing(sqlite3.connect(copy)) as database:
        tables = [name for (name,) in database.execute(_TABLES)]
        for number, table in enumerate(tables, start=1):
            found[table] = _sum_of(database, table)
            tell(number, len(tables))
    return found


# Virtual tables hold nothing themselves: their shadow tables are counted.
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"


def _sum_of(database: sqlite3.Connection, table: str) -> dict[str, Any]:
    columns = sorted(row[1] for row in database.execute(f'PRAGMA table_info("{table}")'))
    line = " || ',' || ".join(f'quote("{column}")' for column in columns)
    rows = total = 0
    for (text,) in database.execute(f'SELECT {line} FROM "{table}"'):  # noqa: S608 - names from the database itself
        rows += 1
        total += int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest())
    return {"rows": rows, "hash": f"{total % MOST:032x}"}


def applied_migrations(copy: Path) -> list[list[str]]:
    with closing(sqlite3.connect(copy)) as database:
        return [list(row) for row in database.execute("SELECT app, name FROM django_migrations ORDER BY app, name")]
