"""Installations that tests make and throw away, on whichever database the suite runs: a data folder, and on PostgreSQL a database of its own."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import psycopg
from command_line import environment

SERVER = os.environ.get("TONGXING_TEST_DATABASE_URL", "")
PASSPHRASE = "drei-Birnen-im-Korb"


class Home(NamedTuple):
    data: Path
    url: str

    @property
    def settings(self) -> dict[str, str]:
        return {"TONGXING_BACKUP_PASSPHRASE": PASSPHRASE, **({"TONGXING_DATABASE_URL": self.url} if self.url else {})}

    def run(self, *arguments: str | Path, **more: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "tongxing", *map(str, arguments)]
        # A drill runs three commands; on a busy machine each takes its time.
        return subprocess.run(
            command, env=self.environment(**more), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False
        )

    def environment(self, **more: str) -> dict[str, str]:
        return environment(self.data, **{**self.settings, **more})

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        if self.url:
            with psycopg.connect(self.url, autocommit=True) as database:
                cursor = database.execute(question)
                return cursor.fetchall() if cursor.description else []
        with closing(sqlite3.connect(self.data / "tongxing.sqlite3")) as database:
            rows = database.execute(question).fetchall()
            database.commit()
            return rows

    def is_untouched(self) -> bool:
        """No table, no half-restored folder."""
        rest = [path.name for path in self.data.glob("*") if path.name not in {"keys", "static"}] if self.data.exists() else []
        tables = self.ask("SELECT 1 FROM pg_tables WHERE schemaname = 'public'") if self.url else []
        return (rest, tables) == ([], [])


def _server() -> "psycopg.Connection[Any]":
    return psycopg.connect(SERVER, autocommit=True)


@contextmanager
def builder(folder: Path) -> Iterator[Callable[[], Home]]:
    """Call it for an empty home; the databases are dropped at the end."""
    names: list[str] = []

    def build() -> Home:
        data = folder / f"home-{uuid4().hex[:6]}"
        if not SERVER:
            return Home(data, "")
        names.append(f"home_{uuid4().hex[:10]}")
        with _server() as server:
            server.execute(f"CREATE DATABASE {names[-1]} TEMPLATE template0")
        before, _, options = SERVER.partition("?")
        return Home(data, f"{before.rpartition('/')[0]}/{names[-1]}?{options}")

    yield build
    for name in names:
        with _server() as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")
