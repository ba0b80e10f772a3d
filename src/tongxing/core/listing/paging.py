"""Which rows stand on a page: exact and numbered up to a bound, page after page beyond it, and never by skipping over a million rows.

Few rows (at most COUNT_LIMIT match): the database picks them, sorts these few and says how many there are; pages have numbers.
Many rows: a page begins behind the row that the page before ended with (keyset), so that page 40,000 costs what page 1 costs. The address
holds the id of that row; its place in the order is read from the row itself. Only the first pages can be reached by number.
Ids are found first and rows read afterwards, so that nothing is joined or worked out for rows that no page shows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet, FieldDoesNotExist
from django.db import connections
from django.db.models import Exists, F, Field, Model, OrderBy, OuterRef, Q, QuerySet
from django.http import HttpRequest

COUNT_LIMIT = 10_000
"""Counting stops here: a list says "more than 10,000" instead of reading a million rows for one number."""
SORTED_AT_ONCE = 200_000
"""A workbook of no more rows is put in order by one sort; walking an index of the order past the rows of other areas takes longer."""
JUMP_LIMIT = 1_000
"""Among more rows than can be counted, pages have numbers as long as no more rows than these stand before them."""


@dataclass(frozen=True)
class Order:
    """One column (a path from the model, or an annotation) and the direction; rows without a value come last in both."""

    path: str
    down: bool = False

    def expression(self, model: type[Model]) -> OrderBy:
        """Only a column that may be NULL pays for NULLS LAST: the plain order can use an index on both engines."""
        last = True if nullable(model, self.path) else None
        return F(self.path).desc(nulls_last=last) if self.down else F(self.path).asc(nulls_last=last)


class Ordering(NamedTuple):
    """The whole order of a list; the id breaks ties, so that every order is total."""

    columns: tuple[Order, ...] = ()
    pk_down: bool = False

    def expressions(self, model: type[Model]) -> list[Any]:
        return [order.expression(model) for order in self.columns] + ["-pk" if self.pk_down else "pk"]

    def walks(self, model: type[Model]) -> bool:
        """Whether an index gives this order, so that a million rows need no sorting."""
        return not self.columns or (len(self.columns) == 1 and indexed(model, self.columns[0].path))


class HeldRows(list[Any]):
    """Rows in memory, each with a `pk`: for a list that is few rows long and made of more than one table."""

    model = None

    def ids(self, ordering: Ordering) -> list[Any]:
        """All ids in the order asked for; an order names attributes of the rows."""
        rows = sorted(self, key=lambda row: str(row.pk), reverse=ordering.pk_down)
        for order in reversed(ordering.columns):
            rows.sort(key=attrgetter(order.path), reverse=order.down)
        return [row.pk for row in rows]

    def picked(self, ids: Iterable[Any]) -> "HeldRows":
        wanted = {str(pk) for pk in ids}
        return HeldRows(row for row in self if str(row.pk) in wanted)


class Cut(NamedTuple):
    """A page: its ids in order, whether rows follow, how many match (COUNT_LIMIT + 1: more than that), which page it is.

    `plain`: the wished order was not kept, because more rows match than can be sorted.
    """

    ids: list[Any]
    has_next: bool
    counted: int
    number: int
    plain: bool = False


def stored(model: type[Model], path: str) -> "Field[Any, Any] | None":
    """The column at the end of a path; None for what is worked out for each row."""
    current: Any = model
    field: Any = None
    for part in path.split("__"):
        try:
            field = current._meta.get_field(part)
        except FieldDoesNotExist:
            return None
        current = field.related_model or current
    return field if getattr(field, "concrete", False) else None


def indexed(model: type[Model], path: str) -> bool:
    """Whether an index of the column's own table begins with the column."""
    field = stored(model, path)
    if field is None:
        return False
    if field.unique or getattr(field, "db_index", False):
        return True
    return any(
        index.fields and index.condition is None and index.fields[0].lstrip("-") == field.name for index in field.model._meta.indexes
    )


def nullable(model: type[Model], path: str) -> bool:
    """Whether rows may have no value there, on the way or at its end; an annotation always may."""
    current: Any = model
    for part in path.split("__"):
        try:
            field = current._meta.get_field(part)
        except FieldDoesNotExist:
            return True
        if field.null:
            return True
        current = field.related_model or current
    return False


def counted(rows: "QuerySet[Any]") -> int:
    """How many rows, or COUNT_LIMIT + 1 for more than that. By ids alone: what columns work out for a row is not worked out to be counted."""
    return rows.order_by().values_list("pk")[: COUNT_LIMIT + 1].count()


def count_text(number: int) -> str:
    """What `counted` found, as people read it."""
    return f"超过 {COUNT_LIMIT:,}" if number > COUNT_LIMIT else f"{number:,}"


def fetched(rows: "QuerySet[Any] | HeldRows", ids: list[Any]) -> list[Any]:
    """The rows of these ids, in their order, read with all that the columns show."""
    found = rows.picked(ids) if isinstance(rows, HeldRows) else rows.order_by().filter(pk__in=ids)
    by_id = {row.pk: row for row in found}
    return [by_id[pk] for pk in ids if pk in by_id]


def cut(
    rows: "QuerySet[Any] | HeldRows", wish: Ordering, usual: Ordering, request: HttpRequest, size: int, known: int | None = None
) -> Cut:
    """The page that the address asks for: `page` alone, or with `after` or `before`, the id of the row next to it.

    `known`: how many rows match, where that need not be counted.
    """
    number = _number(request.GET.get("page", ""))
    if isinstance(rows, HeldRows):
        ids = rows.ids(wish)
        number = min(number, max(-(-len(ids) // size), 1))
        return Cut(ids[(number - 1) * size : number * size], len(ids) > number * size, len(ids), number)
    total = counted(rows) if known is None else min(known, COUNT_LIMIT + 1)
    if not total:
        return Cut([], False, 0, 1)
    if total <= COUNT_LIMIT:
        number = min(number, max(-(-total // size), 1))
        ids = _few(rows, wish, (number - 1) * size, size + 1)
        return Cut(ids[:size], len(ids) > size, total, number)
    ordering = affordable(rows.model, wish, usual)
    plain = ordering is not wish
    after, before = (_row(rows, request.GET.get(key, "")) for key in ("after", "before"))
    if before is not None and number > 1:
        ids = _walk(rows, ordering, before, size, backwards=True)[::-1]
        if len(ids) == size:
            return Cut(ids, True, total, number, plain)
        after, number = None, 1  # rows went away since: the beginning is nearer than a page
    if after is not None and number > 1:
        ids = _walk(rows, ordering, after, size + 1)
        return Cut(ids[:size], len(ids) > size, total, number, plain)
    number = min(number, JUMP_LIMIT // size)
    skip = (number - 1) * size
    ids = _walk(rows, ordering, None, skip + size + 1)[skip:]
    return Cut(ids[:size], len(ids) > size, total, number, plain)


def affordable(model: type[Model], wish: Ordering, usual: Ordering) -> Ordering:
    """The wished order where an index gives it; else the list's usual one, else that of the ids."""
    return next((one for one in (wish, usual) if one.walks(model)), Ordering())


def in_order(rows: "QuerySet[Any] | HeldRows", wish: Ordering, usual: Ordering, chunk: int) -> Iterator[list[Any]]:
    """All ids in the order of the list, chunk by chunk: for workbooks. Memory holds SORTED_AT_ONCE ids or one chunk, however many rows there are."""
    if isinstance(rows, HeldRows):
        yield from _split(rows.ids(wish), chunk)
        return
    if (at_once := sorted_at_once(rows, wish, usual)) is not None:
        yield from _split(list(at_once.values_list("pk", flat=True)), chunk)
        return
    ordering, last = affordable(rows.model, wish, usual), None
    while ids := _walk(rows, ordering, last, chunk):
        yield ids
        last = ids[-1]


def _split(ids: list[Any], chunk: int) -> Iterator[list[Any]]:
    return (ids[start : start + chunk] for start in range(0, len(ids), chunk))


def sorted_at_once(rows: "QuerySet[Any]", wish: Ordering, usual: Ordering) -> "QuerySet[Any] | None":
    """The rows in order, when they are no more than the database may sort in one go. What is worked out for each row orders few rows only."""
    number = rows.order_by().values_list("pk")[: SORTED_AT_ONCE + 1].count()
    if number > SORTED_AT_ONCE:
        return None
    plain = number <= COUNT_LIMIT or all(stored(rows.model, order.path) for order in wish.columns)
    ordering = wish if plain else affordable(rows.model, wish, usual)
    return rows.order_by(*ordering.expressions(rows.model))


def _number(wish: str) -> int:
    return max(int(wish), 1) if wish.isdecimal() and len(wish) < 8 else 1


def _row(rows: "QuerySet[Any]", wish: str) -> Any:
    """The id of a row that exists, or None."""
    if not (wish.isdecimal() and len(wish) < 19):
        return None
    return rows.model._base_manager.filter(pk=wish).values_list("pk", flat=True).first()


def _few(rows: "QuerySet[Any]", ordering: Ordering, skip: int, wanted: int) -> list[Any]:
    """Ids among at most COUNT_LIMIT rows. The limit within keeps either engine from walking an index of the order through a million."""
    names = [f"key_{place}" for place in range(len(ordering.columns))]
    keys = {name: F(order.path) for name, order in zip(names, ordering.columns, strict=True)}
    inner = rows.order_by().annotate(found_pk=F("pk"), **keys).values_list("found_pk", *names)[: COUNT_LIMIT + 1]
    try:
        sql, params = inner.query.sql_with_params()
    except EmptyResultSet:
        return []
    # As in `Order.expression`: rows without a value last in both directions.
    sorting = [f"{name} {'DESC' if order.down else 'ASC'} NULLS LAST" for name, order in zip(names, ordering.columns, strict=True)]
    sorting.append("found_pk DESC" if ordering.pk_down else "found_pk ASC")
    outer = f"SELECT found_pk FROM ({sql}) found ORDER BY {', '.join(sorting)} LIMIT %s OFFSET %s"  # noqa: S608 - names of this module
    with connections[rows.db].cursor() as cursor:
        cursor.execute(outer, [*params, wanted, skip])
        return [row[0] for row in cursor.fetchall()]


def _walk(rows: "QuerySet[Any]", ordering: Ordering, beside: Any, wanted: int, *, backwards: bool = False) -> list[Any]:
    """Ids in the order, behind the row `beside` (backwards: before it, the nearest first). At most two queries.

    Rows with and without a value are asked for apart: `a > x OR a IS NULL` and NULLS LAST would keep an index from serving the order.
    """
    rows, model, pk_down = _probed(rows), rows.model, ordering.pk_down != backwards
    pk = "-pk" if pk_down else "pk"
    behind_pk = Q(**{f"pk__{'lt' if pk_down else 'gt'}": beside})
    if not ordering.columns:
        return list(rows.filter(Q() if beside is None else behind_pk).order_by(pk).values_list("pk", flat=True)[:wanted])
    path, down = ordering.columns[0].path, ordering.columns[0].down != backwards
    segments = [False, True] if nullable(model, path) else [False]  # whether its rows are those without a value
    if backwards:
        segments.reverse()
    value = None if beside is None else model._base_manager.filter(pk=beside).values_list(path, flat=True).first()
    start = 0 if beside is None or len(segments) == 1 else segments.index(value is None)
    found: list[Any] = []
    for place, empty in enumerate(segments[start:]):
        part = rows.filter(**{f"{path}__isnull": empty}) if len(segments) > 1 else rows
        if beside is not None and place == 0:
            part = part.filter(behind_pk if empty else _behind(path, value, down=down, behind_pk=behind_pk))
        part = part.order_by(pk) if empty else part.order_by(f"-{path}" if down else path, pk)
        found += part.values_list("pk", flat=True)[: wanted - len(found)]
        if len(found) >= wanted:
            break
    return found


def _probed(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """The rows, as conditions that are looked at for each row of the walk.

    SQLite does not weigh a LIMIT: it would rather fetch and sort half a million rows of an area than walk the names until a page is full.
    """
    if connections[rows.db].vendor != "sqlite":
        return rows
    probed: QuerySet[Any] = rows.model._base_manager.using(rows.db).filter(Exists(rows.order_by().filter(pk=OuterRef("pk"))))
    return probed


def _behind(path: str, value: Any, *, down: bool, behind_pk: Q) -> Q:
    """The range is what an index can seek; the rest of the condition looks at rows of the same value only."""
    strict, loose = ("lt", "lte") if down else ("gt", "gte")
    return Q(**{f"{path}__{loose}": value}) & (Q(**{f"{path}__{strict}": value}) | behind_pk)
