"""The database's own statistics are looked at anew, daily on SQLite and after much was written."""

import pytest
from django.db import connection

from tongxing.core import upkeep

pytestmark = pytest.mark.django_db


def known() -> list[str]:
    """Tables of areas that the planner knows something of."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE name = 'sqlite_stat1'")
            if not cursor.fetchone():
                return []
            cursor.execute("SELECT DISTINCT tbl FROM sqlite_stat1 WHERE tbl LIKE 'areas%%'")
        else:
            cursor.execute("SELECT DISTINCT tablename FROM pg_stats WHERE schemaname = 'public' AND tablename LIKE 'areas%%'")
        return [table for (table,) in cursor.fetchall()]


def test_analyze_lets_the_planner_know_the_tables(jiyuan: object) -> None:
    assert "areas_area" not in known()
    upkeep.analyze()
    assert "areas_area" in known()


def test_daily_look_is_for_sqlite_alone(jiyuan: object) -> None:
    upkeep.analyze_daily()
    assert ("areas_area" in known()) == (connection.vendor == "sqlite")
