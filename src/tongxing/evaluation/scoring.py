"""Acts on scores: entered twice by two people, differences settled by a third, then the result of every candidate (facts §1)."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.core.values import half_width

from . import kept, passing
from .applying import as_kept
from .models import AssessmentBatch, Attendance, BatchState, Candidate, Part, PartResult, ScoreEntry
from .moving import held, insist_move, insist_state, move
from .rules import can_manage, can_score, insist

ABSENT = frozenset({"缺考", "缺", "-", "–"})
TURNS = (1, 2)


def clean_score(raw: str) -> Decimal | None:
    """A score from 0 to 100 with at most one decimal, or None for 缺考; raises ValidationError."""
    text = half_width(raw).strip()
    if text in ABSENT:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValidationError(f"“{text}”不是分数，请填 0 至 100，没有参加的填“缺考”。", code="score_form") from None
    if not value.is_finite() or not 0 <= value <= 100:
        raise ValidationError(f"{text} 不在 0 至 100 之间，请对照评分表核对。", code="score_range")
    if value != value.quantize(Decimal("0.1")):
        raise ValidationError(f"{text} 的小数多于一位，请对照评分表核对。", code="score_places")
    return value.quantize(Decimal("0.1"))


def due(candidate: Candidate, part: str) -> bool:
    """Whether a score of this part is expected: the candidate came, and takes it."""
    takes = {"theory": "takes_theory", "practice": "takes_practice", "review": "takes_review"}[part]
    return candidate.attendance == Attendance.PRESENT and bool(getattr(candidate.application, takes))


@transaction.atomic
def enter_scores(batch: AssessmentBatch, part: str, turn: int, values: Mapping[int, Decimal | None], *, by: Actor) -> int:
    """Write one entry of a part for many candidates (by id); returns how many are new or changed.

    Two entries of one score are two people's. As long as only one stands, whoever wrote it may mend it; two that stand are closed.
    """
    row = held(batch)
    insist(can_score(by, row))
    insist_state(row, BatchState.EXAMINED, doing="录入分数")
    if part not in passing.parts_of(row.level) or turn not in TURNS:
        raise Refused(f"{row.get_level_display()}没有这一科。请刷新页面。", code="no_part")
    candidates = {one.pk: one for one in Candidate.objects.select_related("application").filter(batch=row, pk__in=values)}
    strange = [one.ticket for one in candidates.values() if not due(one, part)]
    if len(candidates) < len(values) or strange:
        named = f"（{'、'.join(strange[:5])}）" if strange else ""
        raise Refused(f"名单里有本科不用登分的考生{named}，没有保存。请刷新页面。", code="not_due")
    done = _written(list(candidates.values()), part, turn, values, by)
    if done:
        after = {"part": part, "turn": turn, "scores": {ticket: value is not None and float(value) for ticket, value in done.items()}}
        record("evaluation.enter_scores", by=by, of=row, after=after)
    return len(done)


def _written(
    candidates: list[Candidate], part: str, turn: int, values: Mapping[int, Decimal | None], by: Actor
) -> dict[str, Decimal | None]:
    """Save what differs; refused as a whole where one entry may not be written by this person."""
    rows = ScoreEntry.objects.select_for_update().filter(candidate__in=candidates, part=part)
    known = {(entry.candidate_id, entry.turn): entry for entry in rows}
    new, changed, done = [], [], {}
    for one in candidates:
        value, own, other = values[one.pk], known.get((one.pk, turn)), known.get((one.pk, 3 - turn))
        _insist_range(one, value)
        if own and own.value == value:
            continue
        if other and same_person(other, by):
            raise Refused(
                f"准考证 {one.ticket} 的第{'一二'[2 - turn]}遍是您录入的，第{'一二'[turn - 1]}遍须由另一人录入。没有保存。",
                code="same_person",
            )
        if own and other:
            raise Refused(f"准考证 {one.ticket} 两遍都已录入，不能再改。不一致的请到“差异核对”处理。", code="both_entered")
        if own and not same_person(own, by):
            raise Refused(
                f"准考证 {one.ticket} 的这一遍已由{own.by_name}录入，您填的不同。请改录另一遍，系统会列出差异。", code="entered_by_other"
            )
        done[one.ticket] = value
        if own:
            own.value, own.at = value, timezone.now()
            changed.append(own)
        else:
            new.append(ScoreEntry(candidate=one, part=part, turn=turn, value=value, by_id=by.pk, by_name=by.display_name[:60]))
    ScoreEntry.objects.bulk_create(new)
    ScoreEntry.objects.bulk_update(changed, ["value", "at"])
    return done


def _insist_range(candidate: Candidate, value: Decimal | None) -> None:
    if value is not None and not 0 <= value <= 100:
        raise Refused(f"准考证 {candidate.ticket}：{value} 不在 0 至 100 之间，没有保存。请对照评分表核对。", code="score_range")


def same_person(entry: ScoreEntry, by: Actor) -> bool:
    """Whether `by` wrote this entry."""
    return entry.by_id == by.pk if by.pk is not None else entry.by_name == by.display_name[:60]


class Pair(NamedTuple):
    """The two entries of a part of a candidate, and the score that was settled between them."""

    candidate: Candidate
    part: str
    first: ScoreEntry | None
    second: ScoreEntry | None
    settled: PartResult | None

    @property
    def label(self) -> str:
        return Part(self.part).label

    @property
    def state(self) -> str:
        """settled, missing, differs or same."""
        if self.settled:
            return "settled"
        if not self.first or not self.second:
            return "missing"
        return "same" if self.first.value == self.second.value else "differs"


def pairs(batch: AssessmentBatch) -> list[Pair]:
    """Every score that is due in a batch, by part and ticket; three queries."""
    candidates = list(Candidate.objects.filter(batch=batch).select_related("application", "person"))
    entries = {(row.candidate_id, row.part, row.turn): row for row in ScoreEntry.objects.filter(candidate__batch=batch)}
    settled = {(row.candidate_id, row.part): row for row in PartResult.objects.filter(candidate__batch=batch)}
    return [
        Pair(one, part, entries.get((one.pk, part, 1)), entries.get((one.pk, part, 2)), settled.get((one.pk, part)))
        for part in passing.parts_of(batch.level)
        for one in candidates
        if due(one, part)
    ]


@transaction.atomic
def resolve_difference(candidate: Candidate, part: str, value: Decimal | None, *, by: Actor, reason: str) -> PartResult:
    """Settle a score whose two entries differ, by looking at the paper: a third person, with the reason."""
    batch = held(candidate.batch)
    insist(can_manage(by, batch))
    insist_state(batch, BatchState.EXAMINED, doing="核对差异")
    entries = list(ScoreEntry.objects.select_for_update().filter(candidate=candidate, part=part))
    if len(entries) < 2 or entries[0].value == entries[1].value:
        raise Refused(f"准考证 {candidate.ticket} 的{Part(part).label}没有需要核对的差异。请刷新页面。", code="no_difference")
    if any(same_person(entry, by) for entry in entries):
        raise Refused("两遍录入的人不能核对自己的差异，请交第三人对照评分表核对。", code="same_person", status=403)
    if not reason.strip():
        raise Refused("请写明核对的依据，例如“对照评分表第 3 页”。", code="reason_missing")
    _insist_range(candidate, value)
    if PartResult.objects.filter(candidate=candidate, part=part).exists():
        raise Refused(f"准考证 {candidate.ticket} 的{Part(part).label}刚刚已由同事核对。请刷新页面。", code="already_settled")
    row = PartResult.objects.create(
        candidate=candidate, part=part, value=value, settled_by=by.display_name[:60], reason=reason.strip()[:200]
    )
    before = {str(entry.turn): entry.value is not None and float(entry.value) for entry in entries}
    after = {"ticket": candidate.ticket, "part": part, "score": value is not None and float(value)}
    record("evaluation.resolve", by=by, of=batch, before=before, after=after, reason=reason)
    return row


@transaction.atomic
def settle(batch: AssessmentBatch, *, by: Actor) -> AssessmentBatch:
    """Make the entries results, take over kept parts, and decide for every candidate by the pass rule. Refused while anything is open."""
    row = held(batch)
    insist(can_manage(by, row))
    insist_move(row, "settle")
    found = pairs(row)
    missing, differing = sum(pair.state == "missing" for pair in found), sum(pair.state == "differs" for pair in found)
    if missing or differing:
        raise Refused(f"还有 {missing} 个分数没有录满两遍，{differing} 个两遍不一致。请先录满并核对差异。", code="scores_open")
    PartResult.objects.bulk_create(
        PartResult(
            candidate=pair.candidate, part=pair.part, value=pair.first.value if pair.first else None, settled_by=by.display_name[:60]
        )
        for pair in found
        if pair.state == "same"
    )
    candidates = list(Candidate.objects.select_for_update(of=("self",)).filter(batch=row).select_related("application", "person"))
    _take_over(row, candidates, by)
    scores = results_of(candidates)
    for one in candidates:
        judge(one, row, scores.get(one.pk, {}))
    Candidate.objects.bulk_update(candidates, ["passed", "outcome"])
    move(row, "settle")
    passed = sum(bool(one.passed) for one in candidates)
    record("evaluation.settle", by=by, of=row, after={"state": row.state, "candidates": len(candidates), "passed": passed})
    return row


def _take_over(batch: AssessmentBatch, candidates: list[Candidate], by: Actor) -> None:
    """Parts that were not taken because an earlier result still holds."""
    rows = []
    for one in candidates:
        if one.attendance != Attendance.PRESENT or all(due(one, part) for part in passing.parts_of(batch.level)):
            continue
        still = kept.of(one.person, batch.level, batch.exam_on)
        rows += [
            PartResult(candidate=one, part=part, value=still[part].value, kept_from=still[part], settled_by=by.display_name[:60])
            for part in passing.parts_of(batch.level)
            if not due(one, part) and part in still
        ]
    PartResult.objects.bulk_create(rows)


def results_of(candidates: list[Candidate]) -> dict[int, dict[Part, Decimal | None]]:
    """The settled scores by candidate and part; one query."""
    found: dict[int, dict[Part, Decimal | None]] = {}
    for row in PartResult.objects.filter(candidate__in=candidates):
        found.setdefault(row.candidate_id, {})[Part(row.part)] = row.value
    return found


def judge(candidate: Candidate, batch: AssessmentBatch, scores: Mapping[Part, Decimal | None]) -> None:
    """Set `passed` and `outcome` from the settled parts; the caller saves."""
    answer = passing.decide(batch.level, scores, passing.mark_on(batch.exam_on))
    candidate.passed, candidate.outcome = answer.ok, as_kept(answer)
    if candidate.attendance != Attendance.PRESENT:
        candidate.passed = False
        candidate.outcome |= {"ok": False, "reasons": [f"{candidate.get_attendance_display()}。{candidate.attendance_note}"]}
