"""Putting a PostgreSQL script back: inside the caller's transaction, beside what was there, checked before anything is committed."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql
from psycopg.errors import Error as PostgresError
from psycopg.errors import InsufficientPrivilege

from tongxing.core.errors import Refused

from . import postgres

_COPY_HEAD = re.compile(rb"COPY \S.* FROM stdin;\n")
_END = b"\\.\n"


def put_back(folder: Path, manifest: dict[str, Any], aside: str, tell: Callable[[int, int], None]) -> dict[str, dict[str, Any]]:
    """Fill the database from the script in `folder`; what stood there goes to the schema `aside`. Returns the sums of what stands there now.

    Must run inside a transaction; raising leaves the database as it was.
    """
    raw: Any = connection.connection
    parts = sorted(folder.iterdir())
    try:
        _make_room(raw, aside)
        if manifest["schema"] == "migrations":
            _make_tables(raw, manifest["migrations"])
        _run(raw, parts, tell)
        raw.execute("RESET ALL")
        if manifest["schema"] == "migrations":
            _triggers(raw, "ENABLE")
        raw.execute("SET CONSTRAINTS ALL IMMEDIATE")
        raw.execute(postgres.SAME_TEXT)
        return postgres.sums(raw, lambda *_: None)
    except InsufficientPrivilege as error:
        raise Refused(
            f"数据库账号的权限不够：{_first(error)}。请让它成为这个数据库的所有者（ALTER DATABASE … OWNER TO …）。", code="no_privilege"
        ) from None
    except PostgresError as error:
        raise Refused(f"备份放不进这个数据库：{_first(error)}。没有恢复任何数据；请核对数据库的版本。", code="does_not_fit") from None


def _first(error: PostgresError) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def _make_room(raw: Any, aside: str) -> None:
    if not raw.execute("SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace LIMIT 1").fetchone():
        return
    if raw.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [aside]).fetchone():
        raw.execute("DROP SCHEMA public CASCADE")  # of the same restore, killed after its rows were committed
    else:
        raw.execute(sql.SQL("ALTER SCHEMA public RENAME TO {}").format(sql.Identifier(aside)))
    raw.execute("CREATE SCHEMA public")


def _make_tables(raw: Any, migrations: list[list[str]]) -> None:
    """The tables as the migrations of that time made them, empty, with triggers off."""
    # Rows that a data migration wrote must not wait for the end of the transaction, or the next migration could not alter their table.
    raw.execute("SET CONSTRAINTS ALL IMMEDIATE")
    executor = MigrationExecutor(connection)
    executor.migrate(newest(executor.loader.graph, {(app, name) for app, name in migrations}))
    call_command("createcachetable", verbosity=0)
    _triggers(raw, "DISABLE")
    tables = sql.SQL(", ").join(sql.Identifier("public", row[0]) for row in raw.execute(postgres.TABLES).fetchall())
    raw.execute(sql.SQL("TRUNCATE {} CASCADE").format(tables))
    raw.execute("SET CONSTRAINTS ALL DEFERRED")


def newest(graph: Any, applied: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Of the applied migrations the last ones of each app."""
    return sorted(
        node
        for node in applied
        if node in graph.node_map and not any(child.key in applied for child in graph.node_map[node].children if child.key[0] == node[0])
    )


def _triggers(raw: Any, what: str) -> None:
    raw.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for (table,) in raw.execute(postgres.TABLES).fetchall():
        raw.execute(sql.SQL("ALTER TABLE {} {} TRIGGER USER").format(sql.Identifier("public", table), sql.SQL(what)))


def _run(raw: Any, parts: list[Path], tell: Callable[[int, int], None]) -> None:
    """Run a plain script: statements as they stand, rows through COPY. psql's own commands (`\\restrict`) are left out."""
    total, done, statement = sum(part.stat().st_size for part in parts), 0, bytearray()
    lines = _lines(parts)
    for line in lines:
        if _COPY_HEAD.fullmatch(line):
            _execute(raw, statement)
            done += _copy(raw, line, lines, lambda more, before=done: tell(before + more, total))  # type: ignore[misc]
        elif not line.startswith(b"\\"):
            statement += line
        done += len(line)
    _execute(raw, statement)
    tell(total, total)


def _lines(parts: list[Path]) -> Iterator[bytes]:
    """Lines across the seams of the parts."""
    held = b""
    for part in parts:
        with part.open("rb") as file:
            for line in file:
                held += line
                if held.endswith(b"\n"):
                    yield held
                    held = b""
    if held:
        yield held


def _execute(raw: Any, statement: bytearray) -> None:
    if statement.strip():
        raw.execute(bytes(statement))
    statement.clear()


def _copy(raw: Any, head: bytes, lines: Iterator[bytes], tell: Callable[[int], None]) -> int:
    done, held = 0, bytearray()
    with raw.cursor().copy(head.strip().rstrip(b";")) as copy:
        for line in lines:
            done += len(line)
            if line == _END:
                break
            held += line
            if len(held) >= 256 * 1024:
                copy.write(bytes(held))
                held.clear()
                tell(done)
        copy.write(bytes(held))
    return done
