"""Which process of this machine something belongs to, and whether that process still lives: numbers are given out again, start times are not."""

import os
from pathlib import Path


def started(pid: int) -> str:
    """When the process began, in clock ticks; empty where the system does not tell."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def is_running(pid: int, since: str) -> bool:
    """Whether the process `pid` that began at `since` (as `started` told it) still runs on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return started(pid) == since
