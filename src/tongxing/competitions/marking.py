"""Acts of marking, all by blind code: a judge's own marks, paper sheets keyed twice, what the chief settles, online scores."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused, said
from tongxing.learning.models import Attempt, ExamState

from .board import Board, Place, board_of
from .models import (
    Aspect,
    AspectKind,
    Competition,
    CompetitionState,
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
    Source,
)
from .rules import CLAUSE, held, insist_state, managed, seat_of

Values = Mapping[tuple[str, int], Decimal]
"""(blind code, aspect id) → value."""


class Field(NamedTuple):
    entry: Entrant
    aspect: Aspect
    value: Decimal


def _marking(competition: Competition | int) -> Competition:
    row = held(competition)
    insist_state(row, CompetitionState.MARKING, doing="评分")
    return row


def _fields(board: Board, one: Round, judge: Judge | None, values: Values) -> list[Field]:
    """What was sent, as fields of the sheet; refused as a whole where one is none or out of range."""
    places = {(entry.code, aspect.pk): (entry, aspect) for entry, aspect in board.places(one, judge)}
    found = []
    for key, value in values.items():
        if key not in places:
            raise Refused(f"密号 {key[0]} 不在这张评分表上，没有保存。请刷新页面。", code="not_due", clause=CLAUSE)
        entry, aspect = places[key]
        if not 0 <= value <= aspect.full or value != value.quantize(Decimal("0.01")):
            text = f"密号 {entry.code} 的“{aspect.title}”：{value} 不在 0 至 {aspect.full_text} 之间，或小数多于两位，没有保存。"
            raise Refused(text, code="mark_range", clause=CLAUSE)
        found.append(Field(entry, aspect, value))
    return found


def _told(fields: list[Field]) -> dict[str, str]:
    return {f"{one.entry.code} {one.aspect.title}": str(one.value) for one in fields}


@transaction.atomic
def mark(one: Round, values: Values, *, by: Actor) -> int:
    """A judge's own marks of a round; returns how many are new or changed. A signed sheet takes only what the chief asked for again."""
    row = _marking(one.competition_id)
    judge = _judge(one, row, by)
    board = board_of(row)
    signed = (judge.pk, one.pk) in board.handed_in
    new: list[Field] = []
    changed: list[Field] = []
    for field in _fields(board, one, judge, values):
        known = board.marks.get(Place(field.entry.pk, field.aspect.pk, judge.pk))
        if known and known.value == field.value:
            continue
        if known and signed:
            raise Refused("评分表已经交了，不能再改。确有错误的，请裁判长退回重评。", code="handed_in", clause=CLAUSE)
        if (field.entry.pk, field.aspect.pk, RulingKind.CONFIRMED) in board.rulings:
            raise Refused(f"密号 {field.entry.code} 的“{field.aspect.title}”裁判长已经确认，不能再改。", code="confirmed", clause=CLAUSE)
        (changed if known else new).append(field)
        if known:
            known.value, known.at = field.value, timezone.now()
            known.save(update_fields=["value", "at"])
    _create(new, judge, Source.DIRECT, by)
    if new or changed:
        record("competitions.mark", by=by, of=row, after={"round": one.title, **_told([*new, *changed])})
    return len(new) + len(changed)


def _judge(one: Round, row: Competition, by: Actor) -> Judge:
    judge = seat_of(by, row, Duty.CHIEF, Duty.JUDGE)
    if not judge.rounds.filter(pk=one.pk).exists():
        raise Refused(f"您不评判“{one.title}”。", code="not_allowed", status=403, clause=CLAUSE)
    return judge


def _create(fields: list[Field], judge: Judge | None, source: Source, by: Actor, reason: str = "") -> None:
    Mark.objects.bulk_create(
        Mark(
            entry=one.entry,
            aspect=one.aspect,
            judge=judge,
            value=one.value,
            source=source,
            by_name=by.display_name[:60],
            reason=reason,
        )
        for one in fields
    )


@transaction.atomic
def hand_in(one: Round, *, by: Actor) -> HandedIn:
    """Sign the sheet of a round: nothing on it may be empty, and it changes no more."""
    row = _marking(one.competition_id)
    judge, board = _judge(one, row, by), board_of(row)
    empty = sum(Place(entry.pk, aspect.pk, judge.pk) not in board.marks for entry, aspect in board.places(one, judge))
    if empty:
        raise Refused(f"还有 {empty} 个分数没有评，评完再交表。", code="incomplete", clause=CLAUSE)
    made, new = HandedIn.objects.get_or_create(judge=judge, round=one)
    if not new:
        raise Refused("这张评分表已经交了，不用再交。", code="handed_in", clause=CLAUSE)
    record("competitions.hand_in", by=by, of=row, after={"round": one.title})
    return made


@transaction.atomic
def key(one: Round, judge: Judge | None, values: Values, *, by: Actor) -> int:
    """Enter a paper sheet: each keyer once, without seeing the other's. Two that agree make the mark; returns how many are new or changed.

    As long as a keyer's entry stands alone its writer may mend it; where two stand, both are closed.
    """
    row = _marking(one.competition_id)
    keyer, board = seat_of(by, row, Duty.KEYER), board_of(row)
    if judge not in board.paper_sheets(one):
        raise Refused("这张评分表不用录入。请刷新页面。", code="not_due", clause=CLAUSE)
    done, agreed = [], []
    for field in _fields(board, one, judge, values):
        turns = board.keyings.get(Place(field.entry.pk, field.aspect.pk, judge.pk if judge else None), {})
        own = next((entry for entry in turns.values() if entry.keyer_id == keyer.pk), None)
        other = next((entry for entry in turns.values() if entry.keyer_id != keyer.pk), None)
        if own and own.value == field.value:
            continue
        if len(turns) == 2:
            raise Refused(
                f"密号 {field.entry.code} 的“{field.aspect.title}”两遍都已录入，不能再改。不一致的由裁判长核定。没有保存。",
                code="both_entered",
                clause=CLAUSE,
            )
        _key(field, judge, keyer, own, other)
        done.append(field)
        agreed += [field] if other and other.value == field.value else []
    _create(agreed, judge, Source.AGREED, by)
    if done:
        record("competitions.key", by=by, of=row, after={"round": one.title, "sheet": judge.name if judge else "客观分", **_told(done)})
    return len(done)


def _key(field: Field, judge: Judge | None, keyer: Judge, own: Keying | None, other: Keying | None) -> None:
    if own:
        own.value, own.at = field.value, timezone.now()
        own.save(update_fields=["value", "at"])
        return
    turn = 3 - other.turn if other else 1
    Keying.objects.create(entry=field.entry, aspect=field.aspect, judge=judge, turn=turn, value=field.value, keyer=keyer)


@transaction.atomic
def settle_difference(entry: Entrant, aspect: Aspect, judge: Judge | None, value: Decimal, *, by: Actor, reason: str) -> Mark:
    """The chief settles two keyings that differ, by looking at the sheet: never one of the two who keyed."""
    row = _marking(entry.competition_id)
    seat_of(by, row, Duty.CHIEF)
    board = board_of(row)
    place = Place(entry.pk, aspect.pk, judge.pk if judge else None)
    turns = board.keyings.get(place, {})
    if len(turns) < 2 or turns[1].value == turns[2].value or place in board.marks:
        raise Refused("这里没有要核定的差异，可能刚刚已经核定。请刷新页面。", code="no_difference", clause=CLAUSE)
    text = said(reason, "请写明核定的依据，例如“对照评分表第 3 页”。", longest=200)
    (field,) = _fields(board, aspect.round, judge, {(entry.code, aspect.pk): value})
    _create([field], judge, Source.SETTLED, by, text)
    before = {str(turn): str(entered.value) for turn, entered in turns.items()}
    record("competitions.settle_difference", by=by, of=row, before=before, after=_told([field]), reason=text)
    return Mark.objects.get(entry=entry, aspect=aspect, judge=judge)


@transaction.atomic
def confirm_spread(entry: Entrant, aspect: Aspect, *, by: Actor, reason: str) -> Ruling:
    """The chief lets a wide spread stand, and says why."""
    row = _marking(entry.competition_id)
    seat_of(by, row, Duty.CHIEF)
    cell = board_of(row).cell(aspect.round, entry, aspect)
    if not cell.too_wide:
        raise Refused("这一项的分差没有超过限度，不用确认。请刷新页面。", code="not_wide", clause=CLAUSE)
    text = said(reason, "请写明确认的理由，例如裁判合议的结论。")
    facts = {"kind": RulingKind.CONFIRMED, "by_name": by.display_name[:60], "reason": text}
    made = Ruling.objects.create(entry=entry, aspect=aspect, **facts)
    after = {"code": entry.code, "aspect": aspect.title, "marks": [str(value) for value in cell.values]}
    record("competitions.confirm_spread", by=by, of=row, after=after, reason=text)
    return made


@transaction.atomic
def ask_again(entry: Entrant, aspect: Aspect, *, by: Actor, reason: str) -> int:
    """The chief has the marks of an aspect of an entry given anew: they are taken away, and stay in the log. Returns how many."""
    row = _marking(entry.competition_id)
    seat_of(by, row, Duty.CHIEF)
    text = said(reason, "请写明退回重评的原因。", longest=200)
    if aspect.round.kind == RoundKind.ONLINE:
        raise Refused("在线考试的成绩由系统取回，没有可重评的。", code="online", clause=CLAUSE)
    marks = list(Mark.objects.filter(entry=entry, aspect=aspect))
    if not marks:
        raise Refused("这一项还没有分数，不用退回。请刷新页面。", code="nothing", clause=CLAUSE)
    Ruling.objects.filter(entry=entry, aspect=aspect).delete()
    Mark.objects.filter(entry=entry, aspect=aspect).delete()
    Keying.objects.filter(entry=entry, aspect=aspect).delete()
    before = {"code": entry.code, "aspect": aspect.title, "marks": [str(one.value) for one in marks]}
    record("competitions.ask_again", by=by, of=row, before=before, reason=text)
    return len(marks)


@transaction.atomic
def fetch_online(one: Round, *, by: Actor) -> int:
    """Take the scores of an online round from its examination, once that is closed; who did not sit has none. Returns how many are new."""
    row = managed(one.competition_id, by, CompetitionState.MARKING, doing="取在线考试成绩")
    one = Round.objects.select_related("exam").get(pk=one.pk)
    if one.kind != RoundKind.ONLINE or one.exam is None:
        raise Refused("这个环节不是在线考试。请刷新页面。", code="not_online", clause=CLAUSE)
    if one.exam.state != ExamState.CLOSED or Attempt.objects.filter(exam=one.exam, submitted_at=None).exists():
        raise Refused("在线考试还没有结束，或还有人没有交卷。请先到“模拟考试”里结束考试。", code="exam_running", clause=CLAUSE)
    (aspect,) = one.aspects.filter(kind=AspectKind.MEASURED)
    there = set(Mark.objects.filter(aspect=aspect).values_list("entry_id", flat=True))
    entries = [entry for entry in row.entries.marked() if entry.pk not in there]
    sat = {}
    for attempt in Attempt.objects.filter(exam=one.exam, person__in=[entry.person_id for entry in entries]).order_by("-number"):
        sat[attempt.person_id] = (attempt.points or Decimal(0)) * aspect.full / attempt.total if attempt.total else Decimal(0)
    fields = [Field(entry, aspect, sat.get(entry.person_id, Decimal(0)).quantize(Decimal("0.01"))) for entry in entries]
    _create(fields, None, Source.ONLINE, by)
    missing = sum(entry.person_id not in sat for entry in entries)
    record("competitions.fetch_online", by=by, of=row, after={"round": one.title, "scores": len(fields), "not_sat": missing})
    return len(fields)
