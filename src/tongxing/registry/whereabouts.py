"""Where organisations belonged on a day (design §4.7: exact on any day): the present area, or a PastArea that holds on it."""

from datetime import date
from typing import Any

from django.db.models import BigIntegerField, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from .pasts import ALWAYS, AREAS

__all__ = ["ALWAYS", "forget_move", "held_on", "note_moves", "placed_on"]

held_on, note_moves, forget_move = AREAS.held_on, AREAS.note, AREAS.forget


def placed_on(rows: Any, day: date, inside: Any, prefix: str = "") -> Any:
    """`rows` with `area_on`, the area code that their organisation had on `day`, narrowed to areas for which `inside(field)` gives the condition.

    `prefix` leads from the rows to the organisation ("organisation__"). While nobody has moved since, it is the plain column with its index.
    """
    area, key = f"{prefix}area_id", f"{prefix}pk"
    held = held_on(day)
    if not held.exists():
        return rows.filter(inside(area)).annotate(area_on=F(area))
    here = inside(area) & ~Q(**{f"{key}__in": held.values("organisation_id")})
    there = Q(**{f"{key}__in": held.filter(inside("area_id")).values("organisation_id")})
    then = Subquery(held.filter(organisation=OuterRef(key)).values("area_id")[:1])
    return rows.filter(here | there).annotate(area_on=Coalesce(then, F(area), output_field=BigIntegerField()))
