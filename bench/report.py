"""docs/performance.md, written from the results alone."""

from typing import Any

from bench.jobs import JOBS, Goal, Job

BY_KEY = {job.key: job for job in JOBS}
HOW = """## How it was measured

Every run of every contender is a process of its own on a fresh copy of the same database; contenders take turns, round by round; the figure is the
median, the spread is (most - least) / median. The clock runs inside the process around the work alone, so that starting Python is not
counted for anybody. Memory is the peak of the process tree (web servers and load client included). PostgreSQL runs with durability on; SQLite with WAL and
`synchronous=NORMAL`, as the product sets it. **Floor** is the least work that could do the job (`bench/floors/`): for imports calamine or
csv → plain Python checks → one table with three indexes by executemany or COPY; for figures and lists the bare SQL; for requests a minimal
Django view with the same middlewares. **Ours** is what a user gets: reading, every check, the judgement of duplicates against the database,
encryption, search index, audit entry, undo information, touched leaves and the report of every line. About one row in a hundred of
the rosters is bad in a named way, and the run fails when a bad row is accepted or a good one refused. Peers get a roster without bad rows,
because they have no fate for a row; a peer that is given only part of the rows (django-import-export's default) is scaled up to the whole.
The load client is our own (`bench/measuring/load.py`) and shares the cores with the server.
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
    ]
    for engine, version in facts["databases"].items():
        found = [result for result in facts["results"] if result["engine"] == engine]
        lines += [f"## {version}", "", *_table(found), "", *_behind(found), *_peers(found)]
    return "\n".join([*lines, HOW])


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
    busy = f"load when it began {machine['load_before']}"
    return f"Machine: {hardware}; {busy}. Python {machine['python']}, {software}; {engines}. Commit {machine['commit']}."


def _table(found: list[dict[str, Any]]) -> list[str]:
    lines = [
        "| job | floor | ours | ratio | goal | reached | spread | memory, MiB |",
        "| --- | ---: | ---: | ---: | --- | --- | ---: | ---: |",
    ]
    for result in found:
        job = BY_KEY[result["job"]]
        ours, floor = result["contenders"]["ours"], result["contenders"].get("floor")
        ratio = f"{ours['value']['median'] / floor['value']['median']:.2f}" if floor and floor["value"]["median"] else "–"
        lines.append(
            f"| {job.title} | {_shown(floor, job) if floor else '–'} | {_shown(ours, job)} | {ratio} | {job.goal.text} | {'yes' if reached(result) else '**no**'} "
            f"| {ours['value']['spread']:.0%} | {ours['memory_mib']:,.0f} |"
        )
    return lines


def _shown(contender: dict[str, Any], job: Job) -> str:
    value = contender["value"]["median"]
    return f"{value:,.0f} {job.unit}" if value >= 100 else f"{value:.3g} {job.unit}"


def bound(job: Job, floor: float | None) -> float:
    """The figure that ours must keep."""
    goal: Goal = job.goal
    if goal.absolute or floor is None:
        return goal.limit
    return floor + goal.limit if job.unit == "MiB" else floor * goal.limit


def reached(result: dict[str, Any]) -> bool:
    job, contenders = BY_KEY[result["job"]], result["contenders"]
    floor = contenders["floor"]["value"]["median"] if "floor" in contenders else None
    value = contenders["ours"]["value"]["median"]
    if contenders["ours"]["details"].get("errors"):
        return False
    return bool(value >= bound(job, floor) if job.more_is_better else value <= bound(job, floor))


def _behind(found: list[dict[str, Any]]) -> list[str]:
    """Where the goal is not reached, by how much."""
    lines = []
    for result in found:
        if reached(result):
            continue
        job, contenders = BY_KEY[result["job"]], result["contenders"]
        limit = bound(job, contenders["floor"]["value"]["median"] if "floor" in contenders else None)
        value = contenders["ours"]["value"]["median"]
        factor = limit / value if job.more_is_better else value / limit
        errors = contenders["ours"]["details"].get("errors")
        said = f"; not answered with 200: {errors}" if errors else ""
        lines.append(
            f"* Behind: {job.title} – {_shown(contenders['ours'], job)}, the goal allows {limit:,.3g} {job.unit} (off by a factor of {factor:.2f}){said}."
        )
    return [*lines, ""] if lines else []


def _peers(found: list[dict[str, Any]]) -> list[str]:
    lines = []
    for result in found:
        job, contenders = BY_KEY[result["job"]], result["contenders"]
        ours = contenders["ours"]["value"]["median"]
        for name, facts in contenders.items():
            if name in {"floor", "ours"}:
                continue
            value = facts["value"]["median"]
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
