"""Runs jobs: templates first, then round by round every contender in turn, each in a process of its own on a database of its own."""

import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from bench.case import Case
from bench.jobs import EMPLOYERS, EMPTY, FULL, OURS, Contender, Job
from bench.measuring import engines, processes
from bench.measuring.engines import Engine
from bench.measuring.figures import summary
from bench.sizes import PROVINCE_AREA, Size

PROJECT = Path(__file__).resolve().parent.parent
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
TEMPLATES = (EMPTY, EMPLOYERS, FULL)
Say = Callable[[str], None]


@dataclass
class Bench:
    """One run of the benchmark: where it works, how large, how often. `profiles` is a folder when profiles are wanted."""

    work: Path
    size: Size
    rounds: int
    peers_python: Path | None = None
    profiles: Path | None = None
    say: Say = print
    results: list[dict[str, Any]] = field(default_factory=list)

    @cached_property
    def folder(self) -> Path:
        """Templates and files of this size and of the present tables and generator."""
        return self.work / f"{self.size.name}-{state()}"

    # --- what must stand before the first measurement
    def prepare_files(self, names: Iterable[str]) -> None:
        for name in names:
            file = self.folder / "rosters" / name
            if file.exists():
                continue
            half = file.parent / "half" / name
            half.parent.mkdir(parents=True, exist_ok=True)
            case = self._told(Case(engines.SQLITE, str(self.folder / "rosters")))
            case.rows, case.file = self._rows(name), str(half)
            processes.run(f"bench.preparing:{ROSTERS[name]}", case)
            for made in sorted(half.parent.glob(f"{name}*"), reverse=True):
                made.rename(file.parent / made.name)
            self.say(f"  roster {name}: {case.rows:,} rows")

    def prepare_database(self, engine: Engine, name: str) -> None:
        def prepare(case: Case) -> None:
            started = time.perf_counter()
            case.size = self.size.full
            processes.run(f"bench.preparing:{name}", self._told(case))
            self.say(f"  database {engine.name}/{name}: {time.perf_counter() - started:.0f} s")

        engine.template(name, prepare)

    def _told(self, case: Case) -> Case:
        case.facts = {**case.facts, "work": str(self.work)}
        return case

    def _rows(self, roster: str) -> int:
        return self.size.large if roster.startswith("large") else self.size.roster

    # --- measuring
    def measure(self, engine: Engine, jobs: Iterable[Job]) -> None:
        for job in jobs:
            self.prepare_files(_files_of(job))
            self.prepare_database(engine, job.database)
            self.results.append(self._job(engine, job))

    def _job(self, engine: Engine, job: Job) -> dict[str, Any]:
        runs: dict[str, list[dict[str, Any]]] = {}
        contenders = [one for one in job.contenders if not _needs_peers(one) or self.peers_python]
        if self.profiles:
            self._profiled(engine, job)
        shared = None if job.writes else engine.copy(job.database)
        for _ in range(1 if job.once else self.rounds):
            for contender in contenders:
                case = shared or engine.copy(job.database)
                answer = self._run(job, contender, case)
                answer["database_size"] = engine.size(case)
                runs.setdefault(contender.name, []).append(answer)
                if not shared:
                    engine.drop(case)
        if shared:
            engine.drop(shared)
        found = {name: _summed(job, series) for name, series in runs.items()}
        self.say(
            f"{engine.name:>10}  {job.key:<24}"
            + "  ".join(f"{name} {facts['value']['median']:,.1f} {job.unit}" for name, facts in found.items())
        )
        return {"engine": engine.name, "job": job.key, "contenders": found}

    def _profiled(self, engine: Engine, job: Job) -> None:
        """One run of ours that is not measured, because the profiler slows it; on a copy of its own."""
        assert self.profiles
        self.profiles.mkdir(parents=True, exist_ok=True)
        case = engine.copy(job.database)
        ours = next(contender for contender in job.contenders if contender.role == OURS)
        self._run(job, ours, case, profile=self.profiles / f"{engine.name}-{job.key}.txt")
        engine.drop(case)

    def _run(self, job: Job, contender: Contender, case: Case, profile: Path | None = None) -> dict[str, Any]:
        rows = self._rows(job.roster)
        told = self._told(replace(case, area=PROVINCE_AREA if job.roster else 0, size=self.size.full, rows=rows))
        told.facts |= {**job.facts, "whole": rows}
        if job.roster:
            told.file = str(self.folder / "rosters" / (PEER_ROSTER if contender.is_peer else job.roster))
        told.rows = round(rows * contender.share)
        python = str(self.peers_python) if _needs_peers(contender) else sys.executable
        return processes.run(contender.target, told, python=python, profile=profile)


def _needs_peers(contender: Contender) -> bool:
    return contender.target.startswith("bench.peers")


def _files_of(job: Job) -> list[str]:
    return [job.roster, *([PEER_ROSTER] if any(map(_needs_peers, job.contenders)) else [])] if job.roster else []


def _summed(job: Job, series: list[dict[str, Any]]) -> dict[str, Any]:
    """Median and spread of the figure, of memory (MiB) and database size; the last run's details for whoever looks closer."""
    memory = [run["memory"] / 2**20 for run in series]
    values = memory if job.unit == "MiB" else [run["value"] for run in series]
    details = {key: value for key, value in series[-1].items() if key not in {"value", "memory", "database_size"}}
    return {
        "value": summary(values),
        "memory_mib": round(max(memory), 1),
        "database_mib": round(max(run["database_size"] for run in series) / 2**20, 1),
        "rounds": len(series),
        "details": details,
    }


def state() -> str:
    """Changes when tables, base data or the generator do: then templates are made anew."""
    digest = sha256()
    patterns = (
        "src/tongxing/*/migrations/*.py",
        "src/tongxing/*/data/*",
        "src/tongxing/*/*.toml",
        "bench/world/*.py",
        "bench/preparing.py",
    )
    for pattern in patterns:
        for path in sorted(PROJECT.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


def quiet() -> None:
    """Children of the harness must not inherit settings of the person who runs it."""
    for name in [name for name in os.environ if name.startswith("TONGXING_") and name != "TONGXING_FRONT_DIR"]:
        del os.environ[name]
