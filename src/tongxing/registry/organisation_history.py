"""Who changed what on an organisation, in Chinese: the log's entries about it, and its lines in entries about many."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from tongxing.areas.models import Area
from tongxing.audit.models import Entry
from tongxing.audit.names import act_name
from tongxing.sheets.models import Fate, Line

from .models.organisations import Organisation
from .organisation_facts import LABELS, spoken

REGISTERED = "registry.register_organisation"
TYPE = Organisation._meta.label_lower
LIMIT = 200
SHEETS = ("enterprises", "organisations")


class Change(NamedTuple):
    label: str
    before: str
    after: str


class Step(NamedTuple):
    """One entry of the log as the page shows it."""

    at: datetime
    actor: str
    act: str
    reason: str
    changes: list[Change]
    first: bool
    """Whether nothing was there before: a registration lists values, not changes."""


def history_of(organisation: Organisation, *, most: int = LIMIT) -> list[Step]:
    """Newest first, with what happened to records merged into this one. Whoever may see it may see its history; the caller checked that."""
    keys = [str(pk) for pk in _records_of(organisation)]
    mine = Q(object_type=TYPE, object_id__in=keys)
    placed = Q(object_type=TYPE, object_id="many", act="registry.place_organisations", before__has_any_keys=keys)
    entries = list(Entry.objects.filter(mine)[:most]) + list(Entry.objects.filter(placed)[:most])
    entries.sort(key=lambda entry: entry.pk, reverse=True)
    pairs = {entry.pk: _pair(entry, keys) for entry in entries[:most]}
    codes = {int(str(values["area_id"])) for pair in pairs.values() for values in pair if values.get("area_id")}
    areas = dict(Area.objects.filter(code__in=codes).values_list("code", "short_name"))
    return [
        Step(
            entry.at,
            entry.actor_name,
            act_name(entry.act),
            entry.reason,
            _changes(*pairs[entry.pk], areas),
            entry.before is None,
        )
        for entry in entries[:most]
    ]


def whole_history_of(organisation: Organisation) -> list[Step]:
    """With the lines of rosters that changed it: their before and after stand with the batch. For the page of its own, not for lists."""
    lines = Line.objects.filter(fate=Fate.CHANGED, applied=True, batch__sheet__in=SHEETS, about__in=_records_of(organisation))
    steps = history_of(organisation) + [_roster_step(line) for line in lines.select_related("batch").order_by("-id")[:LIMIT]]
    steps.sort(key=lambda step: step.at, reverse=True)
    if not any(step.act == act_name(REGISTERED) for step in steps):
        steps.append(Step(organisation.created_at, "", "由名册导入登记", "", [], first=True))
    return steps


def _roster_step(line: Line) -> Step:
    changes = [Change(item["heading"], item["before"] or "空", item["after"] or "空") for item in line.diff]
    batch = line.batch
    return Step(
        batch.finished_at or batch.created_at, batch.by_name, "导入名册", f"{batch.file_name} 第 {line.row} 行", changes, first=False
    )


def _records_of(organisation: Organisation) -> list[int]:
    """The record and those that were merged into it."""
    return [organisation.pk, *Organisation.objects.filter(merged_into=organisation).order_by("pk").values_list("pk", flat=True)]


def _pair(entry: Entry, keys: list[str]) -> tuple[dict[str, object], dict[str, object]]:
    before, after = entry.before or {}, entry.after or {}
    if entry.act == "registry.place_organisations":
        return {"area_id": next((before[key] for key in keys if key in before), None)}, after
    if entry.act == "registry.merge_organisations":
        return {"merged_name": ""}, {"merged_name": (before.get("drop") or {}).get("name", "")}
    return before, after


def _changes(before: dict[str, object], after: dict[str, object], areas: dict[int, str]) -> list[Change]:
    fields = [field for field in dict.fromkeys([*before, *after]) if field in LABELS and before.get(field) != after.get(field)]
    return [Change(LABELS[field], spoken(field, before.get(field), areas), spoken(field, after.get(field), areas)) for field in fields]
