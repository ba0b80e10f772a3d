"""Where a competition stands and what to do next, in Chinese; and how far the marking is."""

from collections.abc import Callable
from typing import NamedTuple

from .board import Board, board_of
from .drawing import staff_faults
from .models import Appeal, AppealState, Competition, CompetitionState, EntryState, Round, RoundKind, Team
from .organising import scheme_faults

ORDER = (
    CompetitionState.DRAFT,
    CompetitionState.OPEN,
    CompetitionState.DRAWN,
    CompetitionState.MARKING,
    CompetitionState.RANKED,
    CompetitionState.PUBLISHED,
)


class Stage(NamedTuple):
    label: str
    state: str
    tone: str


class Progress(NamedTuple):
    """One round while it is marked; nothing in it says who did how well."""

    round: Round
    due: int
    there: int
    wide: int
    is_online: bool


def stages(row: Competition) -> list[Stage]:
    """The states in their order: done, now, later."""
    here = ORDER.index(CompetitionState(row.state)) if row.state in ORDER else -1
    words = {True: ("已完成", "green"), False: ("未开始", "grey")}
    return [Stage(state.label, *(("现在", "teal") if place == here else words[place < here])) for place, state in enumerate(ORDER)]


def to_do(row: Competition) -> list[str]:
    """What stands in the way of the next step; nothing when it may be taken."""
    return TO_DO[row.state](row) if row.state in TO_DO else []


def _before_the_draw(row: Competition) -> list[str]:
    states = list(row.entries.values_list("state", flat=True))
    waiting, confirmed = states.count(EntryState.ENTERED), states.count(EntryState.CONFIRMED)
    found = [f"报名到 {row.closes_on} 截止，之后才能抽密号；已确认 {confirmed} 人"]
    return found + ([f"还有 {waiting} 份报名没有确认"] if waiting else [])


def _before_the_publication(row: Competition) -> list[str]:
    waiting = Appeal.objects.filter(entry__competition=row, state=AppealState.OPEN).count()
    return [f"申诉到 {row.appeals_until} 截止，之后才能公布", *([f"还有 {waiting} 件申诉没有处理"] if waiting else [])]


def _after_the_publication(row: Competition) -> list[str]:
    return [] if Team.objects.filter(competition=row).exists() else ["还没有选参加上一级竞赛的代表队"]


TO_DO: dict[str, Callable[[Competition], list[str]]] = {
    CompetitionState.DRAFT: scheme_faults,
    CompetitionState.OPEN: _before_the_draw,
    CompetitionState.DRAWN: staff_faults,
    CompetitionState.MARKING: lambda row: board_of(row).open_points(),
    CompetitionState.RANKED: _before_the_publication,
    CompetitionState.PUBLISHED: _after_the_publication,
}


def progress(row: Competition) -> list[Progress]:
    """How far each round is; for those who run the competition, by numbers alone."""
    board = board_of(row)
    return [_progress(board, one) for one in board.rounds]


def _progress(board: Board, one: Round) -> Progress:
    cells = list(board.cells(one))
    due, there = sum(cell.due for cell in cells), sum(len(cell.marks) for cell in cells)
    return Progress(one, due, there, sum(cell.too_wide for cell in cells), one.kind == RoundKind.ONLINE)
