"""Counting units by leaf area, for a subtree or for the touched leaves only.

All targets that count organisations are read off one histogram: how many organisations there are by area, kind and size, and how many of
them have so many coordinators. It takes two grouped queries however many targets there are; with the index of the living the first
never looks at a row.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Case, Count, Exists, F, IntegerField, Subquery, Value, When
from django.db.models.lookups import IsNull

from tongxing.core.replica import connection_for
from tongxing.registry.models import Assignment, Organisation, Posting
from tongxing.registry.models.organisations import operates
from tongxing.registry.whereabouts import placed_on

from .covering import certificate_of, duty_holders, exists_q, holding, size_on, units_of
from .definitions import held_on, minimum_of
from .listed import listed_units
from .models import Exemption, Target, Way
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


Key = tuple[str, int]


def count(target: Target, day: date, reach: Reach) -> dict[int, Tally]:
    """Tallies by area code; areas without a unit do not appear."""
    return {code: tally for (_, code), tally in count_many([target], day, reach).items()}


def count_many(targets: Iterable[Target], day: date, reach: Reach) -> dict[Key, Tally]:
    """Tallies by target key and area code; areas without a unit do not appear."""
    tallies: dict[Key, Tally] = {}
    of_organisations, held = [], held_on(day)
    for target in targets:
        if target.is_organisations:
            of_organisations.append(target)
            continue
        for unit in listed_units(target, day, reach, held):
            tally = tallies.get(key := (target.key, unit.area_code))
            if tally is None:
                tally = tallies[key] = Tally()
            tally.total += 1
            tally.covered += unit.covered
            tally.certified += unit.certified
            tally.exempt += unit.exempt
    if of_organisations:
        histogram = Histogram.read(day, reach)
        for target in of_organisations:
            counted = _count_organisations(target, day, reach, histogram, minimum_of(target, day, held))
            tallies |= {(target.key, code): tally for code, tally in counted.items()}
    return tallies


class Cell(NamedTuple):
    """Organisations that are alike in what a target asks of them."""

    area_code: int
    kind: str
    size: str


class Holders(NamedTuple):
    """How many coordinators an organisation has by each way, and how many of those are certified."""

    posted: int
    posted_certified: int
    assigned: int
    assigned_certified: int

    def cover(self, ways: Sequence[str], minimum: int) -> bool:
        return (self.posted >= minimum and Way.POSTING in ways) or (self.assigned >= minimum and Way.ASSIGNMENT in ways)

    def certify(self, ways: Sequence[str], minimum: int) -> bool:
        return (self.posted_certified >= minimum and Way.POSTING in ways) or (self.assigned_certified >= minimum and Way.ASSIGNMENT in ways)


@dataclass
class Histogram:
    """What stands in an area on a day, whichever target asks. `duty` gives the coordinators (all, certified) of a duty area."""

    totals: list[tuple[Cell, int]] = field(default_factory=list)
    held: list[tuple[Cell, Holders, int]] = field(default_factory=list)
    duty: Mapping[int, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def read(cls, day: date, reach: Reach) -> "Histogram":
        return cls(_totals(day, reach), _held(day, reach), duty_holders(day, reach))


def _totals(day: date, reach: Reach) -> list[tuple[Cell, int]]:
    rows: Any = placed_on(Organisation.objects.operating_on(day).order_by(), day, reach.q)
    sized = rows.annotate(size_then=size_on(day)).values_list("area_on", "kind", "size_then").annotate(number=Count("pk"))
    return [(Cell(*cell), number) for *cell, number in sized]


def _held(day: date, reach: Reach) -> list[tuple[Cell, Holders, int]]:
    """Organisations that have a coordinator, by cell and number of coordinators."""
    parts = [_held_by(Posting, day, reach, (1, 0)), _held_by(Assignment, day, reach, (0, 1))]
    compiled = [part.query.sql_with_params() for part in parts]
    statement = f"""
        SELECT unit_area, unit_kind, unit_size, posted, posted_certified, assigned, assigned_certified, COUNT(*) FROM (
            SELECT unit, unit_area, unit_kind, unit_size, SUM(by_posting) AS posted, SUM(by_posting * certified) AS posted_certified,
                   SUM(by_assignment) AS assigned, SUM(by_assignment * certified) AS assigned_certified
            FROM ({compiled[0][0]} UNION ALL {compiled[1][0]}) AS holders
            GROUP BY unit, unit_area, unit_kind, unit_size
        ) AS units
        GROUP BY unit_area, unit_kind, unit_size, posted, posted_certified, assigned, assigned_certified"""  # noqa: S608 - compiled querysets
    with connection_for(Organisation).cursor() as cursor:
        cursor.execute(statement, [value for _, values in compiled for value in values])
        rows = cursor.fetchall()
    return [(Cell(*row[:3]), Holders(*row[3:7]), row[7]) for row in rows]


def _held_by(model: type[Any], day: date, reach: Reach, way: tuple[int, int]) -> Any:
    """One row for each organisation and coordinator that holds it by `model`; a coordinator with two posts there counts once."""
    rows = placed_on(holding(model, day).filter(operates(day, "organisation__")), day, reach.q, "organisation__")
    certified = Case(When(_has_certificate(day, reach), then=1), default=0, output_field=IntegerField())
    whole = IntegerField()
    return rows.values(
        unit=F("organisation_id"), holder=F("coordinator_id"), unit_area=F("area_on"), unit_kind=F("organisation__kind"),
        unit_size=size_on(day, "organisation__"), certified=certified, by_posting=Value(way[0], whole), by_assignment=Value(way[1], whole),
    ).distinct()  # fmt: skip


def _has_certificate(day: date, reach: Reach) -> Any:
    """Of a few leaves each holder is looked up: for an EXISTS, PostgreSQL would rather make a table of all certificates of the country (0.1 s
    of a million enterprises). Of everything that table is what one wants."""
    certificates = certificate_of(day, "coordinator__person_id")
    return Exists(certificates) if reach.codes is None else IsNull(Subquery(certificates.values("pk")[:1]), False)


def _count_organisations(target: Target, day: date, reach: Reach, histogram: Histogram, minimum: int) -> dict[int, Tally]:
    ways = target.way_list
    kinds, sizes = frozenset(target.kind_list), frozenset(target.size_list)

    def asked(cell: Cell) -> bool:
        return cell.kind in kinds and (not sizes or cell.size in sizes)

    tallies: defaultdict[int, Tally] = defaultdict(Tally)
    for cell, number in histogram.totals:
        if asked(cell):
            tallies[cell.area_code].total += number
    for cell, holders, number in histogram.held:
        if asked(cell):
            tally = tallies[cell.area_code]
            tally.covered += number if holders.cover(ways, minimum) else 0
            tally.certified += number if holders.certify(ways, minimum) else 0
    if Way.DUTY_AREA in ways:
        # A duty area covers every unit of the leaf, so the leaf's total stands for them without looking at each.
        for code in histogram.duty.keys() & tallies.keys():
            people, certified = histogram.duty[code]
            tally = tallies[code]
            tally.covered = tally.total if people >= minimum else tally.covered
            tally.certified = tally.total if certified >= minimum else tally.certified
    for code, number in _exempt_by_area(target, day, reach, minimum).items():
        tallies[code].exempt = number
    return dict(tallies)


def _exempt_by_area(target: Target, day: date, reach: Reach, minimum: int) -> dict[int, int]:
    """Exempt units without a coordinator; who is covered needs no exemption."""
    # The exemption's own area is that of the day it was asked for; the unit may have moved since, so `units_of` alone says where it stands.
    named: Any = Exemption.objects.in_force(day).filter(target_key=target.key, unit_kind="organisation").order_by()
    if not named.exists():
        return {}
    units = units_of(target, day, reach).filter(id__in=named.values("unit_id"))
    rows: Any = units.exclude(exists_q(target, day, minimum))
    return dict(rows.values_list("area_on").annotate(number=Count("pk")))
