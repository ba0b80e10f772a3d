"""The encrypted column: what stands in the table is sealed by the vault for this table, column and row."""

from typing import Any

from django.db import models

from tongxing.core.vault import seal, unseal


class VaultColumn(models.TextField[str, str]):
    """Text sealed by `core.vault`. Attribute access yields the sealed text; `open` and `sealed_for` are the only two doors."""

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
