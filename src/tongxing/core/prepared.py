"""Queries whose statement is made once in a process and asked with other values each time.

Django writes the SQL of a query set anew at every use. For what every page asks that is most of the cost: the statement of a user's grants
takes half a millisecond to write, and the database a twentieth of that to answer. Only the text is kept, never an answer.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, Generic, TypeVar

from django.db import connections
from django.db.models import Model, QuerySet, Value

Row = TypeVar("Row", bound=Model)


class Slot(Value):
    """A place in a prepared query where a value is put in at each use: `filter(user_id=Slot("user"))`."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


class Prepared(Generic[Row]):
    """`build` makes the query set, with slots; a call takes a value for each slot and returns the rows.

    What is joined is read by annotations: rows have the columns of their own table only.
    """

    def __init__(self, model: type[Row], build: Callable[[], QuerySet[Row, Any]]) -> None:
        self.model, self.build = model, build
        self.statements: dict[str, tuple[str, tuple[Any, ...]]] = {}

    def __call__(self, **values: Any) -> list[Row]:
        manager = self.model._default_manager
        return list(manager.using(manager.db).raw(*self._asked(manager.db, values)))

    def number(self, **values: Any) -> int:
        """The figure that the query asks for: the first column of its first row, 0 without one."""
        rows = self.plain(**values)
        return int(rows[0][0]) if rows else 0

    def plain(self, **values: Any) -> list[tuple[Any, ...]]:
        """The columns of the rows as the database gives them: for numbers and texts."""
        alias = self.model._default_manager.db
        with connections[alias].cursor() as cursor:
            cursor.execute(*self._asked(alias, values))
            return list(cursor.fetchall())

    def _asked(self, alias: str, values: dict[str, Any]) -> tuple[str, list[Any]]:
        vendor = connections[alias].vendor
        if vendor not in self.statements:
            self.statements[vendor] = self.build().query.get_compiler(alias).as_sql()
        sql, parameters = self.statements[vendor]
        ready = {name: _ready(connections[alias], value) for name, value in values.items()}
        return sql, [ready[one.value] if isinstance(one, Slot) else one for one in parameters]


def _ready(connection: Any, value: Any) -> Any:
    """A day as the database takes it; the drivers' own ways of writing days are on their way out."""
    return connection.ops.adapt_datefield_value(value) if type(value) is date else value
