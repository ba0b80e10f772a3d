"""What hangs on rows: every table that points at them, whichever room it belongs to."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models

from .matching import among

Ids = Mapping[type[models.Model], Iterable[int]]
PIECE = 5_000
SHOWN = 5


def pointing_at(model: type[models.Model], ids: Iterable[int], *, apart_from: Ids) -> list[tuple[type[models.Model], list[int]]]:
    """(table, ids of `model` it points at) for rows that are not among `apart_from`. Looks at hidden relations too."""
    found: list[tuple[type[models.Model], list[int]]] = []
    wanted = sorted(ids)
    for relation in model._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one)):
            continue
        table: Any = relation.related_model
        if table._meta.proxy or not table._meta.managed:
            continue
        hit = _hit(table, relation.field.name, relation.field.attname, wanted, set(apart_from.get(table, ())))  # type: ignore[union-attr]
        if hit:
            found.append((table, hit))
    return found


def _hit(table: Any, field: str, attname: str, wanted: list[int], own: set[int]) -> list[int]:
    hit: set[int] = set()
    for start in range(0, len(wanted), PIECE):
        rows = among(table._base_manager.all(), field, wanted[start : start + PIECE]).values_list("pk", attname)
        hit.update(target for pk, target in rows if pk not in own)
    return sorted(hit)


def listed(names: Iterable[str]) -> str:
    """A few names and how many more: 甲厂、乙厂 等 12 个."""
    names = list(names)
    text = "、".join(f"“{name}”" for name in names[:SHOWN])
    return f"{text} 等 {len(names)} 个" if len(names) > SHOWN else text
