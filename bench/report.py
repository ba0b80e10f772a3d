"""docs/performance.md, written from the results and from what people found (findings.md)."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.harness import JOB_SECONDS
from bench.jobs import JOBS, Goal, Job
from bench.measuring.engines import POSTGRESQL, SQLITE
from bench.sizes import SIZES

BY_KEY = {job.key: job for job in JOBS}
FINDINGS = Path(__file__).parent / "findings.md"
SHOWN = {SQLITE: "SQLite", POSTGRESQL: "PostgreSQL"}
# From this share on others stretch the wall times.
BUSY = 0.1
Facts = dict[str, Any]
HOW = f"""## How it was measured

Every run of every contender is a process of its own on a fresh copy of the same database; contenders take turns, round by round; the figure is the
median, the spread is (most - least) / median. The clock runs inside the process around the work alone, so that starting Python and importing
modules are not counted for anybody. **Processor time** is what the process, all its children and the database server worked meanwhile, for one import or
export, one page, one request (the load client not counted), one PDF: where others share the machine it says more than wall time. It has no goal of
its own. Memory is the peak of the process tree (web servers and load client included); *grown* is how much larger the database is afterwards. PostgreSQL runs with durability on; SQLite with WAL and
`synchronous=NORMAL`, as the product sets it. **Floor** is the least work that could do the job (`bench/floors/`): for imports calamine or
csv → plain Python checks → one table with three indexes by executemany or COPY; for figures and lists the bare SQL; for requests a minimal
Django view with the same middlewares. **Ours** is what a user gets: reading, every check, the judgement of duplicates against the database,
encryption, search index, audit entry, undo information, touched leaves and the report of every line. About one row in a hundred of
the rosters is bad in a named way, and the run fails when a bad row is accepted or a good one refused. Peers get a roster without bad rows,
because they have no fate for a row; django-import-export, Directus and NocoDB are given a part of the rows (a quarter, django-import-export's default mode a twentieth) and their time is
scaled up to the whole, which is to their favour where their cost grows faster than the rows. The load client is our own (`bench/measuring/load.py`) and shares
the cores with the server. A job that took more than {JOB_SECONDS:.0f} s gets no further round, and what comes late in the run gets one; the column says how many there were.
"""
BY_WORK = """The same by processor time, the mean of all calls. No goal is set in it, but a multiple of the floor that wall time shows and
processor time does not is the doing of whoever else used the machine. A rate is what one core would give."""
NOT_MEASURED = """## What is not measured

* Directus and NocoDB in every run: `make bench-peers` measures them on one job (`bench/README.md`).
* Machines in a network: server, database and client share these cores.
* Disks that are slower or shared: files lie on the machine's own.
* Certificates as PDF depend on no database; they are measured once for each all the same.
"""


def page(runs: Sequence[Facts]) -> str:
    """`runs`: what was measured, one for each size and database."""
    runs = sorted(runs, key=lambda run: (-[*SIZES].index(run["size"]["name"]), [*SHOWN].index(run["engine"])))
    lines = [
        "# Performance",
        "",
        "Written by `make bench`: the figures of the tables come from `bench/results/*.json`, what was found and tried from `bench/findings.md`.",
        "",
        *_overview(runs),
        *_by_work(runs),
        *_behind(runs),
    ]
    for run in runs:
        lines += _run(run)
    return "\n".join([*lines, FINDINGS.read_text(encoding="utf-8"), HOW, NOT_MEASURED])


def _name(run: Facts) -> str:
    return f"{run['size']['name']}, {SHOWN[run['engine']]}"


def _overview(runs: Sequence[Facts]) -> list[str]:
    """Every goal of the design in every run."""
    lines = [
        "## Where we stand",
        "",
        "A goal that is a multiple of the floor shows our multiple, the others the figure itself; **bold** is missed.",
        "",
        f"| job | goal | {' | '.join(map(_name, runs))} |",
        f"| --- | --- |{' ---: |' * len(runs)}",
    ]
    for job in JOBS:
        by_run = [next((result for result in run["results"] if result["job"] == job.key), None) for run in runs]
        if any(by_run):
            lines.append(f"| {job.title} | {job.goal.text} | {' | '.join(map(_short, by_run))} |")
    sums = [f"{sum(map(reached, run['results']))} of {len(run['results'])}" for run in runs]
    return [*lines, f"| goals reached | | {' | '.join(sums)} |", ""]


def _short(result: Facts | None) -> str:
    if result is None or not (ours := result["contenders"].get("ours")):
        return "–" if result is None else "**failed**"
    job, floor = BY_KEY[result["job"]], result["contenders"].get("floor")
    figure = ours["value"]["median"]
    if job.goal.absolute or not floor or job.unit == "MiB":
        text = f"{_number(figure)} {job.unit}"
    else:
        text = f"{_number(figure / floor['value']['median'])} ×"
    return text if reached(result) else f"**{text}**"


def _by_work(runs: Sequence[Facts]) -> list[str]:
    """The same by processor time, which others on the machine stretch far less."""
    lines = [
        BY_WORK,
        "",
        f"| job | goal | {' | '.join(map(_name, runs))} |",
        f"| --- | --- |{' ---: |' * len(runs)}",
    ]
    for job in JOBS:
        by_run = [next((result for result in run["results"] if result["job"] == job.key), None) for run in runs]
        if any(by_run) and job.unit != "MiB":
            lines.append(f"| {job.title} | {job.goal.text} | {' | '.join(map(_short_work, by_run))} |")
    return [*lines, ""]


def _short_work(result: Facts | None) -> str:
    ours, floor = (result["contenders"].get(name) if result else None for name in ("ours", "floor"))
    if result is None or not ours or not ours["cpu"]:
        return "–"
    job: Job = BY_KEY[result["job"]]
    if job.goal.absolute or not floor or not floor["cpu"]:
        rate = ours["details"]["rows"] / ours["cpu"] if job.unit == "rows/s" else 0
        return f"{_number(rate)} rows/s" if rate else _work(ours, job)
    ratio = floor["cpu"] / ours["cpu"] if job.more_is_better else ours["cpu"] / floor["cpu"]
    return f"{_number(ratio)} ×"


def _behind(runs: Sequence[Facts]) -> list[str]:
    """What is missed, the widest gap first."""
    missed = [(_gap(result), run, result) for run in runs for result in run["results"] if not reached(result)]
    if not missed:
        return []
    lines = [
        "## Where we are behind",
        "",
        "| times behind the goal | run | job | floor | ours | allowed |",
        "| ---: | --- | --- | ---: | ---: | ---: |",
    ]
    for gap, run, result in sorted(missed, key=lambda one: -one[0]):
        job, limit = BY_KEY[result["job"]], _limit(result)
        figures = [_shown(result["contenders"].get(name), job) for name in ("floor", "ours")]
        allowed = f"{_number(limit)} {job.unit}" if limit is not None else "–"
        said = f"{gap:.2f}" if gap < float("inf") else "failed or answered with errors"
        lines.append(f"| {said} | {_name(run)} | {job.title} | {' | '.join(figures)} | {allowed} |")
    return [*lines, ""]


def _gap(result: Facts) -> float:
    job, ours, limit = BY_KEY[result["job"]], result["contenders"].get("ours"), _limit(result)
    if ours is None or limit is None or ours["details"].get("errors"):
        return float("inf")
    value = ours["value"]["median"]
    return float(limit / value if job.more_is_better else value / limit)


def _run(run: Facts) -> list[str]:
    found = run["results"]
    return [
        f"## {_name(run)}",
        "",
        _sized(run),
        "",
        _machine(run),
        "",
        f"Command: `make bench SIZE={run['size']['name']} ROUNDS={run['rounds']} DATABASES={run['engine']}`.",
        "",
        *_table(found),
        "",
        *_failed(found),
        *_peers(found),
        *_list_pages(found),
        *_beside(found),
        *_templates(run["templates"]),
        "Seconds taken by each part:",
        "",
        *time_taken(run),
        "",
    ]


def _sized(run: Facts) -> str:
    size, (minutes, seconds) = run["size"], divmod(run["seconds"], 60)
    people = size["full"] // 5
    full = f"{size['full']:,} enterprises and {people:,} coordinators in the full database"
    files = f"rosters of {size['roster']:,} rows, the large roster {size['large']:,}"
    return f"{full}, {files}; at most {run['rounds']} rounds; the whole run took {minutes} min {seconds} s. Measured on {run['day']}."


def _machine(run: Facts) -> str:
    machine, others = run["machine"], run["others"]
    hardware = f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}"
    software = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    shared = f"{others:.0%} of the processor time worked meanwhile was not of this run"
    if others > BUSY:
        shared = f"**the machine was shared: {shared}. Wall times are stretched by that; what holds are the ratios within the run, and processor time**"
    load = f"load when it began {machine['load_before']}; {shared}"
    lines = [f"Machine: {hardware}; {load}. Python {machine['python']}, {software}; {run['database']}. Commit {machine['commit']}."]
    return " ".join([*lines, *map(_said_earlier, run.get("earlier", []))])


def _said_earlier(one: Facts) -> str:
    """Which of the figures come from an earlier run."""
    run = f"on {one['day']} at commit {one['machine']['commit']} (others: {one['others']:.0%})"
    if "jobs" not in one:
        return f"Begun {run} and stopped."
    return f"Measured {run}: {'; '.join(BY_KEY[key].title for key in one['jobs'])}."


def _table(found: list[Facts]) -> list[str]:
    lines = [
        "| job | floor | ours | ours / floor | goal | reached | spread | rounds | processor time: floor | ours | ours / floor | memory, MiB: floor | ours | database grown, MiB: floor | ours |",
        f"| --- | ---: | ---: | ---: | --- | --- | ---: | ---: |{' ---: |' * 7}",
    ]
    for result in found:
        job, ours, floor = BY_KEY[result["job"]], result["contenders"].get("ours"), result["contenders"].get("floor")
        cells = [job.title, _shown(floor, job), _shown(ours, job), _ratio(ours, floor, _figure), job.goal.text, verdict(result)]
        cells += [f"{ours['value']['spread']:.0%}", str(ours["rounds"])] if ours else ["–"] * 2
        cells += [_work(floor, job), _work(ours, job), _ratio(ours, floor, lambda one: one["cpu"])]
        cells += [f"{one['memory_mib']:,.0f}" if one else "–" for one in (floor, ours)]
        cells += [f"{one['grown_mib']:,.1f}" if one and one["grown_mib"] is not None else "–" for one in (floor, ours)]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _figure(contender: Facts) -> float:
    return float(contender["value"]["median"])


def _ratio(ours: Facts | None, floor: Facts | None, of: Callable[[Facts], float | None]) -> str:
    above, below = of(ours) if ours else None, of(floor) if floor else None
    return f"{above / below:.2f}" if above is not None and below else "–"


def _work(contender: Facts | None, job: Job) -> str:
    """Processor time: whole imports and exports in seconds, what is asked for many times in milliseconds each."""
    if contender is None or contender["cpu"] is None:
        return "–"
    whole = job.unit in {"s", "MiB", "rows/s"}
    return f"{_number(contender['cpu'])} s" if whole else f"{_number(contender['cpu'] * 1_000)} ms"


def _list_pages(found: list[Facts]) -> list[str]:
    """Each list page by itself, for p95 over all says nothing of which one is slow."""
    result = next((result for result in found if result["job"] == "lists" and {"floor", "ours"} <= result["contenders"].keys()), None)
    if result is None:
        return []
    floor, ours = (result["contenders"][name]["details"]["by_page"] for name in ("floor", "ours"))
    lines = [
        "List pages one by one, milliseconds (median of the last round; processor time):",
        "",
        "| page | floor | ours | worst | processor time | queries |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for label, facts in ours.items():
        figures = [floor[label]["p50"], facts["p50"], facts["worst"], facts["cpu"]]
        lines.append(f"| {label} | {' | '.join(map(_number, figures))} | {facts['queries']} |")
    return [*lines, ""]


def _beside(found: list[Facts]) -> list[str]:
    """What others saw while a long roster was in hand, and what the worker took for it."""
    ours = next((result["contenders"].get("ours") for result in found if result["job"] == "beside"), None)
    if ours is None:
        return []
    facts = ours["details"]
    taken = ", ".join(f"{what} {_number(seconds)} s" for what, seconds in facts["seconds"].items())
    lines = [
        f"A roster of {facts['rows']:,} rows in the worker: {taken}; the worker held at most {facts['worker_mib']:,.0f} MiB. Pages meanwhile, milliseconds:",
        "",
        "| while | pages | median | p95 | p99 | worst | of which page |",
        "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for phase, one in facts["phases"].items():
        figures = [one["p50"], one["p95"], one["p99"], one["worst"]]
        lines.append(f"| {phase} | {one['pages']:,} | {' | '.join(map(_number, figures))} | {one['slowest']} |")
    return [*lines, ""]


def _shown(contender: Facts | None, job: Job) -> str:
    if contender is None:
        return "–"
    return f"{_number(contender['value']['median'])} {job.unit}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def bound(job: Job, floor: float | None) -> float | None:
    """The figure that ours must keep; None when it hangs on a floor that failed."""
    goal: Goal = job.goal
    if goal.absolute:
        return goal.limit
    if floor is None:
        return None
    return floor + goal.limit if job.unit == "MiB" else floor * goal.limit


def _limit(result: Facts) -> float | None:
    floor = result["contenders"].get("floor")
    return bound(BY_KEY[result["job"]], floor["value"]["median"] if floor else None)


def reached(result: Facts) -> bool:
    job, ours, limit = BY_KEY[result["job"]], result["contenders"].get("ours"), _limit(result)
    if ours is None or limit is None or ours["details"].get("errors"):
        return False
    value = ours["value"]["median"]
    return bool(value >= limit if job.more_is_better else value <= limit)


def verdict(result: Facts) -> str:
    """Reached, or by how much not."""
    job, ours, limit = BY_KEY[result["job"]], result["contenders"].get("ours"), _limit(result)
    if ours is None or limit is None:
        return "**failed**"
    if reached(result):
        return "yes"
    if errors := ours["details"].get("errors"):
        return f"**no**: not answered with 200: {', '.join(f'{what} ({number})' for what, number in errors.items())}"
    value = ours["value"]["median"]
    return f"**missed by ×{limit / value if job.more_is_better else value / limit:.2f}** (allowed {_number(limit)} {job.unit})"


def _failed(found: list[Facts]) -> list[str]:
    """Contenders that ended with an error, with the last line of what they said."""
    lines = [
        f"* {BY_KEY[result['job']].title}, {name}: `{error.strip().splitlines()[-1]}`"
        for result in found
        for name, error in result["failed"].items()
    ]
    return ["Ended with an error:", "", *lines, ""] if lines else []


def _templates(made: Facts) -> list[str]:
    """What making the databases took and how large they are; the floors' own tables come last and are not the product's."""
    steps = [f"{step} {facts['mib']:,.0f} MiB (made in {facts['seconds']:,.0f} s)" for step, facts in made.items()]
    return [f"Size of the databases: {', '.join(steps)}.", ""] if steps else []


def _peers(found: list[Facts]) -> list[str]:
    lines = []
    for result in found:
        job, contenders = BY_KEY[result["job"]], result["contenders"]
        for name, facts in contenders.items():
            if name in {"floor", "ours"} or "ours" not in contenders:
                continue
            value, ours = facts["value"]["median"], contenders["ours"]["value"]["median"]
            cells = [job.title, name, _shown(facts, job), f"{value / ours:.2f}", f"{facts['value']['spread']:.0%}", str(facts["rounds"])]
            cells += [_work(facts, job), f"{facts['memory_mib']:,.0f}", _grown(job, name, facts["grown_mib"])]
            lines.append(f"| {' | '.join(cells)} |")
    if not lines:
        return []
    return [
        "Others on the same job:",
        "",
        "| job | who | figure | multiple of ours | spread | rounds | processor time | memory, MiB | database grown, MiB |",
        f"| --- | --- |{' ---: |' * 7}",
        *lines,
        "",
    ]


def _grown(job: Job, name: str, mib: float | None) -> str:
    """For all rows, where a peer was given a part of them."""
    share = next((contender.share for contender in job.contenders if contender.name == name), 1.0)
    return f"{mib / share:,.1f}" if mib is not None else "–"


def time_taken(run: Facts) -> list[str]:
    """A table of the phases: what was prepared, then the jobs."""
    lines = ["| part | seconds |", "| --- | ---: |", *(f"| {phase['phase']} | {phase['seconds']:,.0f} |" for phase in run["phases"])]
    return [*lines, f"| together | {sum(phase['seconds'] for phase in run['phases']):,.0f} |"]
