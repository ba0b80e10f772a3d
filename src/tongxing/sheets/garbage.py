"""Fewer looks for cyclic garbage while a file is in hand."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

MANY = 50_000
"""New containers between two looks: a chunk makes hundreds of thousands, hardly one of them in a cycle, and counting frees them in time."""
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
