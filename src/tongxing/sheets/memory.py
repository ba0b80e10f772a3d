"""Memory while a file is in hand: fewer looks for cyclic garbage, and what is free goes back to the system."""

import ctypes
import gc
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import connection

Row = TypeVar("Row")

MANY = 50_000
"""New containers between two looks: a chunk makes hundreds of thousands, hardly one of them in a cycle, and counting frees them in time."""
RUNS = 1
"""So many chunks between two times of giving back."""
_lock = threading.Lock()
_measures: list[tuple[int, int, int]] = []
"""What the measure was when each block that still runs began; the first is the usual one."""


@contextmanager
def fewer_looks() -> Iterator[None]:
    """The collector looks seldom until the block ends: at Python's usual measure it took a sixth of an import's processor time.

    Several threads may be in such a block; the last one puts the measure back.
    """
    with _lock:
        _measures.append(gc.get_threshold())
        gc.set_threshold(max(MANY, _measures[0][0]), *_measures[0][1:])
    try:
        yield
    finally:
        with _lock:
            usual = _measures[0]
            _measures.pop()
            if not _measures:
                gc.set_threshold(*usual)


@contextmanager
def journals_on_disk() -> Iterator[None]:
    """SQLite keeps what the steps of a chunk would need to be taken back; until the block ends in a file instead of memory.

    With the house's setting (`config.environment.SQLITE_PRAGMAS`: temporary things in memory, which sorting likes) it held 70 MiB for 5,000 lines.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA temp_store=FILE")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA temp_store=MEMORY")


def chunks(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Rows in runs of `size`. What earlier runs left free goes back to the system now and then."""
    run: list[Row] = []
    given = 0
    for row in rows:
        run.append(row)
        if len(run) >= size:
            yield run
            run, given = [], given + 1
            if given % RUNS == 0:
                give_back()
    if run:
        yield run


def give_back() -> None:
    """Return freed memory to the system, where the C library can. It keeps what lies between blocks that live: a third of what
    a roster of a million rows held."""
    if _trim is not None:
        _trim(0)


def _trimming() -> "ctypes._NamedFuncPointer | None":
    """`malloc_trim` of the GNU library; others have none."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return None


_trim = _trimming()
