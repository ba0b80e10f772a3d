"""Bulk acts on organisations: what the sheets write. One transaction a call; the audit entry is the batch's.

Sizes follow the 2017 rule (国统字〔2017〕213号); a size that changes leaves a PastSize row and a move a PastArea, so that past days stay right.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from tongxing.areas.ledger import touch
from tongxing.core.uids import ordered_uids
from tongxing.registry import search
from tongxing.registry.models import Organisation, PastEnd, PastSize
from tongxing.registry.models.fields import VaultColumn
from tongxing.registry.placing import Followed, follow_organisations
from tongxing.registry.whereabouts import forget_move, note_moves
from tongxing.sheets.sheet import Stale
from tongxing.sheets.writing import from_json, in_pieces, insert_many, lock, remove_many, reserve_ids, update_many

FIELDS = [field.attname for field in Organisation._meta.concrete_fields]
PLACE = {name: place for place, name in enumerate(FIELDS)}


@dataclass
class Change:
    """One organisation: its id, the version that was looked at, its present record, and the new values of fields that change.

    `contact_phone` in `after` is clear text; it is sealed when it is written.
    """

    id: int
    version: int
    area_id: int
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    past_until: str = ""
    moved_until: str = ""
    away_until: str = ""

    def old_values(self, today: date) -> dict[str, Any]:
        """What undo puts back: the old values, and the day of the past size this change leaves behind."""
        names = ["contact_phone_sealed" if name == "contact_phone" else name for name in self.after]
        old = {name: self.before[name] for name in names}
        if past := _past_size(self, today):
            old["past_until"] = past[3]
        if self.moves:
            old["moved_until"] = today - timedelta(days=1)
        if self.reopens(today):
            old["away_until"] = today - timedelta(days=1)
        return old

    @property
    def moves(self) -> bool:
        """Whether it leaves one township for another; out of the queue 未归属 it has been there all along."""
        return "area_id" in self.after and not self.before.get("unplaced")

    def reopens(self, today: date) -> bool:
        """Whether an end that lies in the past is lifted: the days between stay days without the organisation."""
        ended = self.before.get("ended_on")
        return "ended_on" in self.after and self.after["ended_on"] is None and ended is not None and ended < today

    @classmethod
    def back(cls, number: int, version: int, undo: dict[str, Any]) -> "Change":
        """The change that takes another one back, from its stored old values."""
        fields = dict(undo["fields"])
        days = [fields.pop(name, "") for name in ("past_until", "moved_until", "away_until")]
        after = from_json(Organisation, fields)
        return cls(number, version, undo["area_id"], {}, after, *days)


def sealed_phone(uid: object, plain: str) -> str:
    return VaultColumn.sealed_for(Organisation, "contact_phone_sealed", uid, plain)


@transaction.atomic
def register_many(rows: Sequence[Mapping[str, Any]], *, by: Any) -> list[int]:
    """Insert organisations given as field values (`contact_phone` in clear is sealed here); returns their ids in order."""
    ids = reserve_ids(Organisation, len(rows))
    now = timezone.now()
    blank = [
        None if name in {"id", "uid"} else item.get_default() for name, item in zip(FIELDS, Organisation._meta.concrete_fields, strict=True)
    ]
    blank[PLACE["created_at"]] = blank[PLACE["updated_at"]] = now

    sealed, phone, uid_place = VaultColumn.sealing(Organisation, "contact_phone_sealed"), PLACE["contact_phone_sealed"], PLACE["uid"]
    lines = []
    for number, uid, row in zip(ids, ordered_uids(len(ids)), rows, strict=True):
        line = list(blank)
        line[0], line[uid_place] = number, uid
        for name, value in row.items():
            if name == "contact_phone":
                line[phone] = sealed(uid, value)
            else:
                line[PLACE[name]] = value
        lines.append(line)
    insert_many(Organisation, FIELDS, lines)
    touch({row["area_id"] for row in rows})
    search.add_organisations((number, row["name_key"], row["area_id"]) for number, row in zip(ids, rows, strict=True))
    return ids


@transaction.atomic
def change_many(changes: Sequence[Change], *, by: Any, today: date) -> list[Followed]:
    """Write changes; raises Stale when a record moved on since it was looked at. Old and new areas are touched.

    Returns the people who followed their host: their records changed with it.
    """
    if not changes:
        return []
    held = lock(Organisation, (change.id for change in changes))
    if any(held.get(change.id) != change.version for change in changes):
        raise Stale
    past = [size for change in changes if (size := _past_size(change, today))]
    insert_many(PastSize, ("organisation_id", "size", "since", "until"), past)
    note_moves([(change.id, change.before["area_id"]) for change in changes if change.moves], since=today)
    away = [(change.id, change.before["ended_on"], today - timedelta(days=1)) for change in changes if change.reopens(today)]
    insert_many(PastEnd, ("organisation_id", "since", "until"), away)
    _write(changes, {change.id: change.version + 1 for change in changes})
    touch({change.area_id for change in changes} | {change.after.get("area_id") for change in changes})
    followed = follow_organisations(_hosts_that_moved(changes))
    search.index_organisations(_found_otherwise(changes))
    return followed


def _found_otherwise(changes: Iterable[Change]) -> list[int]:
    """The search index holds names and areas, nothing else."""
    return [change.id for change in changes if {"name", "area_id"} & change.after.keys()]


def _hosts_that_moved(changes: Iterable[Change]) -> list[int]:
    """Coordinators take over kind and area of their main host."""
    return [change.id for change in changes if {"area_id", "kind"} & change.after.keys()]


def _past_size(change: Change, today: date) -> tuple[int, str, date | None, date] | None:
    """The row for a size that ends yesterday; None when the size stays, or began only today."""
    if "size" not in change.after:
        return None
    since = change.before.get("size_since")
    if since is not None and since >= today:
        return None
    return change.id, change.before["size"], since, today - timedelta(days=1)


def _write(changes: Iterable[Change], versions: Mapping[int, int]) -> None:
    """One prepared statement per set of fields that change together."""
    now = timezone.now()
    groups: dict[tuple[str, ...], list[list[Any]]] = {}
    for change in changes:
        after = dict(change.after)
        if (plain := after.pop("contact_phone", None)) is not None:
            after["contact_phone_sealed"] = sealed_phone(change.before["uid"], plain)
        names = tuple(sorted(after))
        groups.setdefault(names, []).append([*(after[name] for name in names), versions[change.id], now, change.id])
    for names, rows in groups.items():
        update_many(Organisation, [*names, "version", "updated_at"], rows)


@transaction.atomic
def take_back(made: Sequence[int], changes: Sequence[Change], *, by: Any) -> list[Followed]:
    """Undo: remove what a batch registered, put back what it changed (`after` holds the old values) and drop the past sizes it wrote.

    Raises Stale when a record moved on after it was found free to go back. Returns the people who went back with their host.
    """
    held = lock(Organisation, (change.id for change in changes))
    if any(held.get(change.id) != change.version for change in changes):
        raise Stale
    gone = set(in_pieces(Organisation, made, "area_id"))
    remove_many(Organisation, made)
    search.remove_organisations(made)
    for change in changes:
        if change.past_until:
            PastSize.objects.filter(organisation_id=change.id, until=change.past_until).delete()
        if change.moved_until:
            forget_move(change.id, change.moved_until)
        if change.away_until:
            PastEnd.objects.filter(organisation_id=change.id, until=change.away_until).delete()
    _write(changes, {number: version + 1 for number, version in held.items()})
    touch({*gone, *(change.area_id for change in changes), *(change.after.get("area_id") for change in changes)})
    followed = follow_organisations(_hosts_that_moved(changes))
    search.index_organisations(_found_otherwise(changes))
    return followed
