"""Look-ups in kept sums, and the grouped queries over everything that the product counts: nothing rolled up, nothing kept."""

import time
from collections.abc import Sequence
from datetime import date
from typing import Any

from bench import workload
from bench.case import Case
from bench.measuring.clock import Clock
from bench.measuring.figures import latencies

from .connecting import connect, fetch

# Units by area, kind and size, and how many of them have a coordinator, and a certified one, by posting and by assignment.
GROUPED = """
WITH active AS (
    SELECT s.coordinator_id, MAX(CASE WHEN c.id IS NULL THEN 0 ELSE 1 END) AS certified
    FROM registry_statusperiod s JOIN registry_coordinator k ON k.id = s.coordinator_id
    LEFT JOIN certificates_certificate c ON c.person_id = k.person_id AND c.issued_on <= :day AND (c.status = 'valid' OR c.status_on > :day)
    WHERE s.status = 'active' AND s.since <= :day AND (s.until IS NULL OR s.until >= :day)
    GROUP BY s.coordinator_id
), held AS (
    SELECT organisation_id, MAX(posted) AS posted, MAX(posted * certified) AS posted_certified,
           MAX(1 - posted) AS assigned, MAX((1 - posted) * certified) AS assigned_certified
    FROM (
        SELECT organisation_id, coordinator_id, 1 AS posted FROM registry_posting WHERE since <= :day AND (until IS NULL OR until >= :day)
        UNION ALL
        SELECT organisation_id, coordinator_id, 0 FROM registry_assignment WHERE since <= :day AND (until IS NULL OR until >= :day)
    ) AS ways JOIN active USING (coordinator_id)
    GROUP BY organisation_id
)
SELECT area_id, kind, size, COUNT(*), SUM(posted), SUM(posted_certified), SUM(assigned), SUM(assigned_certified)
FROM registry_organisation o LEFT JOIN held ON held.organisation_id = o.id
WHERE merged_into_id IS NULL AND (ended_on IS NULL OR ended_on > :day) {place}
GROUP BY area_id, kind, size
"""
DUTIES = """
SELECT d.area_id, COUNT(DISTINCT d.coordinator_id) FROM registry_dutyarea d JOIN registry_statusperiod s ON s.coordinator_id = d.coordinator_id
WHERE d.since <= :day AND (d.until IS NULL OR d.until >= :day)
  AND s.status = 'active' AND s.since <= :day AND (s.until IS NULL OR s.until >= :day) {place}
GROUP BY d.area_id
"""
KEPT = """
SELECT f.area_code, total, covered, certified, exempt FROM targets_leaffigure f JOIN areas_area a ON a.code = f.area_code
WHERE a.parent_id = ? AND f.target_key = ? AND f.rolled = ?
"""


def untouched(case: Case) -> dict[str, Any]:
    connection, taken, parents, clock = connect(case), [], workload.parents(), Clock(case)
    for parent in parents:
        below_county = parent % 10**6 == 0 and parent % 10**8 != 0
        for key in ("enterprises", "small"):
            started = time.perf_counter()
            fetch(connection, case, KEPT, (parent, key, not below_county))
            taken.append(time.perf_counter() - started)
    return {"value": latencies(taken)["p95"], "cpu": clock.read(times=len(taken))["cpu"], **latencies(taken)}


def touched(case: Case) -> dict[str, Any]:
    """The grouped queries over a hundred leaves."""
    connection, taken, cpu = connect(case), [], 0.0
    for seed in range(5):
        codes = workload.leaves(100, seed)
        clock = Clock(case)
        _counted(connection, case, codes)
        one = clock.read()
        taken.append(one["value"])
        cpu += one["cpu"] / 5
    return {"value": latencies(taken)["p50"], "cpu": cpu, **latencies(taken)}


def recount(case: Case) -> dict[str, Any]:
    """The grouped queries over the whole country."""
    connection = connect(case)
    clock = Clock(case)
    rows = _counted(connection, case, ())
    taken = clock.read()
    return {**taken, "value": taken["value"] * 1_000, "rows": rows}


def _counted(connection: Any, case: Case, codes: Sequence[int]) -> int:
    """How many rows the two queries gave, over these leaves or over all."""
    found = 0
    for statement in (GROUPED, DUTIES):
        place = f"AND area_id IN ({', '.join(map(str, codes))})" if codes else ""
        dated = statement.replace(":day", f"'{date.today().isoformat()}'").format(place=place)
        found += len(fetch(connection, case, dated))
    return found
