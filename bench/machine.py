"""On what and with what was measured."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.measuring import processes
from bench.measuring.engines import Engine

PROJECT = Path(__file__).resolve().parent.parent
PACKAGES = ("django", "granian", "python-calamine", "rustpy-xlsxwriter", "psycopg", "cryptography", "typst", "whitenoise")


def described() -> dict[str, Any]:
    """Processor, cores, memory, system, versions, commit; whether something else was busy when the run began."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "commit": _said("git", "rev-parse", "--short", "HEAD") + ("+" if _said("git", "status", "--porcelain", "src") else ""),
        "load_before": round(os.getloadavg()[0], 2),
    }


class Others:
    """How much of the machine's work was not this run's: on a shared machine wall times are stretched by it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.machine, self.own = processes.machine_seconds(), self._own()

    def share(self) -> float:
        """Of all processor seconds worked since the beginning; 0 on a quiet machine."""
        machine = processes.machine_seconds() - self.machine
        return round(max(0.0, 1 - (self._own() - self.own) / machine), 3) if machine else 0.0

    def _own(self) -> float:
        ended = os.times()
        held = processes.spent(os.getpid(), below=True) + ended.children_user + ended.children_system
        return ended.user + ended.system + held + self.engine.spent()


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _said(*command: str) -> str:
    try:
        return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
