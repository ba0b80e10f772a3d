"""Numbers that run on: papers, claims, payment lists, certificates. None is given twice, and none is left out."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model


def count_up(series: type[Model], by: int = 1, *, past: Callable[[], int] = int, **key: Any) -> int:
    """The last of `by` new numbers in the series that `key` names (a row with `last`), which stays locked until the transaction ends.

    `past` is asked under the lock: the highest number that stands elsewhere already.
    """
    series._default_manager.get_or_create(**key)
    row: Any = series._default_manager.select_for_update().get(**key)
    row.last = max(row.last, past()) + by
    row.save(update_fields=["last"])
    return int(row.last)
