"""Moving an SQLite installation to PostgreSQL: what is copied, how, and how it is proved.

Django's `default` is the empty PostgreSQL database, the alias `source` the SQLite file, which is held against writers meanwhile. All tables are
copied and read back in one transaction: whatever goes wrong, the target stays as empty as it was.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import DataError, connection, connections, models, transaction

from tongxing.core.errors import Refused
from tongxing.registry import search
from tongxing.registry.models import SearchEntry

SOURCE = "source"
CHUNK = 2_000
HOLD_SECONDS = 5.0
# Written by Django itself when the tables are made; the copy brings the source's own.
MADE_BY_DJANGO: tuple[type[models.Model], ...] = (Permission, ContentType)
# The index is built anew from the names that were copied, and counted.
REBUILT = (SearchEntry,)
MODULUS = 1 << 256
Tell = Callable[[int, int], None]


@dataclass
class Moved:
    """One table after the copy: how many rows both hold, and the digest of all of them (equal on both, or nothing is moved)."""

    table: str
    rows: int
    digest: str


@dataclass
class Report:
    tables: list[Moved] = field(default_factory=list)
    index_entries: int = 0

    @property
    def rows(self) -> int:
        return sum(moved.rows for moved in self.tables)


@dataclass
class _Sum:
    """Number and digest of rows in any order: the sum of the rows' SHA-256 modulo 2^256."""

    rows: int = 0
    total: int = 0

    def add(self, fields: list[Any], row: Iterable[Any]) -> None:
        text = json.dumps([_plain(column, value) for column, value in zip(fields, row, strict=True)], ensure_ascii=False)
        self.rows += 1
        self.total = (self.total + int.from_bytes(sha256(text.encode("utf-8", "surrogatepass")).digest())) % MODULUS

    @property
    def digest(self) -> str:
        return f"{self.total:064x}"


PLAIN: dict[type, Callable[[Any, Any], Any]] = {
    datetime: lambda _, value: value.timestamp(),
    Decimal: lambda column, value: f"{value:.{column.decimal_places}f}",
    UUID: lambda _, value: value.hex,
    bytes: lambda _, value: value.hex(),
    memoryview: lambda _, value: bytes(value).hex(),
    **{kind: lambda _, value: value for kind in (int, bool, float, type(None))},
}


def _plain(column: Any, value: Any) -> Any:
    """A value in the one form in which both databases must agree."""
    if isinstance(column, models.JSONField) and value is not None:
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    kept = PLAIN.get(type(value))
    return kept(column, value) if kept else str(value)


# --- the two sides --------------------------------------------------------------------------------------------------------
def use_source(file: Path) -> None:
    """Give the SQLite file the alias `source`."""
    if not file.exists():
        raise Refused(f"找不到 {file}：这个数据目录里没有 SQLite 数据库。请核对 TONGXING_DATA_DIR。", code="no_source")
    entry = {**connections["default"].settings_dict, "ENGINE": "django.db.backends.sqlite3", "NAME": str(file)}
    entry.update({"HOST": "", "PORT": "", "USER": "", "PASSWORD": "", "CONN_MAX_AGE": 0, "OPTIONS": {"timeout": HOLD_SECONDS}})
    connections.databases[SOURCE] = entry


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Nobody writes to the SQLite file inside; refuses when somebody does, or when the file is not whole."""
    with closing(sqlite3.connect(file, timeout=HOLD_SECONDS, isolation_level=None)) as holder:
        try:
            holder.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            raise Refused("还有程序在写这个数据库。请先停掉服务和后台任务，再执行一次。", code="in_use") from None
        if holder.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise Refused("SQLite 数据库没有通过完整性检查，没有搬迁。请先从备份中恢复。", code="source_damaged")
        if orphans := holder.execute("PRAGMA foreign_key_check").fetchmany(5):
            named = "；".join(f"{table} 第 {row} 行指向不存在的 {parent}" for table, row, parent, _ in orphans)
            raise Refused(f"SQLite 数据库里有对不上的关联，没有搬迁：{named}。", code="source_damaged")
        yield
        holder.execute("ROLLBACK")


def held_tables() -> list[type[models.Model]]:
    """Every model with a table of its own, through-tables of many-to-many relations included."""
    found = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True) if model._meta.managed}
    return [model for _, model in sorted(found.items()) if not model._meta.proxy]


def refuse_filled_target() -> None:
    """The target may be a new database, or one whose tables stand but are empty (an earlier try); anything else is somebody's data."""
    ours = {model._meta.db_table: model for model in held_tables()}
    found = set(connection.introspection.table_names())
    strange = sorted(found - set(ours) - {"cache", "django_migrations"})
    if strange:
        raise Refused(f"目标库里有别的表：{'、'.join(strange[:5])}。请另建一个空库。", code="target_not_empty")
    for table in sorted(found & set(ours)):
        if ours[table] not in MADE_BY_DJANGO and ours[table]._base_manager.exists():
            raise Refused(f"目标库里已有数据（{table}）。请另建一个空库。", code="target_not_empty")


# --- copying --------------------------------------------------------------------------------------------------------------
def move(tell: Tell, *, check: Callable[[], None]) -> Report:
    """Copy everything, prove it, then commit. `check` may refuse as long as nothing is committed."""
    listed = held_tables()
    total = 2 * sum(model._base_manager.using(SOURCE).count() for model in listed if model not in REBUILT)
    report, done = Report(), 0

    def step(rows: int) -> None:
        nonlocal done
        done += rows
        tell(done, total)

    with transaction.atomic():
        for model in MADE_BY_DJANGO:
            model._base_manager.all().delete()
        sums = {model: _copy(model, step) for model in listed if model not in REBUILT}
        for model, given in sums.items():
            _compare(model, given, step)
            report.tables.append(Moved(model._meta.db_table, given.rows, given.digest))
        report.index_entries = search.reindex_all()
        _set_sequences(listed)
        _check_relations()
        check()
    return report


def _fields(model: type[models.Model]) -> list[Any]:
    return [column for column in model._meta.local_concrete_fields if not column.generated]


def _rows(model: type[models.Model], alias: str) -> Iterator[tuple[Any, ...]]:
    names = [column.attname for column in _fields(model)]
    return model._base_manager.using(alias).order_by("pk").values_list(*names).iterator(chunk_size=CHUNK)


def _copy(model: type[models.Model], step: Callable[[int], None]) -> _Sum:
    """COPY one table row by row; the sum of what was read."""
    fields, given, rows = _fields(model), _Sum(), _rows(model, SOURCE)
    quote = connection.ops.quote_name
    columns = ", ".join(quote(column.column) for column in fields)
    with connection.cursor() as cursor:
        while piece := list(islice(rows, CHUNK)):
            try:
                with cursor.copy(f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN") as copy:
                    for row in piece:
                        _refuse_unfit(model, fields, row)
                        given.add(fields, row)
                        copy.write_row([_for_postgresql(column, value) for column, value in zip(fields, row, strict=True)])
            except DataError as error:
                raise Refused(f"{model._meta.db_table} 里有 PostgreSQL 不收的值：{error}。什么都没有搬。", code="unfit_value") from error
            step(len(piece))
    return given


def _for_postgresql(column: Any, value: Any) -> Any:
    return column.get_db_prep_save(value, connection) if isinstance(column, models.JSONField) and value is not None else value


def _refuse_unfit(model: type[models.Model], fields: list[Any], row: tuple[Any, ...]) -> None:
    """What SQLite lets pass and PostgreSQL does not, named before the server's own message: too long a text, a zero character."""
    for column, value in zip(fields, row, strict=True):
        if isinstance(value, str) and ((column.max_length and len(value) > column.max_length) or "\0" in value):
            why = "含有空字符" if "\0" in value else f"超过 {column.max_length} 个字符"
            name = f"{model._meta.db_table}.{column.column}"
            raise Refused(
                f"{name}（{model._meta.pk.column if model._meta.pk else ''} = {row[0]}）{why}，什么都没有搬。", code="unfit_value"
            )


def _compare(model: type[models.Model], given: _Sum, step: Callable[[int], None]) -> None:
    """Read the table back and refuse unless it holds the same rows."""
    fields, found = _fields(model), _Sum()
    for number, row in enumerate(_rows(model, "default"), start=1):
        found.add(fields, row)
        if number % CHUNK == 0:
            step(CHUNK)
    step(found.rows % CHUNK)
    if found == given:
        return
    counted = f"源库 {given.rows} 行，目标库 {found.rows} 行"
    message = counted if found.rows != given.rows else f"第一处不同：{_first_difference(model)}"
    raise Refused(f"核对 {model._meta.db_table} 不一致（{message}），什么都没有搬。", code="not_equal")


def _first_difference(model: type[models.Model]) -> str:
    """Primary key and column of the first row that differs. Sorted by each database in its own way, so rows are matched by key."""
    fields = _fields(model)
    place = next(number for number, column in enumerate(fields) if column.primary_key)
    kept = {row[place]: row for row in _rows(model, SOURCE)}
    for row in _rows(model, "default"):
        other = kept.get(row[place])
        pairs = zip(fields, row, other or (), strict=False)
        differing = [column.column for column, new, old in pairs if _plain(column, new) != _plain(column, old)]
        if other is None or differing:
            return f"{row[place]} 的 {'、'.join(differing) or '主键'}"
    return "不明"


# --- after the rows -------------------------------------------------------------------------------------------------------
def _set_sequences(listed: list[type[models.Model]]) -> None:
    """The next number of each table lies above every number ever given out, also those of rows deleted since (the log names them)."""
    with connections[SOURCE].cursor() as cursor:
        cursor.execute("SELECT name, seq FROM sqlite_sequence")
        given_out = dict(cursor.fetchall())
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for model in listed:
            key = model._meta.pk
            if not isinstance(key, models.AutoField):
                continue
            table = model._meta.db_table
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence(%s, %s), greatest(%s, coalesce(max({quote(str(key.column))}), 0)) + 1, false)"  # noqa: S608 - names from our own models
                f" FROM {quote(table)}",
                [quote(table), str(key.column), given_out.get(table, 0)],
            )


def _check_relations() -> None:
    """Foreign keys are checked at commit; asked for now, so that a fault is found while everything can still be taken back."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
