"""What SQLite needs to take steps back lies in a file while a roster is taken in, and in memory again afterwards."""

import pytest
from django.db import connection, transaction

from tongxing.sheets.memory import journals_on_disk

IN_FILE, IN_MEMORY = 1, 2


def _setting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA temp_store")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_steps_lie_in_a_file_until_the_block_ends() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("a matter of SQLite")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA temp_store=MEMORY")
    with journals_on_disk():
        assert _setting() == IN_FILE
    assert _setting() == IN_MEMORY


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_nothing_changes() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("a matter of SQLite")
    before = _setting()
    with transaction.atomic(), journals_on_disk():
        assert _setting() == before
