"""The worker as a real process: what `kill -9` leaves behind is taken up again, and no more often than allowed."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from command_line import environment, tongxing
from django_tasks_db.models import DBTaskResult

SLOW_TASK = """
import time
from pathlib import Path
from django_tasks import task

@task()
def slow(folder):
    with (Path(folder) / "runs").open("a") as file:
        file.write("started\\n")
    if not (Path(folder) / "go").exists():
        time.sleep(60)
    (Path(folder) / "done").write_text("done")
"""
QUEUE = "import django; django.setup(); import sys, slow_task; slow_task.slow.enqueue(sys.argv[1])"


@pytest.fixture
def place(prepared: Path, tmp_path: Path) -> Path:
    (tmp_path / "slow_task.py").write_text(SLOW_TASK)
    shutil.copytree(prepared, tmp_path / "var")
    subprocess.run([sys.executable, "-c", QUEUE, str(tmp_path)], env=_environment(tmp_path), check=True)
    return tmp_path


def _environment(folder: Path) -> dict[str, str]:
    own = environment(folder / "var")
    return {**own, "PYTHONPATH": os.pathsep.join([str(folder), own["PYTHONPATH"]])}


def _tongxing(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return tongxing(folder / "var", *arguments, PYTHONPATH=_environment(folder)["PYTHONPATH"])


def _worker_killed_in_mid_task(folder: Path) -> None:
    before = len(_runs(folder))
    worker = subprocess.Popen(
        [sys.executable, "-m", "tongxing", "worker"], env=_environment(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 30
        while len(_runs(folder)) == before:
            assert time.monotonic() < deadline, "the worker did not take the task"
            time.sleep(0.05)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()


def _runs(folder: Path) -> list[str]:
    return (folder / "runs").read_text().splitlines() if (folder / "runs").exists() else []


def _result(folder: Path) -> tuple[str, int]:
    with closing(sqlite3.connect(folder / "var" / "tongxing.sqlite3")) as database:
        table = DBTaskResult._meta.db_table
        query = f"SELECT status, json_array_length(worker_ids) FROM {table} WHERE task_path = 'slow_task.slow'"
        return database.execute(query).fetchone()


@pytest.mark.slow
def test_task_of_a_killed_worker_runs_again(place: Path) -> None:
    _worker_killed_in_mid_task(place)
    assert _result(place) == ("RUNNING", 1)
    (place / "go").touch()

    assert _tongxing(place, "worker", "--once").returncode == 0
    assert _result(place) == ("SUCCESSFUL", 2)
    assert (place / "done").read_text() == "done"


@pytest.mark.slow
def test_task_that_kills_every_worker_fails_in_the_end(place: Path) -> None:
    for _ in range(3):
        _worker_killed_in_mid_task(place)

    assert _tongxing(place, "worker", "--once").returncode == 0
    assert _result(place) == ("FAILED", 3)
    assert len(_runs(place)) == 3
