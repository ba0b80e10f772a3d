"""Medians, percentiles, goals and the load client."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bench import keeping, report
from bench.case import Case
from bench.measuring.clock import Clock
from bench.measuring.figures import latencies, percentile, summary
from bench.measuring.load import Request, fire, in_turn


def test_percentiles_are_values_of_the_series() -> None:
    values = [float(number) for number in range(1, 101)]
    assert [percentile(values, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert summary([2.0, 1.0, 3.0]) == {"median": 2.0, "least": 1.0, "most": 3.0, "spread": 1.0}
    assert latencies([0.001])["p99"] == 1.0


def result(job: str, ours: float, floor: float | None = None, errors: dict[str, int] | None = None) -> dict[str, Any]:
    def facts(value: float) -> dict[str, object]:
        return {
            "value": summary([value]),
            "cpu": value,
            "memory_mib": 1.0,
            "grown_mib": None,
            "rounds": 1,
            "details": {"errors": errors or {}},
        }

    return {"engine": "sqlite", "job": job, "contenders": {"ours": facts(ours)} | ({"floor": facts(floor)} if floor else {}), "failed": {}}


@pytest.mark.parametrize(
    ("job", "ours", "floor", "reached"),
    [
        ("import-csv-empty", 2.9, 1.0, True),
        ("import-csv-empty", 3.1, 1.0, False),
        ("dry-run", 21_000, 90_000, True),
        ("dry-run", 19_000, 90_000, False),
        ("verification", 91, 100, True),
        ("verification", 89, 100, False),
        ("memory-csv", 299, 50, True),
        ("memory-xlsx", 1_200, 1_001, True),
        ("memory-xlsx", 1_200, 999, False),
        ("mixed", 999, None, True),
    ],
)
def test_goals(job: str, ours: float, floor: float | None, reached: bool) -> None:
    assert report.reached(result(job, ours, floor)) is reached


def test_an_error_is_never_a_goal_reached() -> None:
    assert not report.reached(result("mixed", 10, errors={"start page 500": 1}))


def test_the_page_says_by_how_much_a_goal_is_missed() -> None:
    assert report.verdict(result("import-csv-empty", 6.0, 1.0)) == "**missed by ×2.00** (allowed 3 s)"
    assert report.verdict(result("dry-run", 10_000, 90_000)) == "**missed by ×2.00** (allowed 20,000 rows/s)"
    assert report.verdict(result("import-csv-empty", 2.0)) == "**failed**"
    failed = {"engine": "sqlite", "job": "search", "contenders": {}, "failed": {"ours": "Traceback\nBoom: no"}}
    assert (report.reached(failed), report.verdict(failed)) == (False, "**failed**")


def test_a_peer_that_took_a_part_of_the_rows_is_shown_for_all_of_them() -> None:
    facts = {"value": summary([40.0, 44.0]), "cpu": 30.0, "memory_mib": 800.0, "grown_mib": 6.0, "rounds": 2}
    found = result("import-xlsx-empty", 20.0)
    found["contenders"]["NocoDB, bulk"] = facts
    (row,) = [line for line in report._peers([found]) if "NocoDB" in line]
    assert row.endswith("| NocoDB, bulk | 42 s | 2.10 | 10% | 2 | 30 s | 800 | 24.0 |")


@pytest.fixture
def port() -> Iterator[int]:
    """A server that answers every third path with 404."""

    class Page(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(404 if self.path.endswith("2") else 200)
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_load_client_counts_answers_and_errors(port: int) -> None:
    requests = [Request(f"page {number}", f"/{number}") for number in range(3)]
    facts = fire(port, in_turn(requests), users=4, seconds=0.5, warm_up=0.1).facts()
    assert facts["by_label"].keys() == {"page 0", "page 1"}
    assert facts["errors"].keys() == {"page 2 404"}
    assert facts["per_second"] > 10


def test_processor_time_counts_children_that_ended_and_that_live() -> None:
    clock = Clock(Case("sqlite", ""))
    work = "import time\nuntil = time.process_time() + 0.3\nwhile time.process_time() < until: pass"
    subprocess.run([sys.executable, "-c", work], check=True)
    living = subprocess.Popen([sys.executable, "-c", f"{work}\nprint('done', flush=True)\ntime.sleep(60)"], stdout=subprocess.PIPE)
    assert living.stdout
    assert living.stdout.readline() == b"done\n"
    taken = clock.read(own=False)
    living.kill()
    living.communicate()
    assert taken["cpu"] >= 0.55


def test_two_runs_never_share_a_size(tmp_path: Path) -> None:
    with keeping.alone(tmp_path, "tiny"):
        with keeping.alone(tmp_path, "10k"):
            pass
        with pytest.raises(keeping.Busy), keeping.alone(tmp_path, "tiny"):
            pass
    with keeping.alone(tmp_path, "tiny"):
        pass
