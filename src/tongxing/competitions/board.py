"""All that is marked in a competition, read at once: who marks what, what is missing, what differs, what it comes to.

A constant number of queries, whatever the number of entries. Everything goes by blind codes.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from tongxing.policy import provisions

from . import deviation
from .models import (
    Aspect,
    AspectKind,
    Barred,
    Competition,
    Duty,
    Entrant,
    HandedIn,
    Judge,
    Keying,
    Mark,
    Round,
    RoundKind,
    Ruling,
    RulingKind,
)


class Place(NamedTuple):
    """Where one value belongs: the entry, the aspect, and whose it is (None: a measured aspect)."""

    entry: int
    aspect: int
    judge: int | None


@dataclass(frozen=True)
class Cell:
    """An aspect of an entry: what is due, what is there, what it comes to."""

    entry: Entrant
    aspect: Aspect
    due: int
    marks: tuple[Mark, ...]
    limit: int
    confirmed: Ruling | None
    corrected: Ruling | None

    @property
    def missing(self) -> int:
        return self.due - len(self.marks)

    @property
    def values(self) -> list[Decimal]:
        return [mark.value for mark in self.marks]

    @property
    def spread(self) -> Decimal:
        return deviation.spread(self.values)

    @property
    def too_wide(self) -> bool:
        """Whether the judges must mark again, or the chief has to say why it stands."""
        whole = not self.missing and self.confirmed is None and self.corrected is None
        return whole and deviation.too_wide(self.values, self.aspect.full, self.limit)

    @property
    def value(self) -> Decimal | None:
        """What it comes to: an appeal's value, else the mean of the marks; None while one is missing."""
        if self.corrected:
            return self.corrected.value
        return None if self.missing or not self.marks else deviation.mean(self.values)


@dataclass(frozen=True)
class Pair:
    """Two keyings of one value on a paper sheet that differ and were not settled."""

    entry: Entrant
    aspect: Aspect
    judge: Judge | None
    first: Keying
    second: Keying


class Board:
    """See the module."""

    def __init__(self, competition: Competition) -> None:
        self.competition = competition
        self.limit = int(provisions.value("competitions.deviation_percent", competition.held_on))
        self.least = int(provisions.value("competitions.judges_least", competition.held_on))
        self.rounds: list[Round] = list(competition.rounds.prefetch_related("aspects"))
        self.entries: list[Entrant] = list(competition.entries.marked())
        staff = Judge.objects.serving().filter(competition=competition).prefetch_related("rounds").order_by("pk")
        self.staff: list[Judge] = list(staff)
        self.barred = set(Barred.objects.filter(judge__competition=competition).values_list("judge_id", "entry_id"))

    # --- who marks what
    def judges(self, one: Round) -> list[Judge]:
        """Those who mark the judged aspects of a round."""
        return [judge for judge in self.staff if judge.duty != Duty.KEYER and one.pk in {held.pk for held in judge.rounds.all()}]

    def judges_of(self, one: Round, entry: Entrant) -> list[Judge]:
        """Without those who must keep away from the entry."""
        return [judge for judge in self.judges(one) if (judge.pk, entry.pk) not in self.barred]

    def aspects(self, one: Round, kind: str) -> list[Aspect]:
        return [aspect for aspect in one.aspects.all() if aspect.kind == kind]

    def places(self, one: Round, judge: Judge | None) -> list[tuple[Entrant, Aspect]]:
        """The fields of one sheet: of a judge, or the sheet of the measured aspects."""
        wanted = self.aspects(one, AspectKind.JUDGED if judge else AspectKind.MEASURED)
        there = [entry for entry in self.entries if judge is None or (judge.pk, entry.pk) not in self.barred]
        return [(entry, aspect) for entry in there for aspect in wanted]

    def paper_sheets(self, one: Round) -> list[Judge | None]:
        """The sheets of a round that keyers enter: the measured aspects, and each judge without an account."""
        if one.kind == RoundKind.ONLINE:
            return []
        measured: list[Judge | None] = [None] if self.aspects(one, AspectKind.MEASURED) else []
        judged = self.aspects(one, AspectKind.JUDGED)
        return measured + [judge for judge in self.judges(one) if judged and judge.user_id is None]

    # --- what is there
    @cached_property
    def marks(self) -> dict[Place, Mark]:
        rows = Mark.objects.filter(entry__in=self.entries)
        return {Place(row.entry_id, row.aspect_id, row.judge_id): row for row in rows}

    @cached_property
    def keyings(self) -> dict[Place, dict[int, Keying]]:
        found: dict[Place, dict[int, Keying]] = defaultdict(dict)
        for row in Keying.objects.filter(entry__in=self.entries).select_related("keyer"):
            found[Place(row.entry_id, row.aspect_id, row.judge_id)][row.turn] = row
        return found

    @cached_property
    def rulings(self) -> dict[tuple[int, int, str], Ruling]:
        rows = Ruling.objects.filter(entry__in=self.entries)
        return {(row.entry_id, row.aspect_id, row.kind): row for row in rows}

    @cached_property
    def handed_in(self) -> set[tuple[int, int]]:
        """(judge id, round id) of the sheets that were signed."""
        return set(HandedIn.objects.filter(judge__competition=self.competition).values_list("judge_id", "round_id"))

    def cell(self, one: Round, entry: Entrant, aspect: Aspect) -> Cell:
        owners = [judge.pk for judge in self.judges_of(one, entry)] if aspect.kind == AspectKind.JUDGED else [None]
        marks = tuple(mark for owner in owners if (mark := self.marks.get(Place(entry.pk, aspect.pk, owner))))
        ruled = {kind: self.rulings.get((entry.pk, aspect.pk, kind)) for kind in RulingKind.values}
        confirmed, corrected = ruled[RulingKind.CONFIRMED], ruled[RulingKind.CORRECTED]
        return Cell(entry, aspect, len(owners), marks, self.limit, confirmed, corrected)

    def cells(self, one: Round) -> Iterator[Cell]:
        for entry in self.entries:
            for aspect in one.aspects.all():
                yield self.cell(one, entry, aspect)

    def differences(self) -> list[Pair]:
        """Values that two people keyed differently and nobody settled, by code."""
        entries = {entry.pk: entry for entry in self.entries}
        aspects = {aspect.pk: aspect for one in self.rounds for aspect in one.aspects.all()}
        judges = {judge.pk: judge for judge in self.staff}
        found = []
        for place, turns in self.keyings.items():
            if len(turns) == 2 and turns[1].value != turns[2].value and place not in self.marks:
                judge = judges.get(place.judge) if place.judge else None
                found.append(Pair(entries[place.entry], aspects[place.aspect], judge, turns[1], turns[2]))
        return sorted(found, key=lambda pair: (pair.entry.code, pair.aspect.pk, pair.judge.pk if pair.judge else 0))

    # --- what stands in the way
    def staff_faults(self) -> list[str]:
        """Why marking cannot be done with the people there are, in Chinese."""
        found = [] if any(judge.duty == Duty.CHIEF for judge in self.staff) else ["还没有裁判长"]
        keyers = sum(judge.duty == Duty.KEYER for judge in self.staff)
        if keyers < 2 and any(self.paper_sheets(one) for one in self.rounds):
            found.append(f"纸质评分表要由两人各录一遍，录入员只有 {keyers} 人")
        for one in self.rounds:
            if not self.aspects(one, AspectKind.JUDGED):
                continue
            short = [entry.code for entry in self.entries if len(self.judges_of(one, entry)) < self.least]
            if short:
                found.append(f"“{one.title}”每名选手至少要 {self.least} 名裁判，回避后有 {len(short)} 名选手不够")
        return found

    def open_points(self) -> list[str]:
        """What has to be done before there can be a ranking, in Chinese."""
        found = []
        for one in self.rounds:
            cells = list(self.cells(one))
            missing, wide = sum(cell.missing for cell in cells), sum(cell.too_wide for cell in cells)
            if missing:
                found.append(f"“{one.title}”还差 {missing} 个分数")
            if wide:
                found.append(f"“{one.title}”有 {wide} 处裁判分差过大，要重评或由裁判长确认")
            if self.aspects(one, AspectKind.JUDGED):
                waiting = [judge for judge in self.judges(one) if judge.user_id and (judge.pk, one.pk) not in self.handed_in]
                found += [f"“{one.title}”还有 {len(waiting)} 名裁判没有交评分表"] if waiting else []
        differing = len(self.differences())
        return found + ([f"有 {differing} 处两遍录入不一致，由裁判长核定"] if differing else [])


def board_of(competition: Competition) -> Board:
    return Board(competition)
