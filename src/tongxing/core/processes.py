"""Which process of this machine something belongs to, and whether that process still lives: numbers are given out again, start times are not."""

import os
import socket
from pathlib import Path

ENDED = {"Z", "X"}
"""States of a process that ran its course and whose parent has not asked after it yet."""


def _stat(pid: int) -> list[str]:
    """What follows the name in /proc/<pid>/stat: first the state, as the twentieth the start; empty where the system does not tell."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def started(pid: int) -> str:
    """When the process began, in clock ticks; empty where the system does not tell."""
    return "".join(_stat(pid)[19:20])


def this_process() -> str:
    """`host:pid:start`, as `is_dead_here` reads it."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{started(os.getpid())}"


def is_dead_here(process: str) -> bool:
    """Whether `process` (as `this_process` named it) ran on this machine and is gone; of other machines nothing is known."""
    host, _, rest = process.partition(":")
    pid, _, since = rest.partition(":")
    return host == socket.gethostname()[:40] and not is_running(int(pid), since)


def is_running(pid: int, since: str) -> bool:
    """Whether the process `pid` that began at `since` (as `started` told it) still runs on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return started(pid) == since and not ENDED & set(_stat(pid)[:1])
