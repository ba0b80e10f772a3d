"""Bulk act on certificates: what the sheets register and correct, in one transaction a call."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from tongxing.areas.ledger import touch
from tongxing.core.uids import ordered_uids
from tongxing.sheets.sheet import Stale
from tongxing.sheets.writing import insert_dicts, lock, update_dicts

from .models import Certificate

Fields = dict[str, Any]


@dataclass
class Entry:
    """One certificate of a row: new when `id` is None, else corrected from `before` to `after`."""

    after: Fields
    id: int | None = None
    version: int = 1
    before: Fields = field(default_factory=dict)
    areas: set[int | None] = field(default_factory=set)


@transaction.atomic
def register_many(entries: Sequence[Entry], *, by: Any) -> None:
    """Insert new certificates and correct known ones; fills `id` and `version`. Raises Stale when one moved on since it was looked at."""
    new = [entry for entry in entries if entry.id is None]
    rows = [{"uid": uid, **entry.after} for entry, uid in zip(new, ordered_uids(len(new)), strict=True)]
    for entry, number in zip(new, insert_dicts(Certificate, rows), strict=True):
        entry.id = number
    _correct([entry for entry in entries if entry.before and entry.after])
    touch({area for entry in entries for area in entry.areas})


def _correct(entries: Iterable[Entry]) -> None:
    listed, now = list(entries), timezone.now()
    held = lock(Certificate, (entry.id for entry in listed if entry.id is not None))
    if any(held.get(entry.id or 0) != entry.version for entry in listed):
        raise Stale
    for entry in listed:
        entry.version += 1
    update_dicts(Certificate, [(entry.id or 0, {**entry.after, "version": entry.version, "updated_at": now}) for entry in listed])
