"""The encrypted column: what stands in the table is sealed by the vault for this table, column and row."""

from collections.abc import Callable
from typing import Any

from django.db import models

from tongxing.core.vault import seal, sealing, unseal


class VaultColumn(models.TextField[str, str]):
    """Text sealed by `core.vault`. Attribute access yields the sealed text; `open` and `sealed_for` (`sealing` for many) are the only doors."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)

    @staticmethod
    def context(model: type[models.Model], column: str, uid: object) -> str:
        return f"{model._meta.db_table}|{column}|{uid}"

    @classmethod
    def open(cls, row: models.Model, column: str) -> str:
        """The plain text of `column` of `row`."""
        return unseal(getattr(row, column), cls.context(type(row), column, row.uid))  # type: ignore[attr-defined]

    @classmethod
    def sealed_for(cls, model: type[models.Model], column: str, uid: object, plain: str) -> str:
        """The sealed text of `plain` for the row `uid` of `model`."""
        return seal(plain, cls.context(model, column, uid))

    @classmethod
    def sealing(cls, model: type[models.Model], column: str) -> Callable[[object, str], str]:
        """`sealed_for` of one column for many rows in a row: (uid, plain text) → sealed text."""
        sealed, start = sealing(), cls.context(model, column, "")
        return lambda uid, plain: sealed(plain, f"{start}{uid}")
