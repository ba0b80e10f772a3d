"""Fifty issues at once under one filing number, and a process killed (SIGKILL) before each of its statements, on a database of their own.

Both databases: a file of SQLite, or a new database on the server of the tests. No number is given twice and none is left out.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.homes]
SERVER = os.environ.get("TONGXING_TEST_DATABASE_URL", "")
AT_ONCE = 50
PREPARE = """
import django; django.setup()
from datetime import date
from django.core.management import call_command
from tongxing.areas.models import Area
call_command("migrate", verbosity=0)
values = {"name": "济源示范区", "short_name": "济源示范区", "valid_from": date(2000, 1, 1)}
county = Area.objects.update_or_create(code=419001000000, defaults={**values, "kind": "county"})[0]
Area.objects.update_or_create(code=419001100000, defaults={**values, "name": "克井镇", "short_name": "克井镇", "kind": "town", "parent": county})
"""
START = """
import django, json, os, signal, sys, threading
django.setup()
from django.db import connection, connections
from tongxing.areas.models import Area
from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.certificates.models import Certificate
from tongxing.core.errors import Refused
from tongxing.evaluation.issuing import issue
from tongxing.evaluation.models import AssessmentBatch, Candidate, SerialCounter
from tongxing.evaluation.tests.world import a_batch, a_filing, an_application, past_notice

def scene(number, batches, people):
    filing = a_filing(Area.objects.get(code=419001100000), number=number)
    made = []
    for _ in range(batches):
        batch = a_batch(filing)
        for _ in range(people):
            an_application(batch)
        made.append(past_notice(batch))
    return filing, made

def stand(filing):
    given = Certificate.objects.filter(number__startswith=filing.number)
    return {
        "numbers": sorted(int(number[16:]) for number in given.values_list("number", flat=True)),
        "noted": Candidate.objects.filter(certificate__in=given).count(),
        "last": sum(SerialCounter.objects.filter(filing=filing).values_list("last", flat=True)),
        "states": sorted(set(AssessmentBatch.objects.filter(filing=filing).values_list("state", flat=True))),
        "logged": Entry.objects.filter(act="evaluation.issue", object_id__in=[str(pk) for pk in AssessmentBatch.objects.filter(filing=filing).values_list("pk", flat=True)]).count(),
    }
"""
TOGETHER = (
    START
    + """
filing, batches = scene("S000041100001", int(sys.argv[1]) // 2, 2)
start, said = threading.Barrier(int(sys.argv[1])), []

def press(batch):
    try:
        start.wait()
        said.append(len(issue(batch, by=COMMAND_LINE).numbers))
    except Refused as refused:
        said.append(refused.code)
    except BaseException as other:
        said.append(repr(other))
    finally:
        connections.close_all()

threads = [threading.Thread(target=press, args=[batch]) for batch in [*batches, *batches]]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps({"said": sorted(map(str, said)), **stand(filing)}))
"""
)
DYING = """
def child(act, last):
    "Act, and die before statement `last`, or right after the act is done."
    seen = [0]
    def watch(execute, sql, params, many, context):
        seen[0] += 1
        if seen[0] == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)
    with connection.execute_wrapper(watch):
        act()
    os.kill(os.getpid(), signal.SIGKILL)
"""
KILLED = (
    START
    + DYING
    + """
filing, (batch, other) = scene("S000041100002", 2, 3)
connections.close_all()

def run(last):
    process = os.fork()
    if not process:
        child(lambda: issue(batch, by=COMMAND_LINE), last)
    status = os.waitpid(process, 0)[1]
    found = [os.WTERMSIG(status), stand(filing)]
    connections.close_all()
    return found

runs = []
for last in range(1, 200):
    runs.append(run(last))
    if runs[-1][1]["numbers"]:
        break
try:
    issue(batch, by=COMMAND_LINE)
    again = "issued"
except Refused as refused:
    again = refused.code
issue(other, by=COMMAND_LINE)
print(json.dumps({"runs": runs, "again": again, "end": stand(filing)}))
"""
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Environment of the processes: a data folder and, on PostgreSQL, a new database; migrated."""
    kept = {name: value for name, value in os.environ.items() if name not in {"TONGXING_DATABASE_URL", "TONGXING_TEST_DATABASE_URL"}}
    path = os.pathsep.join(filter(None, sys.path))
    data = tmp_path_factory.mktemp("issuing") / "data"
    own = {**kept, "PYTHONPATH": path, "TONGXING_DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "tongxing.config.settings"}
    if not SERVER:
        shutil.copytree(request.getfixturevalue("prepared"), data)
        said(PREPARE, own)
        yield own
        return
    name = f"issued_{uuid4().hex[:12]}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        own["TONGXING_DATABASE_URL"] = urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))
        said(PREPARE, own)
        yield own
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def said(script: str, place: dict[str, str], *arguments: str) -> Any:
    """What a process prints as JSON."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", script, *arguments], env=place, capture_output=True, text=True, timeout=400, check=False, cwd=Path.cwd()
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout) if done.stdout else None


def test_fifty_issues_at_once_leave_no_gap_and_no_double(place: dict[str, str]) -> None:
    """Twenty-five batches of one filing number, each pressed by two officers at the same moment."""
    found = said(TOGETHER, place, str(AT_ONCE))
    assert found["said"] == ["2"] * (AT_ONCE // 2) + ["wrong_state"] * (AT_ONCE // 2)
    assert found["numbers"] == list(range(1, AT_ONCE + 1))
    assert (found["noted"], found["last"], found["logged"], found["states"]) == (AT_ONCE, AT_ONCE, AT_ONCE // 2, ["issued"])


def test_a_kill_before_any_statement_gives_no_number_and_the_next_run_gives_them_all(place: dict[str, str]) -> None:
    found = said(KILLED, place)
    *killed, done = found["runs"]
    nothing = {"numbers": [], "noted": 0, "last": 0, "states": ["published"], "logged": 0}
    assert len(killed) > 10
    assert [run for run in killed if run != [9, nothing]] == []
    assert done == [9, {"numbers": [1, 2, 3], "noted": 3, "last": 3, "states": ["issued", "published"], "logged": 1}]
    assert found["again"] == "wrong_state", "killed after the commit it is done, and is not done twice"
    assert found["end"] == {"numbers": [1, 2, 3, 4, 5, 6], "noted": 6, "last": 6, "states": ["issued"], "logged": 2}
