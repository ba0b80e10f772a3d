"""The web processes: granian around the application, on one listening socket that all of them share.

Measured settings and the reasons: docs/performance.md.
"""

import multiprocessing
import os
import resource
import socket
from contextlib import suppress
from functools import partial
from typing import Any

from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from tongxing.config.gateway import Crew, Gateway

from .listening import BACKLOG, turn_away
from .supervisor import follow

OPEN_FILES = 16_384
SPARE_FILES = 256
"""Left for databases, uploads and static files when connections take up all the others."""
HEADER_SECONDS = 15
STOP_SECONDS = 20


def processes() -> int:
    """As many as there are processors, at most four: the database and the worker need their share."""
    return min(4, len(os.sched_getaffinity(0)))


def serve(listener: socket.socket, *, workers: int, threads: int, own: bool) -> None:
    """Serve until SIGTERM or SIGINT. A socket that is not our `own` is left as it is, for whoever serves it next."""
    # Forked processes share what is loaded, and the socket; Python 3.14 starts others by default.
    multiprocessing.set_start_method("fork", force=True)
    most = _open_files() - SPARE_FILES
    server = SharedSocketServer(
        "tongxing",
        interface=Interfaces.ASGINL,
        # Without it a connection that says nothing at all is kept for ever: which protocol it means is not known yet.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
        websockets=False,
        workers=workers,
        backlog=BACKLOG,
        # How many connections a process holds; half-open ones count as well, so it must not be small.
        backpressure=most,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        respawn_interval=1.0,
        workers_kill_timeout=STOP_SECONDS,
    )
    server.listener, server.own = listener, own
    server.serve(target_loader=partial(_load, os.getpid(), threads, Crew(workers)), wrap_loader=False)


def _load(parent: int, threads: int, crew: Crew, number: int) -> Any:
    """Runs in each web process. The application is named here: granian would look for it from the present folder upwards."""
    follow(parent)
    from django.conf import settings

    from tongxing.config.wsgi import application
    from tongxing.core.upkeep import map_reads

    map_reads()
    settings.SCRATCH_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    most = 2 * settings.UPLOAD_LIMIT_BYTES
    return Gateway(application, threads=threads, most_bytes=most, folder=settings.SCRATCH_DIR, crew=crew, number=number)


def _open_files() -> int:
    """Raise this process's limit of open files as far as it may; what it is then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wish = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft == resource.RLIM_INFINITY or soft >= wish:
        return OPEN_FILES
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wish, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


class SharedSocketServer(MPServer):
    """granian on one socket for all processes. By itself it gives each its own, whose waiting connections are lost when that process ends."""

    listener: socket.socket
    own = True

    def _init_shared_socket(self) -> None:
        # granian's stub is older than its class.
        self._ssp, self._sso = None, self.listener
        self._shd: Any = SocketHolder(self.listener.fileno(), False, BACKLOG)  # type: ignore[call-arg]

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Any, *more: Any) -> Any:
        """The application of a process learns which one it is."""
        spawn: Any = super()._spawn_worker
        return spawn(idx, target, partial(callback_loader, idx), *more)

    def shutdown(self, exit_code: int = 0) -> None:
        if self.own:
            turn_away(self.listener)
        stop: Any = super().shutdown
        stop(exit_code)
