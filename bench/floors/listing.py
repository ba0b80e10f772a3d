"""The bare SQL of a list page, and a workbook written straight from a cursor."""

import tempfile
import time
from statistics import fmean
from typing import Any

from rustpy_xlsxwriter import FastExcel

from bench import workload
from bench.case import Case
from bench.measuring.clock import Clock
from bench.measuring.figures import latencies

from .connecting import connect, fetch

REPEATS = 5
# A page that took so many seconds in all is not asked for again: what a bare LIKE costs among ten million names is known after once.
LONG = 10.0
EXPORTED = "name, kind, area_id, size, employees, industry, status"


def pages(case: Case) -> dict[str, Any]:
    """The rows of the page and the capped count."""
    connection, everything, by_page, cpu = connect(case), [], {}, []
    for page in workload.list_pages():
        start = 39 * 25 if "page=40" in page.address else 0
        rows = f"SELECT * FROM {page.table} WHERE {page.where} ORDER BY {page.order} LIMIT 26 OFFSET {start}"
        count = f"SELECT count(*) FROM (SELECT 1 FROM {page.table} WHERE {page.where} LIMIT 10001) t"
        taken, clock = [], Clock(case)
        for _ in range(REPEATS):
            started = time.perf_counter()
            fetch(connection, case, rows, page.values)
            fetch(connection, case, count, page.values)
            taken.append(time.perf_counter() - started)
            if sum(taken) > LONG:
                break
        cpu.append(clock.read(times=len(taken))["cpu"])
        everything += taken
        by_page[page.label] = {"p50": latencies(taken)["p50"], "worst": latencies(taken)["worst"], "queries": 2, "cpu": cpu[-1] * 1_000}
    return {"value": latencies(everything)["p95"], "cpu": fmean(cpu), **latencies(everything), "by_page": by_page}


def export_place(case: Case) -> tuple[int, int]:
    """The area (the country or a province) that holds nearest to 100,000 organisations, and how many it holds."""
    counts = fetch(connect(case), case, "SELECT area_id / 10000000000, count(*) FROM registry_organisation GROUP BY 1")
    places = {int(code) * 10**10: number for code, number in counts}
    places[0] = sum(places.values())
    return min(places.items(), key=lambda pair: abs(pair[1] - 100_000))


def export(case: Case) -> dict[str, Any]:
    (place, rows), connection = export_place(case), connect(case)
    high = place + 10**10 - 1 if place else 10**12
    heads = EXPORTED.split(", ")
    clock = Clock(case)
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        statement = f"SELECT {EXPORTED} FROM registry_organisation WHERE area_id BETWEEN {place} AND {high} ORDER BY name, id"
        found = connection.execute(statement)
        FastExcel(file.name).sheet("单位", (dict(zip(heads, row, strict=True)) for row in found)).save()
    taken = clock.read()
    return {
        **taken,
        "value": taken["value"] * 100_000 / rows,
        "cpu": taken["cpu"] * 100_000 / rows,
        "rows": rows,
        "seconds": taken["value"],
    }
