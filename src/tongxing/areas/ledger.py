"""The ledger of touched leaves: rows are only added, so writers never wait for one another."""

import json
from collections.abc import Iterable

from django.db import connection

from .models import TouchedLeaf


def touch(codes: Iterable[int | None]) -> None:
    """Note that figures of these areas may have changed. Call it inside the transaction that changes them."""
    wanted = sorted({code for code in codes if code is not None})
    if not wanted:
        return
    source = "unnest(%s::bigint[])" if connection.vendor == "postgresql" else "value FROM json_each(%s)"
    with connection.cursor() as cursor:
        # One parameter however many: a roster touches thousands of leaves at a time.
        cursor.execute(
            f"INSERT INTO {TouchedLeaf._meta.db_table} (area_code) SELECT {source}",
            [wanted if connection.vendor == "postgresql" else json.dumps(wanted)],
        )
