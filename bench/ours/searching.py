"""The search of the palette: `registry.search.find` for a user who may see the whole country."""

import time
from collections import defaultdict
from typing import Any

from bench import workload
from bench.case import Case
from bench.measuring.clock import Clock
from bench.measuring.figures import latencies
from tongxing.registry.search import find


def search(case: Case) -> dict[str, Any]:
    user, taken = workload.officer(), defaultdict(list)
    questions, clock = workload.questions(), Clock(case)
    for question in questions:
        started = time.perf_counter()
        found = find(question.text, user)
        taken[question.kind].append(time.perf_counter() - started)
        assert found, question
    cpu = clock.read(times=len(questions))["cpu"]
    everything = [seconds for series in taken.values() for seconds in series]
    return {"value": latencies(everything)["p95"], "cpu": cpu, "by_kind": {kind: latencies(series) for kind, series in taken.items()}}
