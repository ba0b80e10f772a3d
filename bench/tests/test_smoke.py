"""One pass from the empty folder to the page, on the database that the tests run on: a template, a roster, contenders in processes of their own,
a web server under load."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from bench import harness, machine, report
from bench.jobs import JOBS
from bench.measuring import engines
from bench.sizes import SIZES

pytestmark = [pytest.mark.slow, pytest.mark.homes]
# One that writes, one that reads figures, one that asks a server: the three ways in which jobs run.
CHOSEN = ("import-csv-empty", "coverage-touched", "verification")


@pytest.fixture
def work() -> Iterator[Path]:
    """A folder that PostgreSQL's own user may enter, unlike pytest's."""
    folder = Path(tempfile.mkdtemp(prefix="tongxing-bench-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


# Said by a library of the wheel when it is imported where nobody is logged in.
@pytest.mark.filterwarnings("ignore:XDG_RUNTIME_DIR is not set")
def test_a_small_run_goes_from_the_empty_folder_to_the_page(work: Path) -> None:
    jobs, size = [job for job in JOBS if job.key in CHOSEN], SIZES["smoke"]
    name = engines.POSTGRESQL if "postgresql" in settings.DATABASES["default"]["ENGINE"] else engines.SQLITE
    bench = harness.Bench(work, size, rounds=1, say=lambda _: None)
    with engines.opened(name, bench.folder) as engine:
        bench.measure(engine, jobs)
        version, others = engine.version(), machine.Others(engine).share()
    assert [result["failed"] for result in bench.results] == [{}, {}, {}]
    imported, touched, verified = (result["contenders"] for result in bench.results)
    assert [imported[name]["details"]["rows"] for name in ("floor", "ours")] == [size.roster - _bad(bench), size.roster]
    assert imported["ours"]["memory_mib"] > 30
    assert touched["ours"]["value"]["median"] > 0
    assert verified["ours"]["details"]["errors"] == {}
    for contenders in (imported, touched, verified):
        assert contenders["floor"]["cpu"] > 0
        assert contenders["ours"]["cpu"] > 0
    facts = {
        "size": size._asdict(),
        "rounds": 1,
        "machine": machine.described(),
        "engine": name,
        "database": version,
        "others": others,
        "earlier": [],
        "day": "2026-01-01",
        "seconds": 61,
        "phases": bench.phases,
        "templates": bench.databases[name],
        "results": json.loads(json.dumps(bench.results)),
    }
    page = report.page([facts])
    for job in jobs:
        assert f"| {job.title} | " in page
    assert "**failed**" not in page
    assert "Ended with an error" not in page


def _bad(bench: harness.Bench) -> int:
    """Rows that a floor leaves out: those with a fault, but for the faults that plain checks cannot see."""
    manifest = json.loads((bench.rosters / f"{bench.size.roster}-enterprises.csv.manifest.json").read_text())
    return len([kind for kind, _ in manifest.values() if kind not in UNSEEN])


# A floor has no tables of places, industries and words to judge by, and no today.
UNSEEN = {"unknown township", "industry outside the standard", "unknown status", "day to come"}
