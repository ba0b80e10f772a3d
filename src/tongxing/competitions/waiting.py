"""What waits for a judge, a keyer or a chief, competition by competition: by codes and numbers alone."""

from dataclasses import dataclass, field
from typing import NamedTuple

from tongxing.accounts.models import User

from .board import Board, Place, board_of
from .models import AspectKind, Competition, CompetitionState, Duty, Judge, Round


class Sheet(NamedTuple):
    """A sheet to fill in: how many of its values are there, and whether it is signed. `key` names a paper sheet."""

    round: Round
    title: str
    due: int
    there: int
    signed: bool
    key: str = ""


@dataclass
class Seat:
    """One's place in a competition, with what there is to do."""

    judge: Judge
    competition: Competition
    sheets: list[Sheet] = field(default_factory=list)
    differing: int = 0
    wide: int = 0

    @property
    def is_chief(self) -> bool:
        return self.judge.duty == Duty.CHIEF

    @property
    def marking(self) -> bool:
        return self.competition.state == CompetitionState.MARKING


def seats_of(user: User) -> list[Seat]:
    """The user's places, those where marks are given first; of others only the name."""
    seen = Competition.objects.judged_by(user)
    rows = Judge.objects.serving().filter(user=user, competition__in=seen).select_related("competition__area")
    found = [Seat(row, row.competition) for row in rows.order_by("-competition__year", "-competition_id")]
    for seat in found:
        if seat.marking:
            _fill(seat, board_of(seat.competition))
    return sorted(found, key=lambda seat: not seat.marking)


def _fill(seat: Seat, board: Board) -> None:
    for one in board.rounds:
        if seat.judge.duty == Duty.KEYER:
            seat.sheets += [_paper(seat, board, one, whose) for whose in board.paper_sheets(one)]
        elif seat.judge.pk in {judge.pk for judge in board.judges(one)} and board.aspects(one, AspectKind.JUDGED):
            places = [Place(entry.pk, aspect.pk, seat.judge.pk) for entry, aspect in board.places(one, seat.judge)]
            signed = (seat.judge.pk, one.pk) in board.handed_in
            seat.sheets.append(Sheet(one, one.title, len(places), sum(place in board.marks for place in places), signed))
    if seat.is_chief:
        seat.differing = len(board.differences())
        seat.wide = sum(cell.too_wide for one in board.rounds for cell in board.cells(one))


def _paper(seat: Seat, board: Board, one: Round, whose: Judge | None) -> Sheet:
    places = [Place(entry.pk, aspect.pk, whose.pk if whose else None) for entry, aspect in board.places(one, whose)]
    there = sum(any(entry.keyer_id == seat.judge.pk for entry in board.keyings.get(place, {}).values()) for place in places)
    title = f"{one.title}：{f'{whose.name}的评分表' if whose else '客观分'}"
    return Sheet(one, title, len(places), there, signed=False, key=str(whose.uid) if whose else "measured")
