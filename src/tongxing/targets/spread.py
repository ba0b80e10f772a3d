"""How the coordinators are made up and spread on any day (notice:1.2, 1.3, 3.4.1): host kind, level, area, sex, age, education, full-time.

Each table is one grouped query; each of its cells opens the names behind it (`names`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, CharField, Count, F, Min, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import Exact
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.areas.scope import span_of
from tongxing.certificates.models import Certificate, Level
from tongxing.registry.models import Coordinator, Posting
from tongxing.registry.models.coordinators import holds_on
from tongxing.registry.models.organisations import OrganisationKind
from tongxing.registry.models.people import Education, Sex
from tongxing.registry.pasts import EDUCATION, ENGAGEMENT

from .figures import children_of
from .reach import Reach

NOT_KNOWN = ""
AGE_BANDS = ((0, "不满 25 岁"), (25, "25–34 岁"), (35, "35–44 岁"), (45, "45–54 岁"), (55, "55 岁及以上"))


@dataclass(frozen=True)
class Dimension:
    key: str
    title: str
    labels: dict[str, str]

    def label(self, value: str) -> str:
        return self.labels.get(value, "未填写" if value == NOT_KNOWN else value)


DIMENSIONS: dict[str, Dimension] = {
    row.key: row
    for row in (
        Dimension("host", "单位类别", {str(value): str(label) for value, label in OrganisationKind.choices}),
        Dimension("level", "技能等级", {**{str(value): str(label) for value, label in Level.choices}, NOT_KNOWN: "未持证"}),
        Dimension("area", "镇街、园区", {}),
        Dimension("sex", "性别", {str(value): str(label) for value, label in Sex.choices}),
        Dimension("age", "年龄", {str(lower): label for lower, label in AGE_BANDS}),
        Dimension("education", "学历", {str(value): str(label) for value, label in Education.choices}),
        Dimension("full_time", "专兼职", {"1": "专职", "0": "兼职"}),
    )
}


@dataclass(frozen=True)
class Cell:
    """One group of coordinators: its value under the dimension, the words for it, how many."""

    value: str
    label: str
    number: int


@dataclass(frozen=True)
class Cross:
    """Two dimensions: `rows` holds for each row its label and the numbers under `columns`, then the row's sum."""

    columns: list[Cell]
    rows: list[tuple[Cell, list[int]]]

    @property
    def lines(self) -> list[tuple[Cell, list[tuple[Cell, int]]]]:
        """Each row with its numbers beside their columns, for pages that link every cell."""
        return [(row, list(zip(self.columns, numbers, strict=True))) for row, numbers in self.rows]


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


def _age(day: date) -> Any:
    """The lower bound of the age band, in whole years on the day."""
    older = [When(person__born_on__lte=_years_before(day, lower), then=Value(str(lower))) for lower, _ in AGE_BANDS[::-1] if lower]
    return Case(
        When(person__born_on=None, then=Value(NOT_KNOWN)),
        When(person__born_on__gt=day, then=Value(NOT_KNOWN)),
        *older,
        default=Value("0"),
        output_field=CharField(),
    )


def _host(day: date) -> Any:
    """The kind of the main organisation on the day; who holds no post counts by the last kind known."""
    posts = Posting.objects.filter(holds_on(day), coordinator_id=OuterRef("pk")).order_by("-is_primary", "-since", "-id")
    return Coalesce(Subquery(posts.values("organisation__kind")[:1]), F("host_kind"))


def _level(day: date) -> Any:
    held: Any = Certificate.objects.valid_on(day).filter(person_id=OuterRef("person_id")).order_by()
    best = held.values("person_id").annotate(best=Min("level")).values("best")
    return Coalesce(Cast(Subquery(best[:1]), CharField()), Value(NOT_KNOWN), output_field=CharField())


def _full_time(day: date) -> Any:
    return Case(
        When(Exact(ENGAGEMENT.on(day, "full_time", "pk"), Value(True)), then=Value("1")), default=Value("0"), output_field=CharField()
    )


def _expression(key: str, day: date) -> Any:
    made: dict[str, Callable[[], Any]] = {
        "host": lambda: _host(day),
        "level": lambda: _level(day),
        "area": lambda: Cast("area_id", CharField()),
        "sex": lambda: Cast("person__sex", CharField()),
        "age": lambda: _age(day),
        "education": lambda: EDUCATION.on(day, "person__education", "person_id"),
        "full_time": lambda: _full_time(day),
    }
    return made[key]()


def coordinators_on(area_code: int, on: date | None = None) -> QuerySet[Coordinator]:
    """Everybody in the register as an active coordinator of the area on the day."""
    day = on or timezone.localdate()
    return Coordinator.objects.active_on(day).filter(Reach.below(area_code).q("area_id")).order_by()


def _homes(area_code: int, day: date, codes: Iterable[str]) -> tuple[Dimension, dict[str, str]]:
    """Child areas, and the child that holds each code; codes of no child stay with the area itself."""
    children = children_of(area_code, day)
    labels = {str(area.code): area.short_name for area in children}
    itself = Area.objects.filter(code=area_code).values_list("short_name", flat=True).first()
    labels[str(area_code)] = f"{itself or '全部'}（本级）"
    spans = [(span_of(area.code), str(area.code)) for area in children]
    homes = {code: next((home for (low, high), home in spans if low <= int(code) <= high), str(area_code)) for code in codes}
    return Dimension("area", DIMENSIONS["area"].title, labels), homes


def _grouped(area_code: int, day: date, keys: list[str]) -> list[tuple[list[str], int]]:
    names = {f"by_{key}": _expression(key, day) for key in keys}
    rows = coordinators_on(area_code, day).annotate(**names).values_list(*names).annotate(number=Count("pk")).order_by()
    return [([str(value) if value is not None else NOT_KNOWN for value in row[:-1]], row[-1]) for row in rows]


def _dimension(key: str, area_code: int, day: date, values: set[str]) -> tuple[Dimension, dict[str, str]]:
    return _homes(area_code, day, values) if key == "area" else (DIMENSIONS[key], {})


def _cells(dimension: Dimension, numbers: dict[str, int]) -> list[Cell]:
    """In the order of the dimension's own list; what stands in no list comes last."""
    order = {value: place for place, value in enumerate(dimension.labels)}
    known = sorted((value for value in numbers if numbers[value]), key=lambda value: (order.get(value, len(order)), value))
    return [Cell(value, dimension.label(value), numbers[value]) for value in known]


def make_up(area_code: int, on: date | None = None, dimension: str = "host") -> list[Cell]:
    """How many active coordinators of the area stand in each group of one dimension."""
    day = on or timezone.localdate()
    rows = _grouped(area_code, day, [dimension])
    described, homes = _dimension(dimension, area_code, day, {values[0] for values, _ in rows})
    numbers: dict[str, int] = defaultdict(int)
    for (value,), number in rows:
        numbers[homes.get(value, value)] += number
    return _cells(described, numbers)


def cross(area_code: int, on: date | None, first: str, second: str) -> Cross:
    """A table of two dimensions; rows are the first."""
    day = on or timezone.localdate()
    found = _grouped(area_code, day, [first, second]) if first != second else [
        ([values[0], values[0]], number) for values, number in _grouped(area_code, day, [first])
    ]  # fmt: skip
    down, down_homes = _dimension(first, area_code, day, {values[0] for values, _ in found})
    over, over_homes = _dimension(second, area_code, day, {values[1] for values, _ in found})
    numbers: dict[tuple[str, str], int] = defaultdict(int)
    row_sums: dict[str, int] = defaultdict(int)
    column_sums: dict[str, int] = defaultdict(int)
    for (row, column), number in found:
        place = down_homes.get(row, row), over_homes.get(column, column)
        numbers[place] += number
        row_sums[place[0]] += number
        column_sums[place[1]] += number
    columns = _cells(over, column_sums)
    return Cross(columns, [(row, [numbers[row.value, column.value] for column in columns]) for row in _cells(down, row_sums)])


def names(area_code: int, on: date | None, chosen: dict[str, str]) -> QuerySet[Coordinator]:
    """The coordinators behind a cell: `chosen` gives the value of each dimension."""
    day = on or timezone.localdate()
    rows = coordinators_on(area_code, day)
    for key, value in chosen.items():
        if key == "area":
            rows = rows.filter(_in_child(area_code, day, value))
        else:
            rows = rows.annotate(**{f"by_{key}": _expression(key, day)}).filter(**{f"by_{key}": value})
    then = {f"{key}_on": _expression(key, day) for key in ("level", "host", "education", "full_time")}
    return rows.annotate(**then).select_related("person", "area").order_by("area_id", "id")


def _in_child(area_code: int, day: date, value: str) -> Any:
    if not value.isdecimal():
        return Reach.exactly([]).q("area_id")
    if int(value) != area_code:
        return Reach.below(int(value)).q("area_id")
    query = Reach.below(area_code).q("area_id")
    for child in children_of(area_code, day):
        query &= ~Reach.below(child.code).q("area_id")
    return query
