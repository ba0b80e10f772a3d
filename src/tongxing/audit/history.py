"""What happened to one object: its entries, and field by field who changed what."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import models

from .models import Entry
from .names import field_name, shown

LIMIT = 500


class Change(NamedTuple):
    """One field of one entry."""

    entry: Entry
    at: datetime
    actor: str
    on_behalf_of: str
    field: str
    label: str
    before: str
    after: str
    reason: str


class Line(NamedTuple):
    """One row of the before-and-after table."""

    label: str
    before: str
    after: str
    changed: bool


def of(obj: models.Model, *, limit: int = LIMIT) -> list[Entry]:
    """Entries about `obj`, newest first. Whoever may see the object may see its history; the caller checked that."""
    return list(Entry.objects.filter(object_type=obj._meta.label_lower, object_id=str(obj.pk))[:limit])


def changes(obj: models.Model, labels: Mapping[str, str] | None = None, *, limit: int = LIMIT) -> list[Change]:
    """Field history, newest first; `labels` gives Chinese names where the model's own do not fit."""
    return [change for entry in of(obj, limit=limit) for change in _of_entry(entry, labels or {})]


def lines(entry: Entry, labels: Mapping[str, str] | None = None) -> list[Line]:
    """Before and after of one entry side by side."""
    return [
        Line((labels or {}).get(key) or field_name(entry.object_type, key), shown(before), shown(after), before != after)
        for key, before, after in _pairs(entry)
    ]


def _pairs(entry: Entry) -> Iterator[tuple[str, Any, Any]]:
    before, after = entry.before or {}, entry.after or {}
    for key in dict.fromkeys([*before, *after]):
        yield key, before.get(key), after.get(key)


def _of_entry(entry: Entry, labels: Mapping[str, str]) -> Iterator[Change]:
    for key, before, after in _pairs(entry):
        if before != after:
            label = labels.get(key) or field_name(entry.object_type, key)
            yield Change(entry, entry.at, entry.actor_name, entry.on_behalf_of, key, label, shown(before), shown(after), entry.reason)
