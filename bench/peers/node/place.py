"""Where a peer's server keeps its rows: a SQLite file in the run's folder, or a schema of its own in the run's database."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import psycopg

from bench.case import Case


class Place:
    """Empty when it is made; goes with the run, like all that stands in its folder and database."""

    def __init__(self, case: Case, name: str) -> None:
        self.url, self.schema = case.url, name
        self.folder = Path(case.data_dir) / name
        self.folder.mkdir()
        if self.url:
            self.run(f'CREATE SCHEMA "{name}"')

    @property
    def file(self) -> Path:
        return self.folder / "rows.sqlite3"

    @property
    def server(self) -> dict[str, str]:
        """How PostgreSQL is reached: host, port, user and database."""
        parts = urlsplit(self.url)
        host = dict(parse_qsl(parts.query))["host"]
        return {"host": host, "port": str(parts.port or 5432), "user": parts.username or "", "database": parts.path.lstrip("/")}

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        if not self.url:
            with closing(sqlite3.connect(self.file, timeout=60)) as connection, connection:
                return connection.execute(statement).fetchall()
        with psycopg.connect(self.url) as database:
            cursor = database.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def size(self) -> int:
        if not self.url:
            return sum(path.stat().st_size for path in self.folder.glob(f"{self.file.name}*"))
        return int(self.run("SELECT pg_database_size(current_database())")[0][0])
