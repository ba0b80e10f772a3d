"""Money under pressure, on a database of its own: fifty at once, a process that is killed at any moment, and before any statement.

A SQLite file; with TONGXING_TEST_DATABASE_URL a new database on that server instead.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
from command_line import environment, tongxing

from tongxing.subsidies.tests.rush import EXPECTED

pytestmark = [pytest.mark.slow, pytest.mark.homes]
SERVER = os.environ.get("TONGXING_TEST_DATABASE_URL", "")
KILLS = 6


class Place(NamedTuple):
    """A data folder and, on PostgreSQL, the database that goes with it."""

    folder: Path
    database: str = ""

    @property
    def variables(self) -> dict[str, str]:
        return {"TONGXING_DATABASE_URL": urlunsplit(urlsplit(SERVER)._replace(path=f"/{self.database}"))} if self.database else {}


def play(place: Place, what: str, *more: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tongxing.subsidies.tests.rush", what, *more]
    return subprocess.Popen(command, env=environment(place.folder, **place.variables), stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def answered(place: Place, what: str) -> Any:
    process = play(place, what)
    said, complaint = process.communicate(timeout=300)
    assert process.returncode == 0, complaint.decode()[-3000:]
    return json.loads(said)


def on_the_server(statement: str) -> None:
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(statement.encode())


@pytest.fixture(scope="module")
def first(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """As the first start leaves it."""
    if not SERVER:
        yield Place(request.getfixturevalue("prepared"))
        return
    place = Place(tmp_path_factory.mktemp("money") / "var", f"money_{uuid4().hex[:12]}")
    on_the_server(f"CREATE DATABASE {place.database}")
    done = tongxing(place.folder, "run", "--prepare-only", **place.variables)
    assert done.returncode == 0, done.stderr
    yield place
    on_the_server(f"DROP DATABASE {place.database} WITH (FORCE)")


@pytest.fixture
def data(first: Place, tmp_path: Path) -> Iterator[Place]:
    """A copy of what was prepared."""
    place = Place(Path(shutil.copytree(first.folder, tmp_path / "var")), f"money_{uuid4().hex[:12]}" if SERVER else "")
    if place.database:
        on_the_server(f"CREATE DATABASE {place.database} TEMPLATE {first.database}")
    yield place
    if place.database:
        on_the_server(f"DROP DATABASE {place.database} WITH (FORCE)")


def test_fifty_at_once(data: Place) -> None:
    if SERVER:
        pytest.skip("subsidies/tests/test_at_once.py does this on PostgreSQL")
    assert answered(data, "rush") == EXPECTED


def test_killed_between_any_two_steps_nothing_is_lost_or_paid_twice(data: Place, tmp_path: Path) -> None:
    answered(data, "prepare")
    chance, begun = random.Random(7), tmp_path / "begun"
    for _ in range(KILLS):
        begun.unlink(missing_ok=True)
        process = play(data, "walk", str(begun))
        while not begun.exists() and process.poll() is None:
            time.sleep(0.01)
        time.sleep(chance.uniform(0.02, 0.6))
        process.kill()
        process.communicate()
        assert answered(data, "verify")["wrong"] == []
    process = play(data, "walk", str(begun))
    _, complaint = process.communicate(timeout=300)
    assert process.returncode == 0, complaint.decode()[-3000:]
    found = answered(data, "verify")
    assert (found["wrong"], found["paid"], found["claims"]) == ([], found["certificates"], 6)


def test_killed_before_any_statement_between_list_and_bank_it_is_paid_once(data: Place) -> None:
    found = answered(data, "killed")
    assert (found["left"], found["wrong"]) == (0, [])
    assert (found["claims"], found["paid"], found["steps"]) == (1, 1, ["paid", "done", "paid"])
    assert found["kills"] > 50
