"""The database's own statistics are looked at anew, daily on SQLite and after much was written."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection
from django.db.utils import ConnectionHandler

from tongxing.config.environment import SQLITE_PRAGMAS
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


@pytest.fixture
def in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], int]]:
    """A database of SQLite with a long log; gives its length when asked."""
    monkeypatch.setattr(upkeep, "LONG_LOG", 100_000)
    file = tmp_path / "house.sqlite3"
    options = {"init_command": SQLITE_PRAGMAS + " PRAGMA wal_autocheckpoint=0", "timeout": 0.1}
    own = ConnectionHandler({"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": file, "OPTIONS": options}})["default"]
    monkeypatch.setattr(upkeep, "connection", own)
    with own.cursor() as cursor:
        cursor.execute("CREATE TABLE big (text)")
        cursor.execute("INSERT INTO big VALUES (zeroblob(500000))")
    yield lambda: (tmp_path / "house.sqlite3-wal").stat().st_size
    own.close()


def test_a_long_log_begins_anew(in_a_file: Callable[[], int]) -> None:
    assert in_a_file() > upkeep.LONG_LOG
    upkeep.shorten_log()
    assert in_a_file() == 0
    with upkeep.connection.cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM big").fetchone() == (1,)


def test_a_reader_who_stays_is_not_waited_for(in_a_file: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "READERS_END_MS", 10)
    with closing(sqlite3.connect(upkeep.connection.settings_dict["NAME"])) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM big").fetchone() == (1,)
        upkeep.shorten_log()
        assert in_a_file() > upkeep.LONG_LOG
    with upkeep.connection.cursor() as cursor:
        assert cursor.execute("PRAGMA busy_timeout").fetchone() == (100,)


def test_daily_look_is_for_sqlite_alone(jiyuan: object) -> None:
    upkeep.analyze_daily()
    assert ("areas_area" in known()) == (connection.vendor == "sqlite")
