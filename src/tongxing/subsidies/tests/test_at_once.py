"""Fifty at once on PostgreSQL; tests/test_money.py does the same on a SQLite file, which in-memory tests do not have."""

from types import SimpleNamespace

import pytest
from django.db import connection

from . import rush


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once(jiyuan: SimpleNamespace) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("in-memory SQLite knows no second connection; tests/test_money.py does this with a file")
    assert rush.rush(rush.scene()) == rush.EXPECTED
