"""The bare question to the index (FTS5 or GIN) with a capped count and the names of the first twenty; ID numbers by their blind index."""

import time
from collections import defaultdict
from typing import Any

from bench import workload
from bench.case import Case
from bench.measuring.clock import Clock
from bench.measuring.figures import latencies
from tongxing.registry.identity import id_index

from .connecting import connect, fetch

CAP = 1_000
SQLITE = "SELECT e.kind, e.object_id, e.key FROM registry_search_fts f JOIN registry_searchentry e ON e.id = f.rowid WHERE registry_search_fts MATCH ? LIMIT 20"
SQLITE_COUNT = f"SELECT count(*) FROM (SELECT 1 FROM registry_search_fts WHERE registry_search_fts MATCH ? LIMIT {CAP})"
POSTGRESQL = "WITH hits AS MATERIALIZED (SELECT kind, object_id, key FROM registry_searchentry WHERE grams @@ ?::tsquery LIMIT 20) SELECT * FROM hits"
POSTGRESQL_COUNT = f"SELECT count(*) FROM (SELECT 1 FROM registry_searchentry WHERE grams @@ ?::tsquery LIMIT {CAP}) t"
NUMBER = "SELECT id, name, area_id FROM registry_person WHERE id_index = ?"


def match(case: Case, text: str) -> str:
    grams = [text[at : at + 2] for at in range(len(text) - 1)]
    return " AND ".join(f'"{gram}"' for gram in grams) if case.engine == "sqlite" else " & ".join(f"'{gram}'" for gram in grams)


def search(case: Case) -> dict[str, Any]:
    connection, taken = connect(case), defaultdict(list)
    first, count = (SQLITE, SQLITE_COUNT) if case.engine == "sqlite" else (POSTGRESQL, POSTGRESQL_COUNT)
    questions, clock = workload.questions(), Clock(case)
    for question in questions:
        started = time.perf_counter()
        if question.kind == "number":
            fetch(connection, case, NUMBER, (id_index(question.text),))
        else:
            wanted = match(case, question.text)
            fetch(connection, case, first, (wanted,))
            fetch(connection, case, count, (wanted,))
        taken[question.kind].append(time.perf_counter() - started)
    cpu = clock.read(times=len(questions))["cpu"]
    everything = [seconds for series in taken.values() for seconds in series]
    return {"value": latencies(everything)["p95"], "cpu": cpu, "by_kind": {kind: latencies(series) for kind, series in taken.items()}}
