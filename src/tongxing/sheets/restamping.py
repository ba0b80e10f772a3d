"""After a batch is taken back, the records it changed carry a later version: earlier batches learn it, so that they can be taken back too.

References come in two shapes: {"organisation": id, "version": n}, and {"versions": {table: [id, n], …}, …}.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from .models import Batch, BatchStatus, Chunk, Line

Refs = dict[str, Any]
Key = tuple[str, int]


def stamps(refs: Refs) -> Iterator[tuple[Key, int]]:
    """(table, id) and version of every record that a row's references name."""
    if "organisation" in refs:
        yield ("organisation", refs["organisation"]), refs["version"]
    for table, (number, version) in refs.get("versions", {}).items():
        yield (table, number), version


def restamp(batch: Batch, changed: Iterable[Refs]) -> None:
    """A record stood at n-1, the batch brought it to n, undo to n+1: where earlier batches say n-1 they now say n+1."""
    moved = {key: (version - 1, version + 1) for refs in changed for key, version in stamps(refs)}
    if not moved:
        return
    earlier = Batch.objects.filter(pk__lt=batch.pk, status__in=[BatchStatus.APPLIED, BatchStatus.PAUSED])
    for chunk in Chunk.objects.filter(batch__in=earlier, applied=True).iterator(chunk_size=20):
        hits = [_moved(refs, moved) for _, refs in chunk.refs]
        if any(hits):
            chunk.save(update_fields=["refs"])
    for line in Line.objects.filter(batch__in=earlier, applied=True).exclude(refs={}).iterator(chunk_size=500):
        if _moved(line.refs, moved):
            line.save(update_fields=["refs"])


def _moved(refs: Refs, moved: dict[Key, tuple[int, int]]) -> bool:
    """Bring the versions in `refs` up to date, in place."""
    hit = False
    for (table, number), version in list(stamps(refs)):
        old, new = moved.get((table, number), (None, None))
        if version == old:
            hit = True
            if table == "organisation":
                refs["version"] = new
            else:
                refs["versions"][table] = [number, new]
    return hit
