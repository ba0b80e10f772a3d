"""Counting units by leaf area: one grouped query per measure, for a subtree or for the touched leaves only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone

from tongxing.registry.models import Organisation

from .covering import covered_ids, duty_codes, exists_q, units_of
from .definitions import minimum_of
from .listed import listed_units
from .models import Exemption, Target
from .reach import Reach


@dataclass
class Tally:
    """covered + exempt + vacant = total."""

    total: int = 0
    covered: int = 0
    certified: int = 0
    exempt: int = 0

    def add(self, other: "Tally", sign: int = 1) -> None:
        self.total += sign * other.total
        self.covered += sign * other.covered
        self.certified += sign * other.certified
        self.exempt += sign * other.exempt

    def __bool__(self) -> bool:
        return bool(self.total or self.covered or self.certified or self.exempt)

    @property
    def vacant(self) -> int:
        return self.total - self.covered - self.exempt


def count(target: Target, day: date, reach: Reach) -> dict[int, Tally]:
    """Tallies by area code; areas without a unit do not appear."""
    if target.is_organisations:
        return _count_organisations(target, day, reach)
    tallies: dict[int, Tally] = {}
    for unit in listed_units(target, day, reach):
        tally = tallies.setdefault(unit.area_code, Tally())
        tally.add(Tally(1, unit.covered, unit.certified, unit.exempt))
    return tallies


def _by_area(rows: QuerySet[Organisation]) -> dict[int, int]:
    return dict(rows.values_list("area_id").annotate(number=Count("pk")))


def _covered_by_area(
    target: Target, units: QuerySet[Organisation], totals: Mapping[int, int], day: date, reach: Reach, *, certified: bool
) -> dict[int, int]:
    minimum = minimum_of(target, day)
    ids = covered_ids(target, day, reach, minimum, certified)
    covered = _by_area(units.filter(id__in=ids)) if ids is not None else {}
    # A duty area covers every unit of the leaf, so the leaf's total stands for them without looking at each.
    for code in duty_codes(target, day, reach, minimum, certified):
        if code in totals:
            covered[code] = totals[code]
    return covered


def _count_organisations(target: Target, day: date, reach: Reach) -> dict[int, Tally]:
    units = units_of(target, day, reach, timezone.localdate())
    totals = _by_area(units)
    covered = _covered_by_area(target, units, totals, day, reach, certified=False)
    certified = _covered_by_area(target, units, totals, day, reach, certified=True)
    exempt = _exempt_by_area(target, units, day)
    return {code: Tally(total, covered.get(code, 0), certified.get(code, 0), exempt.get(code, 0)) for code, total in totals.items()}


def _exempt_by_area(target: Target, units: QuerySet[Organisation], day: date) -> dict[int, int]:
    """Exempt units without a coordinator; who is covered needs no exemption."""
    # The exemption's own area is that of the day it was asked for; the unit may have moved since, so `units` alone says where it stands.
    named: Any = Exemption.objects.in_force(day).filter(target_key=target.key, unit_kind="organisation").order_by()
    return _by_area(units.filter(id__in=named.values("unit_id")).exclude(exists_q(target, day, minimum_of(target, day))))
