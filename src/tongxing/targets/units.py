"""Units with their state on any day: the list behind every figure (design §4.7)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, TextChoices, Value, When
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.registry.models import Organisation

from .covering import exists_q, units_of
from .definitions import minimum_of
from .evidence import Cover, Ref, covers_of, vacancies_of
from .listed import ListedUnit, listed_units
from .models import Exemption, Target
from .reach import Reach


class State(TextChoices):
    CERTIFIED = "certified", "有协调员且持证"
    COVERED = "covered", "有协调员未持证"
    EXEMPT = "exempt", "免设"
    VACANT = "vacant", "空缺"


# Not a state of its own: the units that somebody covers, certified or not; what 已覆盖 counts.
FILLED = "filled"
FILLED_STATES = (State.CERTIFIED, State.COVERED)
TONES = {State.CERTIFIED: "green", State.COVERED: "amber", State.EXEMPT: "grey", State.VACANT: "red"}


@dataclass
class Unit:
    """One unit on one day, with the names behind its state."""

    kind: str
    id: int
    name: str
    area_code: int
    state: str
    detail: str
    uid: str = ""
    area_name: str = ""
    covers: list[Cover] = field(default_factory=list)
    vacant_since: date | None = None
    ever_covered: bool = False
    exemption: Exemption | None = None
    pk: Any = None
    """What the row of a list is known by: the organisation's id, or the unit's own reference."""

    def __str__(self) -> str:
        return self.name

    @property
    def state_label(self) -> str:
        return str(State(self.state).label)

    @property
    def tone(self) -> str:
        return TONES[State(self.state)]

    @property
    def ref(self) -> str:
        """How an address names the unit."""
        return f"{self.kind}-{self.id}"

    @property
    def names(self) -> str:
        return "、".join(dict.fromkeys(cover.name for cover in self.covers))

    @property
    def vacancy(self) -> str:
        """Plain words for how long nobody has been there."""
        if self.state != State.VACANT:
            return ""
        if self.ever_covered and self.vacant_since:
            return f"自 {self.vacant_since} 起空缺"
        return f"自 {self.vacant_since} 起从未配备" if self.vacant_since else "从未配备"


def with_state(rows: QuerySet[Organisation], target: Target, day: date) -> QuerySet[Any]:
    """Organisations annotated with their `state` under the target."""
    minimum = minimum_of(target, day)
    exempt = Exemption.objects.in_force(day).filter(target_key=target.key, unit_kind="organisation", unit_id=OuterRef("pk"))
    return rows.annotate(
        state=Case(
            When(exists_q(target, day, minimum, certified=True), then=Value(State.CERTIFIED.value)),
            When(exists_q(target, day, minimum), then=Value(State.COVERED.value)),
            When(Exists(exempt.order_by()), then=Value(State.EXEMPT.value)),
            default=Value(State.VACANT.value),
            output_field=CharField(),
        )
    )


def unit_rows(target: Target, reach: Reach, day: date, *, state: str = "", text: str = "") -> Sequence[ListedUnit] | QuerySet[Any]:
    """All units of a target in reach, as something that can be counted and sliced; `state` is one of `State` or FILLED."""
    states = FILLED_STATES if state == FILLED else (state,)
    if target.is_organisations:
        rows = units_of(target, day, reach)
        if text:
            rows = rows.filter(Q(name__icontains=text) | Q(credit_code__iexact=text))
        stated: Any = with_state(rows, target, day)
        found: QuerySet[Any] = (stated.filter(state__in=states) if state else stated).order_by("area_on", "id")
        return found
    return [unit for unit in listed_units(target, day, reach) if (not state or unit.state in states) and (not text or text in unit.name)]


def _bare(target: Target, row: Any) -> Unit:
    if isinstance(row, ListedUnit):
        return Unit(row.kind, row.id, row.name, row.area_code, row.state, row.detail, pk=row.pk)
    return Unit("organisation", row.pk, row.name, row.area_on, row.state, row.get_size_display(), uid=str(row.uid), pk=row.pk)


def describe(target: Target, rows: Sequence[Any] | QuerySet[Any], day: date) -> list[Unit]:
    """Add names, vacancy and exemption to some rows of `unit_rows`: a fixed number of queries, however many rows."""
    units = [_bare(target, row) for row in rows]
    refs = [Ref(unit.kind, unit.id, unit.area_code) for unit in units]
    covers = covers_of(target, refs, day)
    vacant = [ref for unit, ref in zip(units, refs, strict=True) if unit.state == State.VACANT]
    vacancies = vacancies_of(target, vacant, day)
    exemptions = {
        (row.unit_kind, row.unit_id): row
        for row in Exemption.objects.in_force(day).filter(target_key=target.key, unit_id__in=[unit.id for unit in units])
    }
    names = dict(Area.objects.filter(code__in={unit.area_code for unit in units}).values_list("code", "short_name"))
    for unit, ref in zip(units, refs, strict=True):
        unit.area_name = names.get(unit.area_code, "")
        unit.covers = covers.get(ref, [])
        unit.exemption = exemptions.get((unit.kind, unit.id))
        if ref in vacancies:
            unit.vacant_since, unit.ever_covered = vacancies[ref]
    return units


def units(
    key: str, area_code: int, on: date | None = None, *, state: str = "", text: str = "", start: int = 0, stop: int | None = None
) -> list[Unit]:
    """The units of a target in an area on a day, in one state if asked, from `start` to `stop`."""
    target = Target.objects.get(key=key)
    day = on or timezone.localdate()
    rows = unit_rows(target, Reach.below(area_code), day, state=state, text=text)
    return describe(target, rows[start:stop], day)


def unit(target: Target, kind: str, number: int, on: date | None = None) -> Unit | None:
    """One unit on a day; None when the target does not count it on that day."""
    day = on or timezone.localdate()
    if target.is_organisations:
        rows: Any = with_state(units_of(target, day, Reach()).filter(pk=number), target, day)
        if kind != "organisation":
            return None
    else:
        rows = [row for row in listed_units(target, day, _reach_of(kind, number)) if (row.kind, row.id) == (kind, number)]
    found = describe(target, rows, day)
    return found[0] if found else None


def _reach_of(kind: str, number: int) -> Reach:
    if kind == "area":
        return Reach.exactly([number])
    if kind == "party":
        return Reach.exactly([number // 10])
    code = Organisation.objects.filter(pk=number).values_list("area_id", flat=True).first()
    return Reach.exactly([code] if code is not None else [])
