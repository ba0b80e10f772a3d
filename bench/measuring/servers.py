"""Web servers for the time of a measurement: granian with as many workers as `tongxing run` would be given on this machine."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

WORKERS = os.cpu_count() or 2
BOTH_PRODUCTS = ("--interface", "wsgi", "--workers", str(WORKERS), "--blocking-threads", "1", "--log-level", "warning")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(command: Sequence[str], port: int) -> Iterator[None]:
    """A server that answers on `port`; stopped as an administrator stops it."""
    process = subprocess.Popen(command, env=os.environ)
    try:
        _wait(process, port)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int, patience: float = 90) -> None:
    """Until requests are answered; the socket alone is open long before. Two per worker, because each loads its pages at its first."""
    until, answered = time.monotonic() + patience, 0
    while time.monotonic() < until and process.poll() is None and answered < 2 * WORKERS:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
            connection.request("GET", "/no-such-page/")
            connection.getresponse().read()
            answered += 1
        except OSError:
            time.sleep(0.1)
    if answered < 2 * WORKERS:
        raise RuntimeError("the server did not start")


def ours(port: int) -> list[str]:
    return [sys.executable, "-m", "tongxing", "web", "--host", "127.0.0.1", "--port", str(port), "--workers", str(WORKERS)]


def wsgi(application: str, port: int) -> list[str]:
    return [sys.executable, "-m", "granian", *BOTH_PRODUCTS, "--host", "127.0.0.1", "--port", str(port), application]
