"""`python -m bench`: prepare, measure, write the results and the page. `make bench` calls it."""

import argparse
import json
import os
import sys
import time
from collections.abc import Container, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bench import harness, keeping, machine, report
from bench.jobs import FULL, JOBS, NODE, PYTHON, Job
from bench.measuring import engines
from bench.sizes import SIZES, Size

PROJECT = Path(__file__).resolve().parent.parent
RESULTS = PROJECT / "bench" / "results"
PAGE = PROJECT / "docs" / "performance.md"
# Take in the roster that another job takes in as well.
TWICE = {"import-xlsx-full", "beside"}
# Beyond so many rows the jobs of the large roster are a run of their own.
MANY = 200_000
# The share of its time after which a database gets one round for each job.
ALMOST = 0.7


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="1M")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--databases", default="sqlite,postgresql", help="comma-separated")
    parser.add_argument("--jobs", default="", help="comma-separated keys, or beginnings of them; all when empty")
    parser.add_argument(
        "--large", action="store_true", help="only the jobs of the large roster (or of them those named); what else was measured is kept"
    )
    parser.add_argument("--work", type=Path, default=PROJECT / "var" / "bench", help="where templates, copies and rosters lie")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the JSON goes")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page that is written from all whole results in that folder")
    parser.add_argument("--peers-python", type=Path, default=None, help="the Python of the peers' environment; without it they do not run")
    parser.add_argument("--node-peers", type=Path, default=None, help="where Directus and NocoDB are installed; without it they do not run")
    parser.add_argument("--minutes", type=float, default=40, help="how long all may take: what is late gets one round")
    parser.add_argument("--job-seconds", type=float, default=harness.JOB_SECONDS, help="a job that took longer gets no further round")
    parser.add_argument("--profile", action="store_true", help="profile ours in the first round (cProfile, beside the results)")
    parser.add_argument("--resume", action="store_true", help="go on with a run that was stopped: jobs that have a result keep it")
    parser.add_argument("--only-page", action="store_true", help="measure nothing: write the page from the results that are there")
    return parser.parse_args()


def peers(options: argparse.Namespace) -> dict[str, Path]:
    """Where the peers' environments are that were named."""
    named = {PYTHON: options.peers_python, NODE: options.node_peers}
    return {kind: place for kind, place in named.items() if place}


def of_size(size: Size) -> list[Job]:
    """The jobs that say something at this size; on one database a roster can be taken in only once."""
    return [job for job in JOBS if not size.whole or (job.database == FULL and job.key not in TWICE)]


def chosen(keys: str, size: Size, large: bool = False) -> list[Job]:
    """Those that were named. When none was: those of the large roster or the others, where that roster is a run of its own."""
    wanted = [key for key in keys.split(",") if key]
    if wanted:
        return [job for job in of_size(size) if any(job.key.startswith(key) for key in wanted)]
    apart = size.large > MANY and not size.whole
    return [job for job in of_size(size) if job.is_large == large or not (apart or large)]


def results_file(options: argparse.Namespace, size: Size, name: str) -> Path:
    """What was chosen by name must not take the place of the whole, unless it is added to it."""
    return Path(options.results) / f"{size.name}-{name}{'-part' if options.jobs and not options.large else ''}.json"


def _before(file: Path) -> dict[str, Any]:
    """What the last run of the same jobs left, whole or not."""
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


def _kept(before: dict[str, Any], anew: Container[str]) -> dict[str, Any]:
    """Of an earlier run what is not measured anew; nothing when that is all of it."""
    results = [result for result in before.get("results", []) if result["job"] not in anew]
    if not results:
        return {}
    phases = [phase for phase in before["phases"] if phase["phase"] not in anew]
    earlier = [one | {"jobs": [job for job in one.get("jobs", ()) if job not in anew]} for one in before["earlier"]]
    seconds = round(sum(phase["seconds"] for phase in phases))
    return before | {"results": results, "phases": phases, "seconds": seconds, "earlier": [one for one in earlier if one["jobs"]]}


def write_page(options: argparse.Namespace) -> None:
    found = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(options.results.glob("*.json")) if "-part" not in file.name]
    if found:
        options.page.parent.mkdir(parents=True, exist_ok=True)
        options.page.write_text(report.page(found), encoding="utf-8")


def _earlier(before: dict[str, Any]) -> dict[str, Any]:
    """Of an earlier run: when, on what, and which jobs are its own."""
    said = {job for one in before["earlier"] for job in one.get("jobs", ())}
    return {key: before[key] for key in ("day", "others", "machine")} | {
        "jobs": [one["job"] for one in before["results"] if one["job"] not in said]
    }


def measure(options: argparse.Namespace, size: Size, name: str, jobs: Sequence[Job], until: float) -> Iterator[str]:
    """All jobs on one database; results and page are written anew after every job. Gives the contenders that failed."""
    file, started = results_file(options, size, name), time.monotonic()
    before = _before(file)
    if not options.resume:
        before = _kept(before, {job.key for job in jobs})
    facts: dict[str, Any] = {
        "size": size._asdict(),
        "rounds": max(options.rounds, before.get("rounds", 0)),
        "machine": machine.described(),
        "earlier": [*before.get("earlier", []), _earlier(before)] if before else [],
        "engine": name,
        "day": time.strftime("%Y-%m-%d"),
    }
    done = {result["job"] for result in before.get("results", [])}
    profiles = options.results / "profiles" if options.profile else None
    bench = harness.Bench(
        options.work.resolve(), size, options.rounds, peers(options), profiles, options.job_seconds, say=partial(print, flush=True)
    )
    bench.results, bench.phases = before.get("results", []), before.get("phases", [])
    with engines.opened(name, bench.folder) as engine:
        facts["database"], others = engine.version(), machine.Others(engine)

        def write() -> None:
            seconds = before.get("seconds", 0) + round(time.monotonic() - started)
            measured = {"seconds": seconds, "others": others.share(), "phases": bench.phases}
            whole = facts | measured | {"templates": bench.databases.get(name, {}), "results": bench.results}
            file.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            write_page(options)

        bench.after = write
        bench.measure(engine, [job for job in jobs if job.key not in done], until)
    print(*report.time_taken(json.loads(file.read_text(encoding="utf-8"))), sep="\n")
    for result in bench.results:
        yield from (f"{name} {result['job']} {contender}" for contender in result["failed"])


def main() -> None:
    """Measure what was asked for; ends with 1 when a contender failed, after everything else was measured."""
    options = arguments()
    options.results.mkdir(parents=True, exist_ok=True)
    if options.only_page:
        write_page(options)
        return
    size, started, names = SIZES[options.size], time.monotonic(), options.databases.split(",")
    jobs = chosen(options.jobs, size, options.large)
    print(f"{size.name}: {len(jobs)} jobs on {' and '.join(names)}, at most about {options.minutes:.0f} minutes", flush=True)
    failed: list[str] = []
    try:
        with keeping.alone(options.work, size.name):
            for number, name in enumerate(names, start=1):
                file = results_file(options, size, name)
                print(*harness.plan(jobs, name, options.rounds, _before(file), peers(options)), sep="\n", flush=True)
                # Each database has its share of the time; near its end one round must do for what is left.
                failed += measure(options, size, name, jobs, started + ALMOST * options.minutes * 60 * number / len(names))
    except keeping.Busy as error:
        sys.exit(str(error))
    print(f"{time.monotonic() - started:.0f} s; results in {os.path.relpath(options.results)}, page in {os.path.relpath(options.page)}")
    if failed:
        sys.exit("failed: " + ", ".join(failed))


if __name__ == "__main__":
    main()
