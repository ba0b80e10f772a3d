"""A load that is killed (SIGKILL) at random moments, several times: nothing half done, the re-run finishes it, nothing doubled.

The killed process works on a database file of its own: a kill cannot be had inside a test's transaction.
"""

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .rosters import ENTERPRISES, enterprise, write

ROWS = 9_000
LOAD = """
import django, json, sys
django.setup()
from tongxing.audit.log import COMMAND_LINE
from tongxing.sheets import command
print(json.dumps(command.load("enterprises", sys.argv[1], by=COMMAND_LINE)))
"""
PREPARE = """
import django
django.setup()
from django.core.management import call_command
from tongxing.areas.models import Area
call_command("migrate", verbosity=0)
county = Area.objects.get_or_create(code=419001000000, defaults={"name": "济源示范区", "short_name": "济源示范区", "kind": "county"})[0]
Area.objects.get_or_create(code=419001100000, defaults={"name": "克井镇", "short_name": "克井镇", "kind": "town", "parent": county})
"""


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"TONGXING_DATABASE_URL", "TONGXING_TEST_DATABASE_URL"}}
    return {**kept, "TONGXING_DATA_DIR": str(folder / "data"), "DJANGO_SETTINGS_MODULE": "tongxing.config.settings"}


def run(script: str, *arguments: str, folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", script, *arguments], env=environment(folder), stdout=subprocess.PIPE, text=True)  # noqa: S603


@pytest.mark.slow
def test_killed_load_is_finished_by_the_next_one(tmp_path: Path) -> None:
    with run(PREPARE, folder=tmp_path) as preparing:
        assert preparing.wait(timeout=120) == 0
    path = write(tmp_path, [ENTERPRISES, *(enterprise(number) for number in range(ROWS)), enterprise(3), enterprise(ROWS, 从业人员数="-1")])
    seed = random.Random(7)
    seen = []
    database = sqlite3.connect(tmp_path / "data" / "tongxing.sqlite3")
    for _ in range(3):
        with run(LOAD, str(path), folder=tmp_path) as process:
            _until_more(database, process, len(seen) and seen[-1])
            time.sleep(seed.random() * 0.2)
            process.kill()
        stand = database.execute("SELECT count(*), count(DISTINCT credit_code) FROM registry_organisation").fetchone()
        marked = database.execute("SELECT coalesce(sum(json_array_length(refs)), 0) FROM sheets_chunk WHERE applied").fetchone()[0]
        assert stand == (marked, marked)
        seen.append(stand[0])
    with run(LOAD, str(path), folder=tmp_path) as process:
        out, _ = process.communicate(timeout=120)
    report = json.loads(out)
    assert (report["status"], report["rows"], report["new"], report["same"]) == ("applied", ROWS + 2, ROWS, 0)
    assert [(problem["row"], problem["code"]) for problem in report["problems"]] == [
        (ROWS + 2, "duplicate_in_file"),
        (ROWS + 3, "negative"),
    ]
    counts = database.execute("SELECT count(*), count(DISTINCT credit_code) FROM registry_organisation").fetchone()
    assert counts == (ROWS, ROWS)
    assert database.execute("SELECT count(*) FROM sheets_batch").fetchone() == (1,)
    assert database.execute("SELECT count(*) FROM audit_entry WHERE act = 'sheets.apply'").fetchone() == (1,)
    assert any(0 < count < ROWS for count in seen)
    database.close()


def _until_more(database: sqlite3.Connection, process: "subprocess.Popen[str]", before: int) -> None:
    """Wait until the load wrote at least one chunk more, or ended."""
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        if database.execute("SELECT count(*) FROM registry_organisation").fetchone()[0] > before:
            return
        time.sleep(0.02)
