"""Runs jobs: templates first, then round by round every contender in turn, each in a process of its own on a database of its own."""

import sys
import time
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import Any

from bench import keeping
from bench.case import Case
from bench.jobs import EMPLOYERS, EMPTY, FULL, NODE, OURS, PYTHON, Contender, Job
from bench.measuring import engines, processes
from bench.measuring.engines import Engine
from bench.measuring.figures import summary
from bench.sizes import PROVINCE_AREA, Size

ROSTERS = {
    "enterprises.xlsx": "enterprise_roster",
    "enterprises.csv": "enterprise_roster",
    "clean.xlsx": "clean_roster",
    "people.xlsx": "people_roster",
    "people.csv": "people_roster",
    "large.csv": "enterprise_roster",
    "large.xlsx": "enterprise_roster",
}
PEER_ROSTER = "clean.xlsx"
# Each template grows out of the one before it, so that the national tree is loaded once: template -> (base, what is done to it).
TEMPLATES = {EMPTY: ("", ("empty",)), EMPLOYERS: (EMPTY, ("employers",)), FULL: (EMPLOYERS, ("full", "floor_tables"))}
# When a job has taken this long, it gets no further round: five rounds of everything would not fit into the time of the whole.
JOB_SECONDS = 60.0
Say = Callable[[str], None]


@dataclass
class Bench:
    """One run of the benchmark: where it works, how large, how often. `profiles` is a folder when profiles are wanted.

    `peers` says where the environments of peers are, as far as they are there: the Python of one, the folder of packages of the other.
    A job gets no further round after `job_seconds`.

    `results` has an entry for each engine and job, `phases` the seconds of whatever took time, `databases` the templates' sizes. `after` is called
    when a job is over, so that a run that is stopped leaves what it has measured.
    """

    work: Path
    size: Size
    rounds: int
    peers: Mapping[str, Path] = field(default_factory=dict)
    profiles: Path | None = None
    job_seconds: float = JOB_SECONDS
    say: Say = print
    after: Callable[[], None] = lambda: None
    results: list[dict[str, Any]] = field(default_factory=list)
    phases: list[dict[str, Any]] = field(default_factory=list)
    databases: dict[str, dict[str, Any]] = field(default_factory=dict)
    _given: dict[str, Case] = field(default_factory=dict)

    @cached_property
    def folder(self) -> Path:
        """Templates of this size and of the present tables and generator; what older tables left is thrown away."""
        return keeping.newest(self.work, self.size.name, keeping.state_of_templates())

    @cached_property
    def rosters(self) -> Path:
        """Files of the present generator, whatever the tables."""
        kept = "rosters-small" if self.size.small_tree else "rosters"
        return keeping.newest(self.work, kept, keeping.state_of_generator())

    @contextmanager
    def _phase(self, engine: str, what: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.phases.append({"engine": engine, "phase": what, "seconds": round(time.perf_counter() - started, 1)})

    # --- what must stand before the first measurement
    def prepare_files(self, names: Iterable[str]) -> None:
        for name in names:
            file = self._roster(name)
            if file.exists():
                continue
            half = file.parent / "half" / file.name
            half.parent.mkdir(parents=True, exist_ok=True)
            case = self._told(Case(engines.SQLITE, str(self.rosters)))
            case.rows, case.file = self._rows(name), str(half)
            with self._phase("", f"roster {name}"):
                processes.run(f"bench.preparing:{ROSTERS[name]}", case)
            # The roster last: it is what says that all is there.
            for made in sorted(half.parent.glob(f"{half.name}*"), key=lambda path: len(path.name), reverse=True):
                made.rename(file.parent / made.name)
            self.say(f"  roster {name}: {case.rows:,} rows, {self.phases[-1]['seconds']:.0f} s")

    def prepare_database(self, engine: Engine, name: str) -> None:
        base, steps = TEMPLATES[name]
        if base:
            self.prepare_database(engine, base)

        def prepare(case: Case) -> None:
            case.size = self.size.full
            for step in steps:
                with self._phase(engine.name, f"template {name}: {step}"):
                    processes.run(f"bench.preparing:{step}", self._told(case))
                keeping.note(case, step, seconds=self.phases[-1]["seconds"], mib=round(engine.size(case) / 2**20, 1))
                self.say(f"  database {engine.name}/{name}: {step} {self.phases[-1]['seconds']:.0f} s")

        engine.template(name, prepare, base)
        self.databases.setdefault(engine.name, {}).update(keeping.noted(self.folder / f"{engine.name}-{name}"))

    def _told(self, case: Case) -> Case:
        case.facts |= {"work": str(self.work), "small_tree": self.size.small_tree, "seconds": self.size.seconds}
        return case

    def _rows(self, roster: str) -> int:
        return self.size.large if roster.startswith("large") else self.size.roster

    def _roster(self, name: str) -> Path:
        return self.rosters / f"{self._rows(name)}-{name}"

    # --- measuring
    def measure(self, engine: Engine, jobs: Iterable[Job], until: float = float("inf")) -> None:
        """All jobs in turn. After `until` (as time.monotonic counts) each gets a single round. Where nothing is copied, who only reads goes first."""
        for job in sorted(jobs, key=lambda job: self.size.whole and job.writes):
            self.prepare_files(_files_of(job))
            if job.database not in self._given:
                self.prepare_database(engine, job.database)
            with self._phase(engine.name, job.key):
                self.results.append(self._job(engine, job, until))
            self.after()
        for case in self._given.values():
            engine.drop(case)

    def _job(self, engine: Engine, job: Job, until: float) -> dict[str, Any]:
        runs: dict[str, list[dict[str, Any]]] = {}
        failed: dict[str, str] = {}
        contenders = able(job, self.peers)
        if self.profiles and not self.size.whole:
            self._profiled(engine, job)
        shared, started = self._shared(engine, job), time.monotonic()
        for done in range(1 if job.once or self.size.whole else self.rounds):
            if done and (time.monotonic() > until or time.monotonic() - started > self.job_seconds):
                break
            for contender in [one for one in contenders if one.name not in failed]:
                case = shared or engine.copy(job.database)
                try:
                    before = engine.size(case)
                    answer = self._run(job, contender, case)
                    runs.setdefault(contender.name, []).append({"grown": engine.size(case) - before, **answer})
                except processes.Failed as error:
                    failed[contender.name] = str(error)
                    self.say(f"{engine.name:>10}  {job.key:<24}{contender.name} FAILED: {error}")
                if not shared:
                    engine.drop(case)
        if shared and not self.size.whole:
            engine.drop(shared)
        found = {name: _summed(job, series) for name, series in runs.items() if name not in failed}
        said = "  ".join(f"{name} {facts['value']['median']:,.1f} {job.unit}" for name, facts in found.items())
        self.say(f"{engine.name:>10}  {job.key:<24}{said}")
        return {"engine": engine.name, "job": job.key, "contenders": found, "failed": failed}

    def _shared(self, engine: Engine, job: Job) -> Case | None:
        """The database that all runs of the job work on; None when each gets its own."""
        if not self.size.whole:
            return None if job.writes else engine.copy(job.database)
        if job.database in self._given:
            return self._given[job.database]
        if not job.writes:
            return engine.lend(job.database)
        self._given[job.database] = engine.give(job.database)
        return self._given[job.database]

    def _profiled(self, engine: Engine, job: Job) -> None:
        """One run of ours that is not measured, because the profiler slows it; on a copy of its own."""
        assert self.profiles
        self.profiles.mkdir(parents=True, exist_ok=True)
        case = engine.copy(job.database)
        ours = next(contender for contender in job.contenders if contender.role == OURS)
        self._run(job, ours, case, self.profiles / f"{engine.name}-{job.key}.txt")
        engine.drop(case)

    def _run(self, job: Job, contender: Contender, case: Case, profile: Path | None = None) -> dict[str, Any]:
        rows = self._rows(job.roster)
        told = self._told(replace(case, area=PROVINCE_AREA if job.roster else 0, size=self.size.full, rows=rows, facts={}))
        told.facts |= {**job.facts, "whole": rows}
        if job.roster:
            told.file = str(self._roster(PEER_ROSTER if contender.is_peer else job.roster))
        told.rows = max(1, round(rows * contender.share))
        if contender.needs == NODE:
            told.facts["node_peers"] = str(self.peers[NODE].resolve())
        python = str(self.peers[PYTHON]) if contender.needs == PYTHON else sys.executable
        return processes.run(contender.target, told, python=python, profile=profile)


def plan(jobs: Sequence[Job], name: str, rounds: int, before: dict[str, Any], peers: Container[str]) -> Iterator[str]:
    """What will be run on the database `name`, in lines, with the seconds that the last run of the same size took, where there was one."""
    taken = {phase["phase"]: phase["seconds"] for phase in before.get("phases", [])}
    for job in jobs:
        last = f", last time {taken[job.key]:.0f} s" if job.key in taken else ""
        yield f"{name:>10}  {job.key:<24}{len(able(job, peers))} contenders, {1 if job.once else rounds} round(s){last}"
    if before:
        yield f"{name:>10}  the last run ({before['day']}, {before['rounds']} rounds) took {before['seconds'] / 60:.1f} min"


def able(job: Job, peers: Container[str]) -> list[Contender]:
    """Those of its contenders whose environment is there."""
    return [contender for contender in job.contenders if not contender.needs or contender.needs in peers]


def _files_of(job: Job) -> list[str]:
    return [job.roster, *([PEER_ROSTER] if any(contender.is_peer for contender in job.contenders) else [])] if job.roster else []


def _summed(job: Job, series: list[dict[str, Any]]) -> dict[str, Any]:
    """Median and spread of the figure, median processor seconds, most memory and growth of the database (MiB), the last run's details."""
    memory = [run["memory"] / 2**20 for run in series]
    values = memory if job.unit == "MiB" else [run["value"] for run in series]
    details = {key: value for key, value in series[-1].items() if key not in {"value", "cpu", "memory", "grown"}}
    work = [run["cpu"] for run in series if "cpu" in run]
    return {
        "value": summary(values),
        "memory_mib": round(max(memory), 1),
        "cpu": median(work) if work else None,
        "grown_mib": round(max(run["grown"] for run in series) / 2**20, 1) if job.writes else None,
        "rounds": len(series),
        "details": details,
    }
