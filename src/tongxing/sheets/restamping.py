"""After a batch is taken back, the records it changed carry a later version: other batches learn it, so that they can be taken back too.

References come in two shapes: {"organisation": id, "version": n, "followed": [[person, n], …]}, and {"versions": {table: [id, n], …}, …}.
`followed` are the people whose record changed because their host did. A version that was restamped is no longer the one after the version
that the batch found; what it found then stands in `found`, [[table, id, n], …].
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from .models import Batch, BatchStatus, Chunk, Line
from .sheet import Versions

Refs = dict[str, Any]
Key = tuple[str, int]
Steps = dict[Key, dict[int, int]]
"""For a record: the version a batch may say → the version it stands at now."""


def stamps(refs: Refs) -> Iterator[tuple[Key, int]]:
    """(table, id) and version of every record that a row's references name."""
    if "organisation" in refs:
        yield ("organisation", refs["organisation"]), refs["version"]
    for table, (number, version) in refs.get("versions", {}).items():
        yield (table, number), version
    for number, version in refs.get("followed", ()):
        yield ("person", number), version


def restamp(batch: Batch, changed: Iterable[Refs], along: Versions) -> None:
    """Where other batches say the version that `batch` found, or that its undo found, they now say the one its undo left.

    `along` are records that the undo changed besides those of the batch. One that somebody changed after the batch is left as it is said.
    """
    steps: Steps = defaultdict(dict)
    for key, version in along.items():
        steps[key][version - 1] = version
    for refs in changed:
        found = {(table, number): version for table, number, version in refs.get("found", ())}
        follows = {("person", number) for number, _ in refs.get("followed", ())}
        for key, version in stamps(refs):
            now = along.get(key) if key in follows else version + 1
            if now == version + 1:
                steps[key][found.get(key, version - 1)] = now
    if steps:
        _restamp_others(batch, steps)


def _restamp_others(batch: Batch, steps: Steps) -> None:
    others = Batch.objects.exclude(pk=batch.pk).filter(status__in=[BatchStatus.APPLIED, BatchStatus.PAUSED])
    for chunk in Chunk.objects.filter(batch__in=others, applied=True).iterator(chunk_size=20):
        hits = [_moved(refs, steps) for _, refs in chunk.refs]
        if any(hits):
            chunk.save(update_fields=["refs"])
    for line in Line.objects.filter(batch__in=others, applied=True).exclude(refs={}).iterator(chunk_size=500):
        if _moved(line.refs, steps):
            line.save(update_fields=["refs"])


def _moved(refs: Refs, steps: Steps) -> bool:
    """Bring the versions in `refs` up to date, in place; what they followed on is kept."""
    known = {(table, number) for table, number, _ in refs.get("found", ())}
    hit = False
    for (table, number), version in list(stamps(refs)):
        now = steps.get((table, number), {}).get(version)
        if now is None:
            continue
        hit = True
        if (table, number) not in known:
            refs.setdefault("found", []).append([table, number, version - 1])
        if table == "organisation":
            refs["version"] = now
        elif number == refs.get("versions", {}).get(table, (None,))[0]:
            refs["versions"][table] = [number, now]
        else:
            refs["followed"] = [[person, now if person == number else old] for person, old in refs["followed"]]
    return hit
