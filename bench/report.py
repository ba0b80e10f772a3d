"""docs/performance.md, written from the results alone."""

from typing import Any

from bench.harness import JOB_SECONDS
from bench.jobs import JOBS, Goal, Job

BY_KEY = {job.key: job for job in JOBS}
HOW = f"""## How it was measured

Every run of every contender is a process of its own on a fresh copy of the same database; contenders take turns, round by round; the figure is the
median, the spread is (most - least) / median. The clock runs inside the process around the work alone, so that starting Python is not
counted for anybody. Memory is the peak of the process tree (web servers and load client included). PostgreSQL runs with durability on; SQLite with WAL and
`synchronous=NORMAL`, as the product sets it. **Floor** is the least work that could do the job (`bench/floors/`): for imports calamine or
csv → plain Python checks → one table with three indexes by executemany or COPY; for figures and lists the bare SQL; for requests a minimal
Django view with the same middlewares. **Ours** is what a user gets: reading, every check, the judgement of duplicates against the database,
encryption, search index, audit entry, undo information, touched leaves and the report of every line. About one row in a hundred of
the rosters is bad in a named way, and the run fails when a bad row is accepted or a good one refused. Peers get a roster without bad rows,
because they have no fate for a row; django-import-export is given a part of the rows (its fastest mode a quarter, its default a twentieth) and its time is scaled up to the
whole, which is to its favour where its cost grows faster than the rows. The load client is our own (`bench/measuring/load.py`) and shares
the cores with the server. A job that took more than {JOB_SECONDS:.0f} s gets no further round, and what comes late in the run gets one; the column says how many there were.
"""
NOT_MEASURED = """## What is not measured

* Directus and NocoDB: `bench/README.md` says why.
* Machines in a network: server, database and client share these cores.
* Disks that are slower or shared: files lie on the machine's own.
* Certificates as PDF depend on no database; they are measured once for each all the same.
"""


def page(facts: dict[str, Any]) -> str:
    size = facts["size"]
    lines = [
        "# Performance",
        "",
        f"Written by `make bench` on {facts['day']} from `bench/results/{size['name']}.json`; nothing here is typed by hand.",
        "",
        _sized(facts),
        "",
        _machine(facts),
        "",
        f"Command: `make bench SIZE={size['name']} ROUNDS={facts['rounds']}`.",
        "",
        *_summary(facts["results"]),
    ]
    for engine, version in facts["databases"].items():
        found = [result for result in facts["results"] if result["engine"] == engine]
        lines += [f"## {version}", "", *_table(found), "", *_failed(found), *_templates(facts["templates"].get(engine, {})), *_peers(found)]
    return "\n".join([*lines, "## Time taken", "", *time_taken(facts), "", HOW, NOT_MEASURED])


def _sized(facts: dict[str, Any]) -> str:
    size, (minutes, seconds) = facts["size"], divmod(facts["seconds"], 60)
    people = size["full"] // 5
    full = f"{size['full']:,} enterprises and {people:,} coordinators in the full database"
    files = f"rosters of {size['roster']:,} rows, the large roster {size['large']:,}"
    return f"Size **{size['name']}**: {full}, {files}; {facts['rounds']} rounds; the whole run took {minutes} min {seconds} s."


def _machine(facts: dict[str, Any]) -> str:
    machine, engines = facts["machine"], ", ".join(facts["databases"].values())
    hardware = f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}"
    software = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    # More at work than there are cores: then only the ratios say something.
    busy = "; **something else was busy, so only the ratios mean something**" if machine["load_before"] > machine["cores"] / 2 else ""
    load = f"load when it began {machine['load_before']}{busy}"
    return f"Machine: {hardware}; {load}. Python {machine['python']}, {software}; {engines}. Commit {machine['commit']}."


def _summary(results: list[dict[str, Any]]) -> list[str]:
    done = sum(map(reached, results))
    return [f"Of {len(results)} goals (jobs on both databases) {done} are reached and {len(results) - done} missed.", ""]


def _table(found: list[dict[str, Any]]) -> list[str]:
    lines = [
        "| job | floor | ours | ours / floor | goal | reached | spread | rounds | memory, MiB |",
        "| --- | ---: | ---: | ---: | --- | --- | ---: | ---: | ---: |",
    ]
    for result in found:
        job, ours, floor = BY_KEY[result["job"]], result["contenders"].get("ours"), result["contenders"].get("floor")
        ratio = f"{ours['value']['median'] / floor['value']['median']:.2f}" if ours and floor and floor["value"]["median"] else "–"
        cells = [job.title, _shown(floor, job), _shown(ours, job), ratio, job.goal.text, verdict(result)]
        cells += [f"{ours['value']['spread']:.0%}", str(ours["rounds"]), f"{ours['memory_mib']:,.0f}"] if ours else ["–"] * 3
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _shown(contender: dict[str, Any] | None, job: Job) -> str:
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


def _limit(result: dict[str, Any]) -> float | None:
    floor = result["contenders"].get("floor")
    return bound(BY_KEY[result["job"]], floor["value"]["median"] if floor else None)


def reached(result: dict[str, Any]) -> bool:
    job, ours, limit = BY_KEY[result["job"]], result["contenders"].get("ours"), _limit(result)
    if ours is None or limit is None or ours["details"].get("errors"):
        return False
    value = ours["value"]["median"]
    return bool(value >= limit if job.more_is_better else value <= limit)


def verdict(result: dict[str, Any]) -> str:
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


def _failed(found: list[dict[str, Any]]) -> list[str]:
    """Contenders that ended with an error, with the last line of what they said."""
    lines = [
        f"* {BY_KEY[result['job']].title}, {name}: `{error.strip().splitlines()[-1]}`"
        for result in found
        for name, error in result["failed"].items()
    ]
    return ["Ended with an error:", "", *lines, ""] if lines else []


def _templates(made: dict[str, Any]) -> list[str]:
    """What making the databases took and how large they are; the floors' own tables come last and are not the product's."""
    steps = [f"{step} {facts['mib']:,.0f} MiB (made in {facts['seconds']:,.0f} s)" for step, facts in made.items()]
    return [f"Size of the databases: {', '.join(steps)}.", ""] if steps else []


def _peers(found: list[dict[str, Any]]) -> list[str]:
    lines = []
    for result in found:
        job, contenders = BY_KEY[result["job"]], result["contenders"]
        for name, facts in contenders.items():
            if name in {"floor", "ours"} or "ours" not in contenders:
                continue
            value, ours = facts["value"]["median"], contenders["ours"]["value"]["median"]
            lines.append(f"| {job.title} | {name} | {_shown(facts, job)} | {value / ours:.2f} | {facts['memory_mib']:,.0f} |")
    if not lines:
        return []
    return [
        "Others on the same job:",
        "",
        "| job | who | figure | multiple of ours | memory, MiB |",
        "| --- | --- | ---: | ---: | ---: |",
        *lines,
        "",
    ]


def time_taken(facts: dict[str, Any]) -> list[str]:
    """A table of the phases: what was prepared, then the jobs on each database."""
    engines = ["", *facts["databases"]]
    taken: dict[str, dict[str, float]] = {}
    for phase in facts["phases"]:
        taken.setdefault(phase["phase"], {})[phase["engine"]] = phase["seconds"]
    lines = [f"| seconds | {' | '.join(engine or 'files' for engine in engines)} |", f"| --- |{' ---: |' * len(engines)}"]
    lines += [
        f"| {what} | {' | '.join(f'{by[engine]:,.0f}' if engine in by else '' for engine in engines)} |" for what, by in taken.items()
    ]
    sums = [sum(by.get(engine, 0) for by in taken.values()) for engine in engines]
    return [*lines, f"| together | {' | '.join(f'{seconds:,.0f}' for seconds in sums)} |"]
