"""A stopwatch: wall time, and beside it the processor time of all that works for a run, which a busy machine does not stretch."""

import os
import time

from bench.case import Case

from .processes import spent


class Clock:
    """Runs from its making on."""

    def __init__(self, case: Case) -> None:
        self._server = case.server
        self._cpu = self._work()
        self._wall = time.perf_counter()

    def read(self, *, times: int = 1, own: bool = True) -> dict[str, float]:
        """`value` in seconds of wall time, `cpu` in seconds of this process, its children and the database server, each for one of `times`.

        Without `own` this process is left out: it asked the servers that did the work.
        """
        wall, (mine, others) = time.perf_counter() - self._wall, self._work()
        work = others - self._cpu[1] + (mine - self._cpu[0] if own else 0)
        return {"value": wall / times, "cpu": work / times}

    def _work(self) -> tuple[float, float]:
        """Seconds of this process; seconds of its children, dead and alive, and of the database server with all its connections."""
        ended = os.times()
        children = ended.children_user + ended.children_system + spent(os.getpid(), below=True)
        return time.process_time(), children + (spent(self._server) if self._server else 0.0)
