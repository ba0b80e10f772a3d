"""`python -m bench`: prepare, measure, write the results and the page. `make bench` calls it."""

import argparse
import json
import os
import time
from pathlib import Path

from bench import harness, machine, report
from bench.jobs import JOBS
from bench.measuring import engines
from bench.sizes import SIZES

PROJECT = Path(__file__).resolve().parent.parent
RESULTS = PROJECT / "bench" / "results"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="1M")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--databases", default="sqlite,postgresql", help="comma-separated")
    parser.add_argument("--jobs", default="", help="comma-separated keys, or beginnings of them; all when empty")
    parser.add_argument("--work", type=Path, default=PROJECT / "var" / "bench", help="where templates, copies and rosters lie")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the JSON goes")
    parser.add_argument("--page", type=Path, default=PROJECT / "docs" / "performance.md", help="the page to write; /dev/null for none")
    parser.add_argument("--peers-python", type=Path, default=None, help="the Python of the peers' environment; without it they do not run")
    parser.add_argument("--profile", action="store_true", help="profile ours in the first round (cProfile, beside the results)")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    harness.quiet()
    size, started = SIZES[options.size], time.perf_counter()
    wanted = [key for key in options.jobs.split(",") if key]
    jobs = [job for job in JOBS if not wanted or any(job.key.startswith(key) for key in wanted)]
    options.results.mkdir(parents=True, exist_ok=True)
    profiles = options.results / "profiles" if options.profile else None
    bench = harness.Bench(options.work.resolve(), size, options.rounds, options.peers_python, profiles)
    facts = {"size": size._asdict(), "rounds": options.rounds, "machine": machine.described(), "databases": {}}
    for name in options.databases.split(","):
        with engines.opened(name, bench.folder) as engine:
            facts["databases"][name] = engine.version()
            bench.measure(engine, jobs)
    facts |= {"day": time.strftime("%Y-%m-%d"), "seconds": round(time.perf_counter() - started), "results": bench.results}
    file = options.results / f"{size.name}.json"
    file.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    options.page.write_text(report.page(facts), encoding="utf-8")
    print(f"{facts['seconds']} s; results in {os.path.relpath(file)}, page in {os.path.relpath(options.page)}")


if __name__ == "__main__":
    main()
