"""The seat plan: given N training seats, which units to train first so that most gaps close (notice:2.1-2.4, 3.1.1).

A seat is one person to be trained for one unit. The plan is exact, not a rule of thumb: no other choice for the same number of seats
closes more gaps (`best_choice`). Among choices that close as many, townships and parks come before large enterprises, parties, medium
ones and the rest, and within a rank the seats go round the townships. Seats that close no gap any more go to units whose coordinator
holds no certificate.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone

from .definitions import minimum_of
from .figures import by_leaf
from .models import Shape, Target, Way
from .reach import Reach
from .units import State, Unit, describe, unit_rows

MOST_SEATS = 500
UNCERTIFIED = 6
RANK_REASONS = {
    0: "镇街、园区还没有协调员",
    1: "大型企业空缺",
    2: "三方单位空缺",
    3: "中型企业空缺",
    4: "其他单位空缺",
    5: "镇街、园区有协调员但没有划责任片区；现有协调员愿意包片的，不占名额",
    UNCERTIFIED: "已有协调员但未持证，培训取证即可达标",
}


@dataclass(frozen=True)
class Seat:
    """One line of the plan: for whom, how many seats it takes, how many gaps it closes (none: a certificate only), and why it stands here."""

    number: int
    seats: int
    target_key: str
    target_title: str
    clause: str
    unit: Unit
    closes: int
    reason: str
    person: str


@dataclass
class _Candidate:
    unit: Unit
    rank: int
    seats: int
    targets: list[Target]
    small: int = 0
    turn: int = field(default=0, compare=False)

    @property
    def closes(self) -> int:
        """Gaps closed: one for each target that finds the unit vacant, and the small enterprises of the duty area."""
        if self.rank == UNCERTIFIED:
            return 0
        return self.small + (0 if self.rank == 5 else len(self.targets))

    @property
    def order(self) -> tuple[float, int, int, int, int]:
        return (-self.closes / self.seats, self.rank, self.turn, self.unit.area_code, self.unit.id)


def seat_plan(area_code: int, seats: int, on: date | None = None) -> list[Seat]:
    """The plan for at most `seats` seats, the most useful line first."""
    day = on or timezone.localdate()
    seats = max(0, min(seats, MOST_SEATS))
    waiting = _take_turns(_candidates(area_code, day, seats))
    closing = [item for item in waiting if item.closes]
    chosen = [closing[place] for place in best_choice([(item.seats, item.closes) for item in closing], seats)]
    left = seats - sum(item.seats for item in chosen)
    for item in waiting:
        if item.rank == UNCERTIFIED and item.seats <= left:
            chosen.append(item)
            left -= item.seats
    return _lines(chosen)


def best_choice(items: Sequence[tuple[int, int]], room: int) -> list[int]:
    """Which of `items` (size, worth) to take into `room` for the greatest worth; of equal choices the one with the earlier items.

    Exact (the 0/1 knapsack by dynamic programming). Of items alike only as many are looked at as there is room for.
    """
    alike: Counter[tuple[int, int]] = Counter()
    looked_at = []
    for place, (size, worth) in enumerate(items):
        if size <= room and alike[size, worth] < room // size:
            alike[size, worth] += 1
            looked_at.append(place)
    best = [0] * (room + 1)
    taken: list[bytearray] = []
    for place in looked_at:
        size, worth = items[place]
        row = bytearray(room + 1)
        for held in range(room, size - 1, -1):
            if best[held - size] + worth > best[held]:
                best[held] = best[held - size] + worth
                row[held] = 1
        taken.append(row)
    chosen, held = [], room
    for place, row in zip(reversed(looked_at), reversed(taken), strict=True):
        if row[held]:
            chosen.append(place)
            held -= items[place][0]
    return chosen[::-1]


def _take_turns(found: list[_Candidate]) -> list[_Candidate]:
    """In the order of use; within a rank and use the first of each township, then the second of each, and so on."""
    turns: Counter[tuple[int, int]] = Counter()
    for item in sorted(found, key=lambda item: (-item.closes, item.unit.area_code)):
        item.turn = turns[item.rank, item.unit.area_code]
        turns[item.rank, item.unit.area_code] += 1
    return sorted(found, key=lambda item: item.order)


def _lines(chosen: Sequence[_Candidate]) -> list[Seat]:
    given: Counter[int] = Counter()
    number, lines = 1, []
    for item in chosen:
        lines.append(
            Seat(
                number=number,
                seats=item.seats,
                target_key=item.targets[0].key,
                target_title="、".join(target.title for target in item.targets),
                clause=item.targets[0].clause,
                unit=item.unit,
                closes=item.closes,
                reason=_reason(item, first=not given[item.unit.area_code]),
                person=item.unit.names or "由单位推荐",
            )
        )
        given[item.unit.area_code] += item.seats
        number += item.seats
    return lines


def _reason(item: _Candidate, *, first: bool) -> str:
    reason = RANK_REASONS[item.rank]
    if item.seats > 1:
        reason += f"；还差 {item.seats} 名"
    if item.small:
        reason += f"；培训一人并定为责任片区，同时覆盖 {item.small} 家小微企业"
    if 0 < item.rank < 5 and first:
        reason += f"；{item.unit.area_name}在本批还没有席位"
    return reason


def _candidates(area_code: int, day: date, seats: int) -> list[_Candidate]:
    """Vacant and uncertified units, each once however many targets count it; never more of one kind than could be chosen."""
    found: dict[str, _Candidate] = {}
    small = _vacant_small(area_code, day)
    for target in Target.objects.active_on(day).coverage().exclude(shape=Shape.SMALL_SHARE):
        minimum = minimum_of(target, day)
        for state in (State.VACANT, State.COVERED):
            sizes = target.size_list if target.is_organisations and target.size_list else [""]
            for size in sizes:
                for unit in _units(target, area_code, day, state=state, size=size, most=seats):
                    _join(found, _Candidate(unit, _rank(target, state, size), _missing(unit, minimum), [target]))
    for target in Target.objects.active_on(day).filter(shape=Shape.AREAS)[:1]:
        for unit in describe(target, [row for row in unit_rows(target, Reach.below(area_code), day) if small.get(row.area_code)], day):
            held = found.get(unit.ref)
            if held is None or held.rank == UNCERTIFIED:
                held = found[unit.ref] = _Candidate(unit, 5, 1, [target])
            held.small = small[unit.area_code]
    return list(found.values())


def _join(found: dict[str, _Candidate], new: _Candidate) -> None:
    """One unit, one line: its vacancies under several targets are closed by the same people; a vacancy outweighs a missing certificate."""
    held = found.get(new.unit.ref)
    if held is None or new.rank < UNCERTIFIED == held.rank:
        found[new.unit.ref] = new
    elif new.rank < UNCERTIFIED:
        held.targets.append(new.targets[0])
        held.rank, held.seats = min(held.rank, new.rank), max(held.seats, new.seats)


def _missing(unit: Unit, minimum: int) -> int:
    """How many people have to be trained until the unit is covered (or, when covered, certified): counted within its fullest way."""
    people: dict[str, set[int]] = defaultdict(set)
    for cover in unit.covers:
        if unit.state == State.VACANT or cover.is_certified:
            people[cover.way].add(cover.coordinator_id)
    return max(1, minimum - max(map(len, people.values()), default=0))


def _rank(target: Target, state: str, size: str) -> int:
    if state == State.COVERED:
        return UNCERTIFIED
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
    """Vacant small enterprises by leaf area that a duty area would cover, for every target that counts duty areas."""
    found: Counter[int] = Counter()
    for target in Target.objects.active_on(day).filter(shape=Shape.SMALL_SHARE):
        if Way.DUTY_AREA in target.way_list and minimum_of(target, day) == 1:
            for code, tally in by_leaf(area_code, target.key, day).items():
                found[code] += tally.vacant
    return dict(found)
