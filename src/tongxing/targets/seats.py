"""The seat plan: given N training seats, whom to train first so that most gaps close (notice:2.1-2.4, 3.1.1).

A township or park comes first where its one coordinator would also cover its vacant small enterprises; then vacant large
enterprises, parties, medium ones; then those who stand but hold no certificate. Within a rank the seats go round the townships.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from .figures import by_child
from .models import Shape, Target, Way
from .reach import Reach
from .units import State, Unit, describe, unit_rows

MOST_SEATS = 500
RANK_REASONS = {
    0: "镇街、园区还没有协调员",
    1: "大型企业空缺",
    2: "三方单位空缺",
    3: "中型企业空缺",
    4: "其他单位空缺",
    5: "已有协调员但未持证，培训取证即可达标",
}


@dataclass(frozen=True)
class Seat:
    """One line of the plan: whom the seat is for, how many gaps it closes, and why it stands here."""

    number: int
    target_key: str
    target_title: str
    clause: str
    unit: Unit
    closes: int
    reason: str
    person: str


@dataclass
class _Candidate:
    rank: int
    closes: int
    target: Target
    unit: Unit


def seat_plan(area_code: int, seats: int, on: date | None = None) -> list[Seat]:
    """At most `seats` lines, the most useful first."""
    day = on or timezone.localdate()
    seats = max(0, min(seats, MOST_SEATS))
    waiting = sorted(_candidates(area_code, day, seats), key=lambda item: (item.rank, -item.closes, item.unit.area_code, item.unit.id))
    given: Counter[int] = Counter()
    chosen: list[Seat] = []
    for item in _round_the_townships(waiting):
        if len(chosen) == seats:
            break
        chosen.append(_seat(item, len(chosen) + 1, given))
        given[item.unit.area_code] += 1
    return chosen


def _round_the_townships(waiting: list[_Candidate]) -> list[_Candidate]:
    """Within a rank: the first of each township, then the second of each, and so on; greater use goes first."""
    turns: Counter[tuple[int, int]] = Counter()
    placed = []
    for item in waiting:
        turn = turns[item.rank, item.unit.area_code]
        turns[item.rank, item.unit.area_code] += 1
        placed.append((item.rank, turn, -item.closes, item.unit.area_code, item.unit.id, item))
    return [entry[-1] for entry in sorted(placed, key=lambda entry: entry[:-1])]


def _seat(item: _Candidate, number: int, given: Counter[int]) -> Seat:
    reason = RANK_REASONS[item.rank]
    if item.closes > 1:
        reason += f"；培训一人并定为责任片区，同时覆盖 {item.closes - 1} 家小微企业"
    if item.rank and item.rank < 5 and not given[item.unit.area_code]:
        reason += f"；{item.unit.area_name}在本批还没有席位"
    return Seat(
        number=number,
        target_key=item.target.key,
        target_title=item.target.title,
        clause=item.target.clause,
        unit=item.unit,
        closes=item.closes,
        reason=reason,
        person=item.unit.names or "由单位推荐",
    )


def _candidates(area_code: int, day: date, seats: int) -> list[_Candidate]:
    """Vacant and uncertified units of every target; never more of one kind than there are seats."""
    found: list[_Candidate] = []
    small = _vacant_small(area_code, day)
    for target in Target.objects.active_on(day).coverage().exclude(shape=Shape.SMALL_SHARE):
        for state in (State.VACANT, State.COVERED):
            sizes = target.size_list if target.is_organisations and target.size_list else [""]
            for size in sizes:
                for unit in _units(target, area_code, day, state=state, size=size, most=seats):
                    rank = _rank(target, state, size)
                    closes = 1 + small.get(unit.area_code, 0) if rank == 0 else 1
                    found.append(_Candidate(rank, closes, target, unit))
    return found


def _rank(target: Target, state: str, size: str) -> int:
    if state == State.COVERED:
        return 5
    if target.shape == Shape.AREAS:
        return 0
    if target.shape == Shape.TRIPARTITE:
        return 2
    return {"large": 1, "medium": 3}.get(size, 4)


def _units(target: Target, area_code: int, day: date, *, state: str, size: str, most: int) -> list[Unit]:
    rows = unit_rows(target, Reach.below(area_code), day, state=state)
    if not target.is_organisations:
        return describe(target, rows[:], day)
    if size and not isinstance(rows, list):
        rows = rows.filter(size=size).order_by("-employees", "id")  # type: ignore[union-attr]
    return describe(target, rows[: max(most * 2, 50)], day)


def _vacant_small(area_code: int, day: date) -> dict[int, int]:
    """Vacant small enterprises by area that a duty area would cover, for every target that counts duty areas."""
    found: Counter[int] = Counter()
    for target in Target.objects.active_on(day).filter(shape=Shape.SMALL_SHARE):
        if Way.DUTY_AREA in target.way_list:
            for area, row in by_child(area_code, target.key, day):
                found[area.code] += row.vacant
    return dict(found)
