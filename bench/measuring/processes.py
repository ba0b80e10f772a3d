"""Running one contender in a process of its own and watching how much memory its whole process tree holds."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench.case import Case

PROJECT = Path(__file__).resolve().parents[2]
PAGE, TICKS = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")
EVERY_SECONDS = 0.05
SETTINGS, KEPT = ("TONGXING_", "DJANGO_SETTINGS_MODULE"), {"TONGXING_FRONT_DIR"}


class Failed(Exception):
    """A contender ended with an error; the message holds the end of what it said."""


def run(
    target: str, case: Case, *, python: str = sys.executable, profile: Path | None = None, timeout: float = 6 * 3_600
) -> dict[str, Any]:
    """The contender's own answer, with `memory` as the peak of its process tree in bytes."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        case_file, answer_file, log = (Path(folder) / name for name in ("case.json", "answer.json", "log"))
        case_file.write_text(case.dumps())
        command = [python, "-m", "bench.contender", target, str(case_file), str(answer_file), *([str(profile)] if profile else [])]
        with log.open("wb") as said:
            process = subprocess.Popen(command, cwd=PROJECT, env=environment(), stdout=said, stderr=said)
            watch = Watch(process.pid)
            try:
                code = process.wait(timeout)
            finally:
                _end(process)
                peak = watch.stop()
        if code or not answer_file.exists():
            own = answer_file.with_suffix(".error")
            raise Failed(f"{target} ended with {code}:\n{(own if own.exists() else log).read_text(errors='replace')[-3_000:]}")
        answer: dict[str, Any] = json.loads(answer_file.read_text())
    return {**answer, "memory": max(peak, answer["memory"])}


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Nothing of a run may live on and share the cores with the next, servers that it started included."""
    if process.poll() is None:
        for pid in [*tree(process.pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


def environment() -> dict[str, str]:
    """This process's environment with the project on the path, without settings of whoever runs it: a case brings its own."""
    paths = [str(PROJECT), str(PROJECT / "src")]
    kept = {name: value for name, value in os.environ.items() if name in KEPT or not name.startswith(SETTINGS)}
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), "PYTHONWARNINGS": "ignore"}


class Watch:
    """Samples the resident memory of a process and all its descendants."""

    def __init__(self, pid: int) -> None:
        self.pid, self.peak = pid, 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        self._over.set()
        self._thread.join()
        return self.peak

    def _look(self) -> None:
        while not self._over.wait(EVERY_SECONDS):
            self.peak = max(self.peak, sum(resident(pid) for pid in tree(self.pid)))


def resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def tree(pid: int) -> Iterator[int]:
    """A process and all its descendants that live now."""
    yield pid
    try:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                yield from tree(int(child))
    except OSError:
        return


def spent(pid: int, *, below: bool = False) -> float:
    """Processor seconds of a process and its descendants that live, with what those took whose end was noticed. `below`: not the process itself."""
    return sum(map(_ticks, [one for one in tree(pid) if not (below and one == pid)])) / TICKS


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    # utime, stime, cutime, cstime: fields 14 to 17 of proc(5), counted behind the name.
    return sum(map(int, fields[11:15]))


def machine_seconds() -> float:
    """Processor seconds that the whole machine has worked, for whomever."""
    user, nice, system, _idle, _wait, irq, soft = map(int, Path("/proc/stat").read_text().split(maxsplit=8)[1:8])
    return (user + nice + system + irq + soft) / TICKS


def at_work(pid: int) -> bool:
    """Whether a thread of the process runs, wants to, or waits for the disk."""
    try:
        states = [(thread / "stat").read_text().rpartition(")")[2].split()[0] for thread in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return False
    return bool({"R", "D"} & set(states))
