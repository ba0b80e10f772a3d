"""Reading provisions (政策参数): what a rule asks for the numbers it works with (design §4.4).

Shipped versions come from `<room>/provisions.toml`; a bureau's later versions are rows. On a day the version with the latest start holds;
where both start on the same day the bureau's holds.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.utils import timezone

from .models import BureauProvision


@dataclass(frozen=True)
class Provision:
    """One version of one provision."""

    key: str
    value: Any
    title: str
    unit: str
    valid_from: date
    clause: str
    source: str
    confirmed: bool
    note: str
    shipped: bool
    room: str
    row_id: int | None = None


@cache
def shipped() -> dict[str, tuple[Provision, ...]]:
    """Every shipped version by key, newest first. A file that lacks a field stops the start: policy without a source is worth nothing."""
    found: dict[str, list[Provision]] = {}
    for app in apps.get_app_configs():
        file = Path(app.path) / "provisions.toml"
        if app.name.startswith("tongxing.") and file.exists():
            for entry in tomllib.loads(file.read_text())["provision"]:
                provision = Provision(
                    key=entry["key"],
                    value=entry["value"],
                    title=entry["title"],
                    unit=entry.get("unit", ""),
                    valid_from=entry["valid_from"],
                    clause=entry.get("clause", ""),
                    source=entry["source"],
                    confirmed=entry["confirmed"],
                    note=entry.get("note", ""),
                    shipped=True,
                    room=app.label,
                )
                found.setdefault(provision.key, []).append(provision)
    return {key: tuple(sorted(versions, key=lambda p: p.valid_from, reverse=True)) for key, versions in found.items()}


def _from_row(row: BureauProvision) -> Provision:
    twin = shipped()[row.key][0]
    return Provision(
        key=row.key,
        value=row.value,
        title=twin.title,
        unit=twin.unit,
        valid_from=row.valid_from,
        clause=row.clause or twin.clause,
        source=row.source,
        confirmed=True,
        note=row.note,
        shipped=False,
        room=twin.room,
        row_id=row.pk,
    )


def versions(key: str) -> list[Provision]:
    """All standing versions of a key, the one that starts last first; KeyError when no room ships it."""
    rows = [_from_row(row) for row in BureauProvision.objects.standing().filter(key=key)] if key in shipped() else []
    return sorted([*rows, *shipped()[key]], key=lambda p: (p.valid_from, not p.shipped), reverse=True)


def provision(key: str, on: date | None = None) -> Provision:
    """The version that holds on a day (today by default). KeyError when no room ships the key, LookupError when none holds yet."""
    day = on or timezone.localdate()
    for version in versions(key):
        if version.valid_from <= day:
            return version
    raise LookupError(f"{key} 在 {day} 还没有规定")


def value(key: str, on: date | None = None) -> Any:
    """The value that holds on a day; see `provision`."""
    return provision(key, on).value


def in_force(on: date | None = None) -> list[Provision]:
    """For the list page: the version of each key that holds on a day, by room and key; one query."""
    day = on or timezone.localdate()
    rows = [_from_row(row) for row in BureauProvision.objects.standing().filter(valid_from__lte=day) if row.key in shipped()]
    newest: dict[str, Provision] = {}
    for version in [*(p for known in shipped().values() for p in known if p.valid_from <= day), *rows]:
        held = newest.get(version.key)
        if held is None or (version.valid_from, not version.shipped) > (held.valid_from, not held.shipped):
            newest[version.key] = version
    return sorted(newest.values(), key=lambda p: (p.room, p.key))
