"""Rows whose column holds one of many values: one parameter however many they are.

An ORM `IN` list costs Django over ten microseconds a value and has a limit of variables; a chunk asks for thousands.
"""

import json
from collections.abc import Iterable
from typing import Any, TypeVar, cast

from django.db import connection
from django.db.models import QuerySet

Rows = TypeVar("Rows", bound="QuerySet[Any]")


def among(rows: Rows, field: str, values: Iterable[Any]) -> Rows:
    """`rows` whose plain column `field` (text or whole number) is among `values`."""
    listed = sorted(set(values))
    if not listed:
        return rows.none()
    model = rows.model
    quote = connection.ops.quote_name
    column = f"{quote(model._meta.db_table)}.{quote(str(model._meta.get_field(field).column))}"
    if connection.vendor == "postgresql":
        where, parameter = f"{column} = ANY(%s)", listed
    else:
        where, parameter = f"{column} IN (SELECT value FROM json_each(%s))", json.dumps(listed)  # type: ignore[assignment]  # noqa: S608
    return cast("Rows", rows.extra(where=[where], params=[parameter]))  # noqa: S610 - the column is the model's
