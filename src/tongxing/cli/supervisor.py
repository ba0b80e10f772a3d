"""Two processes, one life: the web server and the worker start together, the worker is restarted when it dies, both stop gracefully."""

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

GRACE_SECONDS = 25
RESTART_PAUSE_SECONDS = 3
SUPERVISOR = "TONGXING_SUPERVISOR_PID"


class Supervisor:
    def __init__(self, commands: dict[str, list[str]]) -> None:
        self.commands = commands
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.stopping = threading.Event()

    def watch(self, host: str, port: int, announce: Callable[[], None]) -> int:
        """Run until the web server ends or a signal comes; returns the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.stopping.set())
        for name in self.commands:
            self._start(name)
        announced = False
        while not self.stopping.wait(0.1 if not announced else 0.5):
            if not announced and _answers(host, port):
                announced = True
                announce()
            if (code := self.running["web"].poll()) is not None:
                click.echo("网页服务意外停止，详见上面的输出。", err=True)
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
            [sys.executable, "-m", "tongxing", *self.commands[name]], env=environment, start_new_session=True
        )

    def _revive_worker(self) -> None:
        worker = self.running.get("worker")
        if worker is not None and worker.poll() is not None and not self.stopping.wait(RESTART_PAUSE_SECONDS):
            click.echo("后台任务进程停了，重新启动。", err=True)
            self._start("worker")

    def _stop(self) -> None:
        for process in self.running.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in self.running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(deadline - time.monotonic(), 0.1))
            if process.poll() is None:
                process.kill()


def _answers(host: str, port: int) -> bool:
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - looked up, not bound
    with suppress(OSError), socket.create_connection((target, port), timeout=0.3):
        return True
    return False


def follow_supervisor() -> None:
    """Stop when the supervisor is gone, even after `kill -9`, so that no orphan keeps the port or the queue."""
    parent = os.environ.get(SUPERVISOR)
    if not parent:
        return

    def look() -> None:
        while os.getppid() == int(parent):
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=look, name="follow-supervisor", daemon=True).start()
