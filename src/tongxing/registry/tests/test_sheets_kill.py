"""A load that is killed (SIGKILL) at random moments, several times: nothing half done, the re-run finishes it, nothing doubled.

The killed process works on a database of its own (a file, or one on the server of the tests): a kill cannot be had inside a transaction.
"""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest

from .rosters import ENTERPRISES, enterprise, write

ROWS = 22_000  # five chunks: three kills leave something to do
LOAD = """
import django, json, sys
django.setup()
from tongxing.audit.log import COMMAND_LINE
from tongxing.sheets import command
print(json.dumps(command.load("enterprises", sys.argv[1], by=COMMAND_LINE)))
"""
SWEEP = "import django; django.setup(); from tongxing.files.scratch import sweep; sweep()"
PREPARE = """
import django
django.setup()
from django.core.management import call_command
from tongxing.areas.models import Area
call_command("migrate", verbosity=0)
county = Area.objects.get_or_create(code=419001000000, defaults={"name": "济源示范区", "short_name": "济源示范区", "kind": "county"})[0]
Area.objects.get_or_create(code=419001100000, defaults={"name": "克井镇", "short_name": "克井镇", "kind": "town", "parent": county})
"""


pytestmark = [pytest.mark.slow, pytest.mark.homes]
SERVER = os.environ.get("TONGXING_TEST_DATABASE_URL", "")
Ask = Callable[[str], tuple[Any, ...]]


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Environment of the processes: a data folder and, on PostgreSQL, a new database."""
    kept = {name: value for name, value in os.environ.items() if name not in {"TONGXING_DATABASE_URL", "TONGXING_TEST_DATABASE_URL"}}
    own = {**kept, "TONGXING_DATA_DIR": str(tmp_path / "data"), "DJANGO_SETTINGS_MODULE": "tongxing.config.settings"}
    if not SERVER:
        shutil.copytree(request.getfixturevalue("prepared"), tmp_path / "data")
        yield own
        return
    name = f"killed_{uuid4().hex[:12]}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield {**own, "TONGXING_DATABASE_URL": urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))}
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def ask(place: dict[str, str]) -> Iterator[Ask]:
    """The first row of a query on the processes' database."""
    with run(PREPARE, place=place) as preparing:
        assert preparing.wait(timeout=240) == 0
    if SERVER:
        with psycopg.connect(place["TONGXING_DATABASE_URL"], autocommit=True) as server:
            yield lambda query: server.execute(query.replace("json_array", "jsonb_array")).fetchone() or ()
        return
    with closing(sqlite3.connect(Path(place["TONGXING_DATA_DIR"]) / "tongxing.sqlite3")) as database:
        yield lambda query: database.execute(query).fetchone()


def run(script: str, *arguments: str, place: dict[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", script, *arguments], env=place, stdout=subprocess.PIPE, text=True)  # noqa: S603


def test_killed_load_is_finished_by_the_next_one(tmp_path: Path, place: dict[str, str], ask: Ask) -> None:
    path = write(tmp_path, [ENTERPRISES, *(enterprise(number) for number in range(ROWS)), enterprise(3), enterprise(ROWS, 从业人员数="-1")])
    seed = random.Random(7)
    seen = []
    for _ in range(3):
        with run(LOAD, str(path), place=place) as process:
            _until_more(ask, process, len(seen) and seen[-1])
            time.sleep(seed.random() * 0.2)
            process.kill()
        stand = ask("SELECT count(*), count(DISTINCT credit_code) FROM registry_organisation")
        marked = ask("SELECT coalesce(sum(json_array_length(refs)), 0) FROM sheets_chunk WHERE applied")[0]
        assert stand == (marked, marked)
        seen.append(stand[0])
    with run(LOAD, str(path), place=place) as process:
        out, _ = process.communicate(timeout=240)
    report = json.loads(out)
    assert (report["status"], report["rows"], report["new"], report["same"]) == ("applied", ROWS + 2, ROWS, 0)
    assert [(problem["row"], problem["code"]) for problem in report["problems"]] == [
        (ROWS + 2, "duplicate_in_file"),
        (ROWS + 3, "negative"),
    ]
    assert ask("SELECT count(*), count(DISTINCT credit_code) FROM registry_organisation") == (ROWS, ROWS)
    assert ask("SELECT count(*) FROM sheets_batch") == (1,)
    assert ask("SELECT count(*) FROM audit_entry WHERE act = 'sheets.apply'") == (1,)
    assert any(0 < count < ROWS for count in seen)
    assert list((tmp_path / "data" / "scratch").iterdir()), "a killed reader leaves its clear copy behind"
    with run(SWEEP, place=place) as sweeping:
        assert sweeping.wait(timeout=120) == 0
    assert list((tmp_path / "data" / "scratch").iterdir()) == []


def _until_more(ask: Ask, process: "subprocess.Popen[str]", before: int) -> None:
    """Wait until the load wrote at least one chunk more, or ended."""
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        if ask("SELECT count(*) FROM registry_organisation")[0] > before:
            return
        time.sleep(0.02)
