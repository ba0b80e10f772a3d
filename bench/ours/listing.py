"""List pages and their export as the server makes them: the whole request through all middlewares, without the network."""

import time
from statistics import fmean
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import workload
from bench.case import Case
from bench.floors.listing import export_place
from bench.measuring.clock import Clock
from bench.measuring.figures import latencies

REPEATS = 5
HOST = "127.0.0.1"


def signed_in() -> Client:
    client = Client(HTTP_HOST=HOST)
    client.force_login(workload.officer(), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def pages(case: Case) -> dict[str, Any]:
    """p95 over all filters; per page the median and how many queries it took."""
    client, everything, by_page, cpu = signed_in(), [], {}, []
    for page in workload.list_pages():
        taken = []
        client.get(page.address)  # the first request imports pages and compiles templates
        with CaptureQueriesContext(connection) as queries:
            client.get(page.address)
        asked = len(queries)  # the next request empties the log
        clock = Clock(case)
        for _ in range(REPEATS):
            started = time.perf_counter()
            answer = client.get(page.address)
            taken.append(time.perf_counter() - started)
            assert answer.status_code == 200, (page.address, answer.status_code)
        cpu.append(clock.read(times=REPEATS)["cpu"])
        everything += taken
        by_page[page.label] = {"p50": latencies(taken)["p50"], "worst": latencies(taken)["worst"], "queries": asked, "cpu": cpu[-1] * 1_000}
    return {"value": latencies(everything)["p95"], "cpu": fmean(cpu), **latencies(everything), "by_page": by_page}


def export(case: Case) -> dict[str, Any]:
    """The workbook of about 100,000 organisations; the figure is seconds for 100,000."""
    client, (place, rows) = signed_in(), export_place(case)
    client.get("/registry/organisations/?q=0")  # the first request imports all pages
    clock = Clock(case)
    answer = client.post(f"/registry/organisations/?area={place}")
    parts: Any = answer.streaming_content  # type: ignore[attr-defined]
    size = sum(map(len, parts))
    taken = clock.read()
    assert answer.status_code == 200, answer.status_code
    return {
        **taken,
        "value": taken["value"] * 100_000 / rows,
        "cpu": taken["cpu"] * 100_000 / rows,
        "rows": rows,
        "bytes": size,
        "seconds": taken["value"],
    }
