"""The house as several processes on one database: started by a test, killed by it, and gone with it however it ends."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from browsing import free_port
from command_line import environment, tongxing
from two_processes import Visitor

START_SECONDS = 90
PASSWORD = "clay-river-9-lamp"
OFFICER = "officer"
# Processes that know their parent end when it is gone: what a killed test leaves behind ends too.
PARENT = "TONGXING_SUPERVISOR_PID"


def until(true: Callable[[], Any], seconds: float, what: Callable[[], object] | str) -> float:
    """Wait until `true()`; seconds waited. OSErrors count as not yet. `what` was waited for, or tells how things stand."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        with suppress(OSError):
            if true():
                return time.monotonic() - began
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds:.0f} s: {what() if callable(what) else what}")


class Process:
    """One process of the house; its output goes to a log that a failing test shows."""

    def __init__(self, house: "House", name: str, *arguments: str, url: str = "") -> None:
        self.house, self.name, self.arguments, self.url = house, name, arguments, url
        self.log = house.folder / f"{name}.log"
        self.running: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        more = {**self.house.settings, PARENT: str(os.getpid())}
        if self.url:
            more["TONGXING_DATABASE_URL"] = self.url
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "tongxing", *self.arguments]
            # A session of its own: a kill takes its children with it, as a machine that goes down does.
            self.running = subprocess.Popen(
                command, env=environment(self.house.data, **more), stdout=log, stderr=log, start_new_session=True
            )

    @property
    def pid(self) -> int:
        assert self.running is not None
        return self.running.pid

    def is_alive(self) -> bool:
        return self.running is not None and self.running.poll() is None

    def kill(self) -> None:
        """SIGKILL to the process and its children."""
        assert self.running is not None
        with suppress(ProcessLookupError):
            os.killpg(self.running.pid, signal.SIGKILL)
        self.running.wait()

    def end(self) -> None:
        if self.running is not None and self.is_alive():
            self.running.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.running.wait(10)
        self.kill()


class House:
    """A data folder, a database, and the processes on them."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder, self.data, self.settings = folder, folder / "var", settings
        self.processes: list[Process] = []

    def run(self, *arguments: str, **more: str) -> str:
        """What the command says; it must succeed."""
        done = tongxing(self.data, *arguments, **{**self.settings, **more})
        assert done.returncode == 0, done.stderr
        return done.stdout

    def prepare(self) -> None:
        """Database, base data, static files and one officer."""
        self.run("run", "--prepare-only")
        self.run("createuser", OFFICER, "--name", "王经办", "--role", "officer", TONGXING_PASSWORD=PASSWORD)

    @cached_property
    def token(self) -> str:
        made = self.run("createtoken", OFFICER, "--name", "程序", "--scope", "sheets", "--scope", "read", "--json")
        return str(json.loads(made)["token"])

    def ask(self, script: str) -> Any:
        """The JSON that `script` prints, run with Django set up on this house."""
        whole = f"import django; django.setup()\nimport json\n{script}"
        own = environment(self.data, **self.settings)
        done = subprocess.run([sys.executable, "-c", whole], env=own, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def web(self, name: str, *, url: str = "", port: int = 0) -> "Web":
        """`tongxing web`, answering."""
        one = Web(self, name, port or free_port(), url)
        self.processes.append(one)
        until(one.answers, START_SECONDS, one.log.read_text)
        return one

    def worker(self, name: str, *, url: str = "") -> Process:
        one = Process(self, name, "worker", url=url)
        self.processes.append(one)
        return one

    def served(self) -> "Web":
        """`tongxing run`: web process and worker under the supervisor."""
        one = Web(self, "run", free_port(), "", command="run")
        self.processes.append(one)
        until(one.answers, START_SECONDS, one.log.read_text)
        return one

    def end(self) -> None:
        for process in self.processes:
            process.end()

    def logs(self) -> str:
        return "\n".join(f"== {process.name}\n{process.log.read_text()[-6_000:]}" for process in self.processes)


class Web(Process):
    """A web process with an address."""

    def __init__(self, house: House, name: str, port: int, url: str, command: str = "web") -> None:
        self.port = port
        self.address = f"http://127.0.0.1:{port}"
        super().__init__(house, name, command, "--port", str(port), "--workers", "1", url=url)

    def answers(self) -> bool:
        """Whether a page that needs the database comes."""
        return Visitor(self.address).get("/account/login/").status == 200


@contextmanager
def ground() -> Iterator[Path]:
    """A folder that the account of PostgreSQL can reach; pytest's own is closed to it whenever another run starts."""
    folder = Path(tempfile.mkdtemp(prefix="tongxing-faults-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


GUARD = """
import os, signal, sys
from pathlib import Path
sys.stdin.read()
for folder in sys.argv[1:]:
    if (note := Path(folder, "postmaster.pid")).exists():
        os.kill(int(note.read_text().split()[0]), signal.SIGQUIT)
"""


@contextmanager
def guarded(*data: Path) -> Iterator[None]:
    """PostgreSQL servers outlive whoever started them: a small process ends them when this one is killed and closes its pipe."""
    with subprocess.Popen([sys.executable, "-c", GUARD, *map(str, data)], stdin=subprocess.PIPE) as guard:
        try:
            yield
        finally:
            # The usual end stops the servers in order.
            guard.kill()


@contextmanager
def house(folder: Path, **settings: str) -> Iterator[House]:
    """A prepared house; all its processes end with the block."""
    one = House(folder, **settings)
    try:
        folder.mkdir(exist_ok=True)
        one.prepare()
        yield one
    except BaseException:
        print(one.logs())
        raise
    finally:
        one.end()
