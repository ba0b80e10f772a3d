"""Look-ups in kept sums, and the one grouped query that counts units and covered units by leaf and size."""

import time
from datetime import date
from typing import Any

from bench import workload
from bench.case import Case
from bench.measuring.clock import Clock
from bench.measuring.figures import latencies

from .connecting import connect, fetch

GROUPED = """
WITH active AS (
    SELECT coordinator_id FROM registry_statusperiod WHERE status = 'active' AND since <= ? AND (until IS NULL OR until >= ?)
), held AS (
    SELECT organisation_id FROM registry_posting JOIN active USING (coordinator_id) WHERE since <= ? AND (until IS NULL OR until >= ?)
    UNION
    SELECT organisation_id FROM registry_assignment JOIN active USING (coordinator_id) WHERE since <= ? AND (until IS NULL OR until >= ?)
)
SELECT area_id, size, count(*), count(held.organisation_id)
FROM registry_organisation o LEFT JOIN held ON held.organisation_id = o.id
WHERE kind = 'enterprise' AND merged_into_id IS NULL AND (ended_on IS NULL OR ended_on > ?) {place}
GROUP BY area_id, size
"""
KEPT = """
SELECT f.area_code, total, covered, certified, exempt FROM targets_leaffigure f JOIN areas_area a ON a.code = f.area_code
WHERE a.parent_id = ? AND f.target_key = ? AND f.rolled = ?
"""


def untouched(case: Case) -> dict[str, Any]:
    connection, taken = connect(case), []
    for parent in workload.parents():
        below_county = parent % 10**6 == 0 and parent % 10**8 != 0
        for key in ("enterprises", "small"):
            started = time.perf_counter()
            fetch(connection, case, KEPT, (parent, key, not below_county))
            taken.append(time.perf_counter() - started)
    return {"value": latencies(taken)["p95"], **latencies(taken)}


def touched(case: Case) -> dict[str, Any]:
    """The grouped query over a hundred leaves."""
    connection, taken, day = connect(case), [], date.today().isoformat()
    for seed in range(5):
        codes = workload.leaves(100, seed)
        statement = GROUPED.format(place=f"AND area_id IN ({', '.join('?' * len(codes))})")
        started = time.perf_counter()
        fetch(connection, case, statement, (*[day] * 7, *codes))
        taken.append(time.perf_counter() - started)
    return {"value": latencies(taken)["p50"], **latencies(taken)}


def recount(case: Case) -> dict[str, Any]:
    """The grouped query over the whole country."""
    connection, day = connect(case), date.today().isoformat()
    clock = Clock()
    rows = fetch(connection, case, GROUPED.format(place=""), [day] * 7)
    taken = clock.read()
    return {**taken, "value": taken["value"] * 1_000, "rows": len(rows)}
