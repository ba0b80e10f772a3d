"""`python -m bench`: prepare, measure, write the results and the page. `make bench` calls it."""

import argparse
import json
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from bench import harness, machine, report
from bench.jobs import JOBS
from bench.measuring import engines
from bench.sizes import SIZES

PROJECT = Path(__file__).resolve().parent.parent
RESULTS = PROJECT / "bench" / "results"
PAGE = PROJECT / "docs" / "performance.md"
# The share of its time after which a database gets one round for each job.
ALMOST = 0.7


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="1M")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--databases", default="sqlite,postgresql", help="comma-separated")
    parser.add_argument("--jobs", default="", help="comma-separated keys, or beginnings of them; all when empty")
    parser.add_argument("--work", type=Path, default=PROJECT / "var" / "bench", help="where templates, copies and rosters lie")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the JSON goes")
    parser.add_argument(
        "--page", type=Path, default=None, help="the page to write; docs/performance.md when everything is measured, else none"
    )
    parser.add_argument("--peers-python", type=Path, default=None, help="the Python of the peers' environment; without it they do not run")
    parser.add_argument("--minutes", type=float, default=40, help="how long all may take: what is late gets one round")
    parser.add_argument("--profile", action="store_true", help="profile ours in the first round (cProfile, beside the results)")
    return parser.parse_args()


def measured(bench: harness.Bench, started: float) -> dict[str, Any]:
    """What there is up to now."""
    seconds = round(time.monotonic() - started)
    return {"seconds": seconds, "phases": bench.phases, "templates": bench.databases, "results": bench.results}


def write(file: Path, page: Path, facts: dict[str, Any]) -> None:
    file.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    page.write_text(report.page(facts), encoding="utf-8")


def main() -> None:
    """Measure what was asked for; ends with 1 when a contender failed, after everything else was measured.

    Results and page are written anew after every job.
    """
    options = arguments()
    size, started = SIZES[options.size], time.monotonic()
    wanted = [key for key in options.jobs.split(",") if key]
    jobs = [job for job in JOBS if not wanted or any(job.key.startswith(key) for key in wanted)]
    names = options.databases.split(",")
    options.results.mkdir(parents=True, exist_ok=True)
    whole = jobs == [*JOBS] and {*names} == {engines.SQLITE, engines.POSTGRESQL}
    # What is measured in part must not take the place of the whole.
    file = options.results / f"{size.name}{'' if whole else '-part'}.json"
    page = options.page or (PAGE if whole else Path(os.devnull))
    before = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    print(f"{size.name}: {len(jobs)} jobs on {' and '.join(names)}, at most about {options.minutes:.0f} minutes", flush=True)
    print(*harness.plan(jobs, names, options.rounds, before), sep="\n", flush=True)
    facts = {
        "size": size._asdict(),
        "rounds": options.rounds,
        "machine": machine.described(),
        "databases": {},
        "day": time.strftime("%Y-%m-%d"),
    }
    bench = harness.Bench(
        options.work.resolve(),
        size,
        options.rounds,
        options.peers_python,
        options.results / "profiles" if options.profile else None,
        say=partial(print, flush=True),
        after=lambda: write(file, page, facts | measured(bench, started)),
    )
    for number, name in enumerate(names, start=1):
        with engines.opened(name, bench.folder) as engine:
            facts["databases"][name] = engine.version()
            # Each database has its share of the time; near its end one round must do for what is left.
            bench.measure(engine, jobs, started + ALMOST * options.minutes * 60 * number / len(names))
    facts |= measured(bench, started)
    print(*report.time_taken(facts), sep="\n")
    print(f"{facts['seconds']} s; results in {os.path.relpath(file)}, page in {os.path.relpath(page)}")
    failed = [f"{result['engine']} {result['job']} {name}" for result in bench.results for name in result["failed"]]
    if failed:
        sys.exit("failed: " + ", ".join(failed))


if __name__ == "__main__":
    main()
