"""Stopping under load: every request that was taken is answered, the worker finishes what it has in hand, and a killed process is replaced."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from browsing import free_port
from command_line import environment

pytestmark = [pytest.mark.slow, pytest.mark.processes]
READERS = 12


@pytest.fixture(scope="module")
def data(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(prepared, tmp_path_factory.mktemp("stop") / "var"))


class Load:
    """READERS that ask and ask again, half of them on kept connections. `fates` counts what became of their requests."""

    def __init__(self, port: int) -> None:
        self.port, self.fates, self.over = port, Counter[str](), threading.Event()
        self.threads = [threading.Thread(target=self._read, args=[number % 2 == 0]) for number in range(READERS)]

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()

    def _read(self, kept: bool) -> None:
        connection, used = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60), False
        while not self.over.is_set():
            fate = _ask(connection, used)
            self.fates[fate] += 1
            used = fate == "answered" and kept and connection.sock is not None
            if not used:
                connection.close()
            if fate == "turned away":
                time.sleep(0.05)
        connection.close()

    def until(self, answers: int, patience: float = 60) -> None:
        """Wait for so many more answers."""
        wanted, deadline = self.fates["answered"] + answers, time.monotonic() + patience
        while self.fates["answered"] < wanted:
            assert time.monotonic() < deadline, self.fates
            time.sleep(0.02)


def _ask(connection: http.client.HTTPConnection, used: bool) -> str:
    """answered; turned away (nothing was sent, as nobody listens); reused (an idle connection was closed: clients ask again); failed."""
    try:
        connection.connect() if connection.sock is None else None
    except OSError:
        return "turned away"
    try:
        connection.request("GET", "/account/login/")
        answer = connection.getresponse()
        page = answer.read()
    except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as error:
        return "reused" if used else f"failed: {error!r}"
    except (OSError, http.client.HTTPException) as error:
        return f"failed: {error!r}"
    return "answered" if answer.status == 200 and page.rstrip().endswith(b"</html>") else f"failed: {answer.status}"


def answers(port: int) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        return _ask(connection, False) == "answered"


@pytest.fixture
def start(data: Path) -> Iterator[Callable[..., tuple["subprocess.Popen[bytes]", int]]]:
    """Starts `tongxing web` or `tongxing run` and waits until it answers."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(command: str, *options: str) -> tuple["subprocess.Popen[bytes]", int]:
        port = free_port()
        with (data.parent / f"{command}-{port}.log").open("w") as log:
            arguments = [sys.executable, "-m", "tongxing", command, "--port", str(port), *options]
            process = subprocess.Popen(arguments, env=environment(data), stdout=log, stderr=log)
        started.append(process)
        deadline = time.monotonic() + 60
        while not answers(port):
            assert process.poll() is None, Path(log.name).read_text()
            assert time.monotonic() < deadline
            time.sleep(0.2)
        return process, port

    yield begin
    for process in started:
        process.terminate()
        process.wait(40)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def failures(fates: "Counter[str]") -> dict[str, int]:
    return {fate: count for fate, count in fates.items() if fate.startswith("failed")}


def test_stopping_answers_what_was_taken(start: Callable[..., tuple["subprocess.Popen[bytes]", int]]) -> None:
    process, port = start("web", "--workers", "2")
    with Load(port) as load:
        load.until(30)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        time.sleep(0.2)
    assert failures(load.fates) == {}
    assert load.fates["turned away"] > 0


def test_renewing_processes_turns_nobody_away(start: Callable[..., tuple["subprocess.Popen[bytes]", int]]) -> None:
    """SIGHUP: process by process, as after a change of settings."""
    process, port = start("web", "--workers", "2")
    before = children(process.pid)
    with Load(port) as load:
        load.until(10)
        process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 60
        while set(children(process.pid)) & set(before):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        load.until(10)
    assert failures(load.fates) == {}
    assert load.fates["turned away"] == 0


def test_a_killed_web_server_comes_back_and_visitors_wait(start: Callable[..., tuple["subprocess.Popen[bytes]", int]]) -> None:
    """Under `tongxing run` the socket outlives the server."""
    process, port = start("run", "--no-worker", "--workers", "2")
    # Shorter lives count as a server that cannot start.
    time.sleep(21)
    (web,) = children(process.pid)
    os.kill(web, signal.SIGKILL)
    with Load(port) as load:
        deadline = time.monotonic() + 60
        while children(process.pid) in ([web], []):  # its own processes may still answer for a moment
            assert time.monotonic() < deadline
            time.sleep(0.1)
        load.until(10)
    assert load.fates["turned away"] == 0
    process.send_signal(signal.SIGTERM)
    assert process.wait(40) == 0
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=5)
