"""Web servers for the time of a measurement: granian with as many workers as `tongxing run` would be given on this machine."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from .processes import at_work, tree

WORKERS = os.cpu_count() or 2
BOTH_PRODUCTS = ("--interface", "wsgi", "--workers", str(WORKERS), "--blocking-threads", "1", "--log-level", "warning")
# Seconds that a server may take to stand, on a busy machine too; looks in a row, 0.1 s apart, at which all its processes must sleep.
PATIENCE, STILL_LOOKS = 300, 5
PROBES = 16 * WORKERS


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(command: Sequence[str], port: int) -> Iterator[None]:
    """A server that answers on `port`; stopped as an administrator stops it."""
    process = subprocess.Popen(command, env=os.environ, start_new_session=True)
    try:
        _wait(process, port)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Until every worker has loaded its pages, which takes it seconds at its first request.

    An answer says only that one worker stands, and an open port says nothing. So: an answer; then, when no process of the server is at work
    any more and all of them therefore accept, many connections at once, which reach all; then quiet again.
    """
    until = time.monotonic() + PATIENCE

    def wait(reached: Callable[[], bool]) -> None:
        while not reached():
            if process.poll() is not None:
                raise RuntimeError(f"the server ended with {process.poll()}")
            if time.monotonic() > until:
                raise RuntimeError(f"the server did not start in {PATIENCE} s")
            time.sleep(0.1)

    for probes in (1, PROBES):
        wait(partial(_answered, port, probes))
        wait(lambda: _sleeps(process.pid))


def _sleeps(pid: int) -> bool:
    """Whether no process of the tree is at work at several looks in a row; a process that waits for a processor counts as at work."""
    for _ in range(STILL_LOOKS):
        time.sleep(0.1)
        if any(map(at_work, tree(pid))):
            return False
    return True


def _answered(port: int, number: int) -> bool:
    """Whether so many connections at once all get an answer."""
    connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE) for _ in range(number)]
    try:
        for connection in connections:
            connection.request("GET", "/no-such-page/")
        for connection in connections:
            connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        for connection in connections:
            connection.close()
    return True


def ours(port: int) -> list[str]:
    return [sys.executable, "-m", "tongxing", "web", "--host", "127.0.0.1", "--port", str(port), "--workers", str(WORKERS)]


def whole(port: int) -> list[str]:
    """Web server and worker under their supervisor, as an installation on one machine runs them."""
    return [sys.executable, "-m", "tongxing", "run", "--host", "127.0.0.1", "--port", str(port), "--workers", str(WORKERS)]


def wsgi(application: str, port: int) -> list[str]:
    return [sys.executable, "-m", "granian", *BOTH_PRODUCTS, "--host", "127.0.0.1", "--port", str(port), application]
