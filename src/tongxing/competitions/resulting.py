"""Acts on results: rank, publish. The arithmetic stands in `ranking.py`."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.core.values import clean_text
from tongxing.policy import provisions
from tongxing.workdays.calendar import add_working_days

from .board import Board, board_of
from .models import PRACTICE, Appeal, AppealState, Competition, Entrant, Result
from .organising import save
from .ranking import Part, Performance, Standing, prize_of, standings
from .rules import CLAUSE, moved


@transaction.atomic
def rank(competition: Competition, *, by: Actor) -> Competition:
    """Make the marks results with ranks and prizes, open the days of appeal, and give the secret of the codes out."""
    row = moved(competition, "rank", by)
    board = board_of(row)
    if points := board.open_points():
        raise Refused("还不能排名：" + "；".join(points) + "。", code="open_points", clause=CLAUSE)
    if not board.entries:
        raise Refused("没有到场的选手，不能排名。请取消竞赛。", code="nobody", clause=CLAUSE)
    placed = write_results(board)
    row.ranked_on = timezone.localdate()
    days = int(provisions.value("competitions.appeal_days", row.ranked_on))
    row.appeals_until = add_working_days(row.ranked_on, days)
    save(row, "state", "ranked_on", "appeals_until")
    after = {"state": row.state, "results": len(placed), "appeals_until": str(row.appeals_until), "secret": row.secret}
    record("competitions.rank", by=by, of=row, after=after)
    return row


def write_results(board: Board) -> list[Standing]:
    """Work the results out anew and write them; the caller holds the competition."""
    placed = placed_by(board)
    numbers = dict(board.competition.prize_lines.values_list("prize", "number"))
    Result.objects.filter(entry__competition=board.competition).delete()
    Result.objects.bulk_create(
        Result(
            entry_id=one.key,
            practice=one.practice,
            theory=one.theory,
            total=one.total,
            rank=one.rank,
            ahead=one.ahead,
            shared=one.shared,
            decided_by=one.decided_by[:60],
            prize=prize_of(one.ahead, numbers),
        )
        for one in placed
    )
    return placed


def placed_by(board: Board) -> list[Standing]:
    """The standings that follow from what stands on the board; every cell must have its value."""
    parts = [
        Part(one.pk, one.title, one.weight, sum((aspect.full for aspect in one.aspects.all()), Decimal(0)), one.kind in PRACTICE)
        for one in board.rounds
    ]
    return standings(parts, [_performance(board, entry) for entry in board.entries])


def _performance(board: Board, entry: Entrant) -> Performance:
    rounds, ties = {}, []
    for one in board.rounds:
        raw = Decimal(0)
        for aspect in one.aspects.all():
            value = board.cell(one, entry, aspect).value
            assert value is not None, "asked of a whole board only"
            raw += value
            if aspect.tie_place is not None:
                ties.append((aspect.tie_place, aspect.pk, aspect.title, value))
        rounds[one.pk] = raw
    return Performance(entry.pk, rounds, tuple((title, value) for _, _, title, value in sorted(ties)))


@transaction.atomic
def publish(competition: Competition, *, by: Actor, document: str = "") -> Competition:
    """After the days of appeal, with no appeal open: the results and prizes stand."""
    row = moved(competition, "publish", by)
    today = timezone.localdate()
    assert row.appeals_until
    if today <= row.appeals_until:
        raise Refused(f"申诉到 {row.appeals_until} 截止，之后才能公布。", code="appeal_period", clause=CLAUSE)
    waiting = Appeal.objects.filter(entry__competition=row, state=AppealState.OPEN).count()
    if waiting:
        raise Refused(f"还有 {waiting} 件申诉没有处理，处理完再公布。", code="open_appeals", clause=CLAUSE)
    row.published_on, row.document = today, clean_text(document, longest=120)
    save(row, "state", "published_on", "document")
    won = Result.objects.filter(entry__competition=row).exclude(prize=None).count()
    record("competitions.publish", by=by, of=row, after={"state": row.state, "prizes": won, "document": row.document})
    return row
