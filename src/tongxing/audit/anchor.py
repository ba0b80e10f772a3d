"""The anchor: an append-only file beside the database with one line per block, so that a cut-off tail of the log is found."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from .models import Block


class Mark(NamedTuple):
    """One line: block number, its hash, when it was sealed."""

    number: int
    hash: str
    sealed_at: str


def path() -> Path:
    return Path(settings.DATA_DIR) / "audit" / "anchor.txt"


def marks() -> Iterator[Mark]:
    """The lines of the anchor; a line that makes no sense comes as number 0, to be reported."""
    if not path().exists():
        return
    with path().open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            number, _, rest = line.strip().partition(" ")
            digest, _, sealed_at = rest.partition(" ")
            yield Mark(int(number) if number.isascii() and number.isdigit() else 0, digest, sealed_at)


def catch_up() -> int:
    """Append every block later than the last one anchored (after a crash there may be several); returns how many."""
    last = 0
    for mark in marks():
        last = max(last, mark.number)
    rows = list(Block.objects.filter(number__gt=last).order_by("number").values_list("number", "hash", "sealed_at"))
    if rows:
        _append("".join(f"{number} {digest} {sealed_at.isoformat()}\n" for number, digest, sealed_at in rows))
    return len(rows)


def _append(text: str) -> None:
    path().parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
