"""Two processes, one life: the web server and the worker start together, are started again when they die, and stop gracefully."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import click

from .listening import turn_away

GRACE_SECONDS = 25
SHORTEST_LIFE_SECONDS = 20
RESTART_PAUSE_SECONDS = 3
SUPERVISOR = "TONGXING_SUPERVISOR_PID"


class Supervisor:
    """Starts `commands` (by name: "web" and "worker") and starts again what dies. `listener` is the web server's socket: it stays open
    meanwhile, so that visitors wait instead of being turned away."""

    def __init__(self, commands: dict[str, list[str]], listener: socket.socket) -> None:
        self.commands = commands
        self.listener = listener
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.started: dict[str, float] = {}
        self.stopping = threading.Event()

    def watch(self, announce: Callable[[], None]) -> int:
        """Run until a signal comes, or the web server does not stay up; returns the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.stopping.set())
        for name in self.commands:
            self._start(name)
        announced = False
        while not self.stopping.wait(0.1 if not announced else 0.5):
            if not announced and _answers(self.listener):
                announced = True
                announce()
            if (code := self.running["web"].poll()) is not None and not self._revive_web():
                self._stop()
                return code or 1
            self._revive_worker()
        self._stop()
        click.echo("已停止。")
        return 0

    def _start(self, name: str) -> None:
        environment = {**os.environ, SUPERVISOR: str(os.getpid())}
        # Own session: Ctrl+C reaches only this process, which then stops the others in order.
        self.running[name] = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "tongxing", *self.commands[name]],
            env=environment,
            start_new_session=True,
            pass_fds=[self.listener.fileno()] if name == "web" else [],
        )
        self.started[name] = time.monotonic()

    def _revive_web(self) -> bool:
        """Start the web server again unless it ended soon after its start: then it would end again."""
        if time.monotonic() - self.started["web"] < SHORTEST_LIFE_SECONDS:
            click.echo("网页服务意外停止，详见上面的输出。", err=True)
            return False
        click.echo("网页服务停了，重新启动。", err=True)
        self._start("web")
        return True

    def _revive_worker(self) -> None:
        worker = self.running.get("worker")
        if worker is not None and worker.poll() is not None and not self.stopping.wait(RESTART_PAUSE_SECONDS):
            click.echo("后台任务进程停了，重新启动。", err=True)
            self._start("worker")

    def _stop(self) -> None:
        turn_away(self.listener)
        self.listener.close()
        for process in self.running.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in self.running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(deadline - time.monotonic(), 0.1))
            if process.poll() is None:
                process.kill()


def _answers(listener: socket.socket) -> bool:
    """Whether a request is answered: the socket alone takes connections long before anybody serves them."""
    from django.templatetags.static import static

    host, port = listener.getsockname()[:2]
    with suppress(OSError), socket.create_connection(({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port), timeout=2) as asking:  # noqa: S104 - looked up, not bound
        asking.sendall(f"HEAD {static('core/mark.svg')} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        return asking.recv(5) == b"HTTP/"
    return False


def follow_supervisor() -> None:
    """Stop when the supervisor is gone, even after `kill -9`, so that no orphan keeps the port or the queue."""
    if parent := os.environ.get(SUPERVISOR):
        follow(int(parent))


def follow(parent: int) -> None:
    """Stop, gracefully, when the process `parent` that started this one is gone."""

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=look, name="follow-parent", daemon=True).start()
