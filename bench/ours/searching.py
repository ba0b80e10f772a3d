"""The search of the palette: `registry.search.find` for a user who may see the whole country."""

import time
from collections import defaultdict
from typing import Any

from bench import workload
from bench.case import Case
from bench.measuring.figures import latencies
from tongxing.registry.search import find


def search(case: Case) -> dict[str, Any]:
    user, taken = workload.officer(), defaultdict(list)
    for question in workload.questions():
        started = time.perf_counter()
        found = find(question.text, user)
        taken[question.kind].append(time.perf_counter() - started)
        assert found, question
    everything = [seconds for series in taken.values() for seconds in series]
    return {"value": latencies(everything)["p95"], "by_kind": {kind: latencies(series) for kind, series in taken.items()}}
