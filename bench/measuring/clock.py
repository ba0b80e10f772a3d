"""A stopwatch: wall time, and the processor time of this process beside it, which a busy machine does not stretch."""

import time


class Clock:
    """Runs from its making on."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        """`value` in seconds of wall time, `cpu` in seconds of this process."""
        return {"value": time.perf_counter() - self._wall, "cpu": time.process_time() - self._cpu}
