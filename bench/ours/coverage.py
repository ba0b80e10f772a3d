"""The figure of every child of an area, always true to the moment (targets.figures.by_child)."""

import time
from typing import Any

from bench import workload
from bench.case import Case
from bench.measuring.clock import Clock
from bench.measuring.figures import latencies
from tongxing.audit.log import COMMAND_LINE
from tongxing.registry.bulk.assignments import assign_rows
from tongxing.targets.figures import by_child
from tongxing.targets.recounting import recount_all, refresh

TARGETS, TOUCHED, ROUNDS = ("enterprises", "small"), 100, 5


def untouched(case: Case) -> dict[str, Any]:
    """Nothing happened since the last look."""
    refresh()
    taken, parents, clock = [], workload.parents(), Clock(case)
    for parent in parents:
        for key in TARGETS:
            started = time.perf_counter()
            by_child(parent, key)
            taken.append(time.perf_counter() - started)
    return {"value": latencies(taken)["p95"], "cpu": clock.read(times=len(taken))["cpu"], **latencies(taken)}


def touched(case: Case) -> dict[str, Any]:
    """The first look after a small enterprise in each of a hundred leaves got a coordinator: sums move in leaf, county, city and province."""
    refresh()
    taken, cpu = [], 0.0
    for seed in range(ROUNDS):
        assign_rows(workload.assignments(workload.leaves(TOUCHED, seed), seed), by=COMMAND_LINE)
        clock = Clock(case)
        by_child(0, "small")
        one = clock.read()
        taken.append(one["value"])
        cpu += one["cpu"] / ROUNDS
    return {"value": latencies(taken)["p50"], "cpu": cpu, **latencies(taken)}


def recount(case: Case) -> dict[str, Any]:
    """Everything counted anew, all targets."""
    refresh()
    clock = Clock(case)
    recount_all()
    taken = clock.read()
    return {**taken, "value": taken["value"] * 1_000}
