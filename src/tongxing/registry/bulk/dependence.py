"""Whether rows that a batch wrote can be taken back: nobody touched them since, and nothing points at them."""

from collections.abc import Sequence
from typing import Any

from django.db import models

from tongxing.accounts.models import Grant, User
from tongxing.audit.names import table_name
from tongxing.registry.models import Organisation, Person
from tongxing.sheets.dependants import Ids, listed, pointing_at
from tongxing.sheets.writing import in_pieces, lock

Versions = Sequence[tuple[int, int]]


def what_hangs_on(model: Any, made: Versions, changed: Versions, what: str, *, own: Ids | None = None, name: str = "name") -> list[str]:
    """Chinese sentences: records that moved on, are gone, or that other tables point at. `own` are rows the batch made itself.

    The records stay locked until the caller's transaction ends: what was found free to go back cannot move on in the meantime.
    """
    found = []
    wanted = dict([*made, *changed])
    lock(model, wanted)
    present = {pk: (version, label) for pk, version, label in in_pieces(model, wanted, "pk", "version", name)}
    moved = [label for pk, (version, label) in present.items() if version != wanted[pk]]
    if moved:
        found.append(f"{what}{listed(moved)}在导入之后又被修改")
    if gone := len(wanted) - len(present):
        found.append(f"有 {gone} 条{what}记录已不存在")
    made_ids = [pk for pk, _ in made if pk in present]
    for table, ids in pointing_at(model, made_ids, apart_from=own or {}):
        found.append(f"{what}{listed(present[pk][1] for pk in ids)}已有{table_name(table)}")
    return found + _loose(model, made_ids, present)


def _loose(model: type[models.Model], ids: Sequence[int], present: dict[int, tuple[int, str]]) -> list[str]:
    """References by number that no foreign key shows: accounts below know no organisation and no person."""
    wanted = set(ids)
    if model is Organisation:
        held = {pk for pk in Grant.objects.values_list("organisation_id", flat=True) if pk is not None} & wanted
        return [f"单位{listed(present[pk][1] for pk in sorted(held))}已有授权账号"] if held else []
    if model is Person:
        held = {pk for pk in User.objects.values_list("person_id", flat=True) if pk is not None} & wanted
        return [f"人员{listed(present[pk][1] for pk in sorted(held))}已有登录账号"] if held else []
    return []
