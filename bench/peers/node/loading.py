"""What is measured of every peer server: reading the roster and sending its rows in batches, until the last answer."""

from collections.abc import Callable
from typing import Any

from bench.case import Case
from bench.measuring.clock import Clock
from bench.peers.sheet import read

from .place import Place

Rows = list[dict[str, Any]]


def load(case: Case, place: Place, table: str, batch: int, send: Callable[[Rows], object]) -> dict[str, Any]:
    """Times scaled up to the whole; `grown` is what the rows sent took, without the server's own tables."""
    before = place.size()
    clock = Clock(case)
    columns, rows = read(case)
    for first in range(0, len(rows), batch):
        send([dict(zip(columns, row, strict=True)) for row in rows[first : first + batch]])
    taken, share = clock.read(), case.rows / case.facts["whole"]
    _check(place, table, len(rows))
    return {
        "value": taken["value"] / share,
        "cpu": taken["cpu"] / share,
        "seconds": taken["value"],
        "rows": len(rows),
        "grown": place.size() - before,
    }


def _check(place: Place, table: str, rows: int) -> None:
    """The table itself is asked, not the server: every row with its code, its name and its figures."""
    ((found, codes, names, figures),) = place.run(
        f"SELECT count(*), count(DISTINCT credit_code), count(name), count(figures_year) FROM {table}"
    )
    if (found, codes) != (rows, rows) or not names or not figures:
        raise RuntimeError(f"{rows} rows were sent; {found} stand there with {codes} codes, {names} names and {figures} years")
