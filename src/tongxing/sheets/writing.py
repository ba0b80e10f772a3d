"""Writing many rows of one model fast: one prepared statement with executemany on SQLite, COPY on PostgreSQL.

Bulk acts of the rooms above use it inside their transaction. Values are Python values by field order; nothing is validated here.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

from .matching import among

PLAIN = (models.CharField, models.TextField, models.IntegerField, models.ForeignKey, models.BooleanField, models.FloatField)
PIECE = 20_000
Column = Sequence[Any]
Prepare = Callable[[Column], list[Any]]


def _prepare(field: Any) -> Prepare | None:
    """How the Python values of a column become the database's; None where they pass as they are. None in a column stays None."""
    if field.choices and isinstance(field, models.CharField | models.IntegerField):
        kind: type = int if isinstance(field, models.IntegerField) else str
        # A driver takes the members of an enumeration the long way round.
        return lambda column: [value if value is None or value.__class__ is kind else kind(value) for value in column]
    if isinstance(field, models.ForeignKey) or (isinstance(field, PLAIN) and not isinstance(field, models.JSONField)):
        return None
    if isinstance(field, models.JSONField):
        return _by_field(field)
    return None if connection.vendor == "postgresql" else _for_sqlite(field)


def _for_sqlite(field: Any) -> Prepare:
    if isinstance(field, models.UUIDField):
        return lambda column: [value if value is None else str(value).replace("-", "") for value in column]
    if isinstance(field, models.DecimalField):
        form = f".{field.decimal_places}f"
        return lambda column: [value if value is None else format(value, form) for value in column]
    if isinstance(field, models.DateField):
        real = connections[DEFAULT_DB_ALIAS]
        return lambda column: _each_once(column, lambda value: field.get_db_prep_save(value, real))
    return _by_field(field)


def _by_field(field: Any) -> Prepare:
    real = connections[DEFAULT_DB_ALIAS]
    return lambda column: [value if value is None else field.get_db_prep_save(value, real) for value in column]


def _each_once(column: Column, prepare: Callable[[Any], Any]) -> list[Any]:
    """Days and moments come again and again: each is prepared once."""
    known = {value: prepare(value) for value in set(column) - {None}}
    return list(map(known.get, column))


def _ready(rows: Iterable[Sequence[Any]], fields: Sequence[Any]) -> list[Sequence[Any]]:
    """The rows as the driver takes them: a column at a time, because a column needs one way of preparing or none."""
    listed = list(rows)
    steps = [(place, prepare) for place, field in enumerate(fields) if (prepare := _prepare(field)) is not None]
    if not steps or not listed:
        return listed
    columns: list[Column] = list(zip(*listed, strict=True))
    for place, prepare in steps:
        columns[place] = prepare(columns[place])
    return list(zip(*columns, strict=True))


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """`count` primary keys nobody else will get. On SQLite the caller's transaction already holds the only write lock."""
    if not count:
        return []
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)", [f'"{table}"', _pk_column(model), count]
            )
            return [number for (number,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        found = cursor.fetchone()
    first = (found[0] if found else 0) + 1
    return list(range(first, first + count))


def _pk_column(model: type[models.Model]) -> str:
    pk = model._meta.pk
    return str(pk.column if pk else "id")


def insert_many(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert `rows`, each holding the values of the fields `names` (attnames), id included when it was reserved."""
    fields = [model._meta.get_field(name.removesuffix("_id") if name != "id" and name.endswith("_id") else name) for name in names]
    ready = _ready(rows, fields)
    if not ready:
        return
    quote = connection.ops.quote_name
    table, columns = quote(model._meta.db_table), ", ".join(quote(str(field.column)) for field in fields)  # type: ignore[union-attr]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in ready:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(fields))
        cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", ready)  # noqa: S608 - names come from the model


def update_many(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Set the fields `names` of many rows: each row holds their values and, last, the id."""
    fields = [model._meta.get_field(name.removesuffix("_id") if name.endswith("_id") else name) for name in names]
    ready = _ready(rows, [*fields, model._meta.pk])
    if not ready:
        return
    quote = connection.ops.quote_name
    sets = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)  # type: ignore[union-attr]
    statement = f"UPDATE {quote(model._meta.db_table)} SET {sets} WHERE {quote(_pk_column(model))} = %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(statement, ready)


def lock(model: type[models.Model], ids: Iterable[int]) -> dict[int, int]:
    """Lock the rows `ids` and give the version of each. SQLite's transaction holds the write lock already."""
    rows = among(model._base_manager.all(), _pk_column(model), ids).order_by("pk")
    if connection.features.has_select_for_update:
        rows = rows.select_for_update()
    return dict(rows.values_list("pk", "version"))


def in_pieces(model: type[models.Model], ids: Iterable[int], *names: str, size: int = 5_000) -> Iterator[Any]:
    """Values of the rows `ids`, a piece at a time: an IN list has a limit on both databases."""
    wanted = list(ids)
    for start in range(0, len(wanted), size):
        rows = among(model._base_manager.all(), _pk_column(model), wanted[start : start + size])
        yield from rows.values_list(*names, flat=len(names) == 1)


def remove_many(model: type[models.Model], ids: Iterable[int]) -> None:
    """Delete rows by id without looking for what hangs on them: the caller has."""
    wanted = sorted(ids)
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), quote(_pk_column(model))
    with connection.cursor() as cursor:
        for start in range(0, len(wanted), PIECE):
            piece = wanted[start : start + PIECE]
            if connection.vendor == "postgresql":
                cursor.execute(f"DELETE FROM {table} WHERE {key} = ANY(%s)", [piece])  # noqa: S608 - names come from the model
            else:
                cursor.execute(f"DELETE FROM {table} WHERE {key} IN (SELECT value FROM json_each(%s))", [json.dumps(piece)])  # noqa: S608


def insert_dicts(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows given as field values by attname, defaults for the rest; returns the new ids in order."""
    fields = model._meta.concrete_fields
    names = [field.attname for field in fields]
    place = {name: number for number, name in enumerate(names)}
    blank = [None if field.primary_key or field.unique else field.get_default() for field in fields]
    ids = reserve_ids(model, len(rows))
    lines = []
    for number, row in zip(ids, rows, strict=True):
        line = list(blank)
        line[place[_pk_column(model)]] = number
        for name, value in row.items():
            line[place[name]] = value
        lines.append(line)
    insert_many(model, names, lines)
    return ids


def update_dicts(model: type[models.Model], rows: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
    """Set fields of many rows, each its own; one prepared statement per set of fields that change together."""
    groups: dict[tuple[str, ...], list[list[Any]]] = {}
    for number, fields in rows:
        if fields:
            names = tuple(sorted(fields))
            groups.setdefault(names, []).append([*(fields[name] for name in names), number])
    for names, lines in groups.items():
        update_many(model, names, lines)


def from_json(model: type[models.Model], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Field values as Python values again after they were stored as JSON."""
    found = {}
    for name, value in fields.items():
        field: Any = model._meta.get_field(name.removesuffix("_id") if name.endswith("_id") else name)
        found[name] = (field.target_field if field.is_relation else field).to_python(value)
    return found
