"""The search index in one partition per province, for an installation that holds the country (`TONGXING_PARTITIONS=province`).

Only this table: it has no foreign key pointing at it, no number of its own that must be unique in the country, and every question about a place
names its area. Why organisations, people and the log stay whole: docs/decisions/0004-one-database-or-many.md.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from tongxing.core.locks import one_at_a_time

TABLE = "registry_searchentry"
GRAMS = "registry_search_grams"
# GB/T 2260, the first two digits.
PROVINCES = (
    *range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82,
)  # fmt: skip
WIDTH = 10**10
"""How many twelve-digit area codes a province has."""


@cache
def is_partitioned() -> bool:
    """Whether the index stands in partitions; the database knows, not the setting. Asked once by each process."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT relkind = 'p' FROM pg_class WHERE oid = %s::regclass", [TABLE])
        found = cursor.fetchone()
    return bool(found and found[0])


def arrange() -> int:
    """Bring the table into the shape that the setting asks for (`tongxing migrate`); how many partitions were made.

    One transaction under a lock: readers wait, nothing is lost. Rows that stand there already move along, so it also serves an
    installation that grew; it takes about as long as building the index anew. Turning back is not offered: the setting is a choice for good.
    """
    if settings.PARTITIONS != "province" or connection.vendor != "postgresql":
        return 0
    with one_at_a_time("registry.partitioning"):
        is_partitioned.cache_clear()
        made = 0 if is_partitioned() else _partition()
        is_partitioned.cache_clear()
        return made


def key_columns() -> str:
    """What is unique in the index, for upserts."""
    return "id, area_code" if is_partitioned() else "id"


def within(ranges: Iterable[tuple[int, int]] | None) -> tuple[str, list[int]]:
    """A condition on the entries `e` that lets the planner leave out other provinces, and its values; empty where there is nothing to leave out.

    The area tokens say the same to the index; only the column says it to the partitions.
    """
    spans = list(ranges or ())
    if not spans or not is_partitioned():
        return "", []
    return " AND (" + " OR ".join(["e.area_code BETWEEN %s AND %s"] * len(spans)) + ")", [code for span in spans for code in span]


def forget_elsewhere(cursor: Any, ids: Sequence[int], codes: Sequence[int]) -> None:
    """Entries of these ids that stand under another area: an upsert finds only those of the same partition."""
    if is_partitioned():
        cursor.execute(
            f"DELETE FROM {TABLE} WHERE id = ANY(%s) AND (id, area_code) NOT IN (SELECT * FROM unnest(%s::bigint[], %s::bigint[]))",  # noqa: S608
            [list(ids), list(ids), list(codes)],
        )


def settle(cursor: Any) -> None:
    """Put what waits into the index of tokens: of each partition, for the index above them holds nothing itself."""
    indexes = "SELECT relid FROM pg_partition_tree(%s::regclass) WHERE isleaf" if is_partitioned() else "SELECT %s::regclass"
    cursor.execute(f"SELECT gin_clean_pending_list(found.relid) FROM ({indexes}) AS found(relid)", [GRAMS])  # noqa: S608 - constants


@transaction.atomic
def _partition() -> int:
    old = f"{TABLE}_whole"
    with connection.cursor() as cursor:
        # Indexes are read off the whole table, so that what migrations make of it, now or later, is what the partitions get.
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s AND indexname <> %s ORDER BY 1", [TABLE, f"{TABLE}_pkey"])
        definitions = [definition for (definition,) in cursor.fetchall()]
        cursor.execute(f"ALTER TABLE {TABLE} RENAME TO {old}")
        cursor.execute(f"ALTER INDEX {TABLE}_pkey RENAME TO {old}_pkey")
        # A unique key of a partitioned table must hold the column it is partitioned by.
        cursor.execute(f"CREATE TABLE {TABLE} (LIKE {old} INCLUDING DEFAULTS, PRIMARY KEY (id, area_code)) PARTITION BY RANGE (area_code)")
        for number in PROVINCES:
            cursor.execute(
                f"CREATE TABLE {TABLE}_{number} PARTITION OF {TABLE} FOR VALUES FROM ({number * WIDTH}) TO ({(number + 1) * WIDTH})"
            )
        cursor.execute(f"CREATE TABLE {TABLE}_rest PARTITION OF {TABLE} DEFAULT")
        cursor.execute(f"INSERT INTO {TABLE} SELECT * FROM {old}")  # noqa: S608 - constants of this module
        cursor.execute(f"DROP TABLE {old}")
        for definition in definitions:
            cursor.execute(definition)
    return len(PROVINCES) + 1
