"""Taking back what sheets of people made and changed: removed in the order of dependence, old values put back, leaves touched."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from tongxing.areas.ledger import touch
from tongxing.audit.names import table_name
from tongxing.registry import search
from tongxing.registry.models import Coordinator, Posting
from tongxing.sheets.dependants import listed
from tongxing.sheets.matching import among
from tongxing.sheets.sheet import Stale
from tongxing.sheets.writing import from_json, in_pieces, lock, remove_many, update_dicts

from .dependence import what_hangs_on
from .enrolment import PASTS

Fields = dict[str, Any]
LABELS = {"person": "人员", "coordinator": "协调员", "certificate": "证书"}
NAMES = {"person": "name", "coordinator": "person__name", "certificate": "number"}
HELD = ("posting", "duty", "assignment")


def what_stands_against(refs: Sequence[Fields], tables: Mapping[str, Any]) -> list[str]:
    """Why rows cannot be taken back: later versions, and rows of others that point at what the batch made."""
    made: dict[str, list[int]] = defaultdict(list)
    versions: dict[str, dict[int, int]] = defaultdict(dict)
    for ref in refs:
        for what, number in ref["made"].items():
            made[what].append(number)
        for what, (number, version) in ref["versions"].items():
            versions[what][number] = version
    own = {tables[what]: numbers for what, numbers in made.items()}
    found = []
    for what, label in LABELS.items():
        if what in tables:
            fresh = set(made[what])
            pairs = versions[what].items()
            mine, theirs = [p for p in pairs if p[0] in fresh], [p for p in pairs if p[0] not in fresh]
            found += what_hangs_on(tables[what], mine, theirs, label, own=own, name=NAMES[what])
    return found + _ended(made, tables) + _changed_again(refs)


def _ended(made: Mapping[str, list[int]], tables: Mapping[str, Any]) -> list[str]:
    """Postings, duty areas and assignments of the batch that were ended since."""
    found = []
    for what in HELD:
        if what in tables and made.get(what):
            rows = list(in_pieces(tables[what], made[what], "coordinator__person__name", "until"))
            if names := [name for name, until in rows if until is not None]:
                found.append(f"{listed(names)}的{table_name(tables[what])}后来已结束")
            if len(rows) < len(made[what]):
                found.append(f"有 {len(made[what]) - len(rows)} 条{table_name(tables[what])}已不存在")
    return found


def _changed_again(refs: Iterable[Fields]) -> list[str]:
    """Postings that the batch ended or renamed and somebody changed since: they have no version, so their values are compared."""
    wrote = {number: from_json(Posting, after) for ref in refs if "ended" in ref for number, after in [ref["ended"]]}
    postings = among(Posting.objects.all(), "id", wrote).select_related("coordinator__person")
    moved = [
        posting.coordinator.person.name
        for posting in postings
        if any(getattr(posting, name) != value for name, value in wrote[posting.pk].items())
    ]
    return [f"{listed(moved)}的{table_name(Posting)}在导入之后又被修改"] if moved else []


@transaction.atomic
def take_back_people(refs: Sequence[Fields], undos: Iterable[Fields], tables: Mapping[str, Any], *, by: Any) -> None:
    """Remove what the rows made and restore what they changed; `tables` in the order of removal.

    Raises Stale when a record moved on after it was found free to go back.
    """
    _insist_on_versions(refs, tables)
    made: dict[str, list[int]] = defaultdict(list)
    for ref in refs:
        for what, number in ref["made"].items():
            made[what].append(number)
    old: dict[str, dict[int, Fields]] = defaultdict(dict)
    areas: set[int | None] = set()
    for undo in undos:
        areas |= set(undo["areas"])
        for what, number, until in undo.get("past", ()):
            PASTS[what][0].forget(number, until)
        for what, number, fields in undo["restored"]:
            old[what].setdefault(number, fields)
    areas |= set(in_pieces(Coordinator, made["coordinator"], "area_id"))
    for what, model in tables.items():
        if what in {"posting", "assignment"}:
            areas |= set(in_pieces(model, made[what], "organisation__area_id"))
        if what == "duty":
            areas |= set(in_pieces(model, made[what], "area_id"))
        remove_many(model, made[what])
        _restore(model, old[what])
    touch(areas)
    search.index_people({*made["person"], *old["person"]})


def _insist_on_versions(refs: Iterable[Fields], tables: Mapping[str, Any]) -> None:
    """Lock every versioned record of the rows, people first as everywhere, and compare."""
    versions: dict[str, dict[int, int]] = defaultdict(dict)
    for ref in refs:
        for what, (number, version) in ref["versions"].items():
            versions[what][number] = version
    for what in LABELS:
        if what in tables and lock(tables[what], versions[what]) != versions[what]:
            raise Stale


def _restore(model: Any, rows: Mapping[int, Fields]) -> None:
    now = timezone.now()
    if not hasattr(model, "version"):
        update_dicts(model, [(number, from_json(model, fields)) for number, fields in rows.items()])
        return
    held = lock(model, rows)
    stamped = [(number, {**from_json(model, fields), "version": held[number] + 1, "updated_at": now}) for number, fields in rows.items()]
    update_dicts(model, stamped)
