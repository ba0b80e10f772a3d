"""Acts on appeals: raise one in time, settle it with a finding; one that is upheld may correct a value, and everybody is ranked anew."""

from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused, said

from .board import board_of
from .models import Appeal, AppealState, Aspect, CompetitionState, Entrant, Result, Ruling, RulingKind
from .resulting import write_results
from .rules import CLAUSE, managed


@transaction.atomic
def raise_appeal(entry: Entrant, *, by: Actor, text: str, raised_on: date | None = None) -> Appeal:
    """Take an appeal of an entrant in, within the days of appeal; one at a time."""
    row = managed(entry.competition_id, by, CompetitionState.RANKED, doing="受理申诉")
    day = raised_on or timezone.localdate()
    assert row.ranked_on
    assert row.appeals_until
    if not row.ranked_on <= day <= row.appeals_until or day > timezone.localdate():
        raise Refused(f"申诉时间是 {row.ranked_on} 至 {row.appeals_until}，请核对提出的日期。", code="too_late", clause=CLAUSE)
    if not Result.objects.filter(entry=entry).exists():
        raise Refused("这名选手没有成绩，不能申诉成绩。", code="no_result", clause=CLAUSE)
    words = said(text, "请写明申诉哪一项、为什么。", code="incomplete", longest=500)
    try:
        with transaction.atomic():
            made = Appeal.objects.create(entry=entry, text=words, raised_on=day, recorded_by=by.display_name[:60])
    except IntegrityError:
        raise Refused("这名选手已有一件申诉在处理，请先处理完。", code="exists", clause=CLAUSE) from None
    record("competitions.raise_appeal", by=by, of=made, after={"raised_on": str(day)}, reason=words)
    return made


@transaction.atomic
def settle_appeal(
    appeal: Appeal, *, by: Actor, upheld: bool, finding: str, aspect: Aspect | None = None, value: Decimal | None = None
) -> Appeal:
    """Say what was found. With an aspect and a value the mark is corrected, and ranks and prizes of all follow anew."""
    managed(appeal.entry.competition_id, by, CompetitionState.RANKED, doing="处理申诉")
    held = Appeal.objects.select_for_update(of=("self",)).select_related("entry__person").get(pk=appeal.pk)
    if held.state != AppealState.OPEN:
        raise Refused("这件申诉已经处理。请刷新页面。", code="wrong_state", clause=CLAUSE)
    held.finding = said(finding, "请写明处理结论和依据。")
    if (aspect is None) != (value is None) or (aspect and not upheld):
        raise Refused("更正分数要同时选评分项、填分数，并且申诉成立。", code="bad_correction", clause=CLAUSE)
    held.state = AppealState.UPHELD if upheld else AppealState.REJECTED
    held.settled_by, held.settled_on, held.version = by.display_name[:60], timezone.localdate(), held.version + 1
    before: dict[str, str] = {}
    after: dict[str, str] = {"state": held.state}
    if aspect and value is not None:
        old, ranks = _corrected(held, aspect, value, by)
        held.aspect, held.value = aspect, value
        before, after = {aspect.title: str(old)}, after | {aspect.title: str(value), "ranks_changed": str(ranks)}
    held.save(update_fields=["state", "finding", "settled_by", "settled_on", "version", "aspect", "value"])
    record("competitions.settle_appeal", by=by, of=held, before=before, after=after, reason=held.finding)
    return held


def _corrected(held: Appeal, aspect: Aspect, value: Decimal, by: Actor) -> tuple[Decimal | None, int]:
    """Put the value; returns the one before, and how many ranks changed."""
    competition = held.entry.competition
    if aspect.round.competition_id != competition.pk:
        raise Refused("这个评分项不属于这次竞赛。请刷新页面。", code="not_due", clause=CLAUSE)
    if not 0 <= value <= aspect.full or value != value.quantize(Decimal("0.01")):
        text = f"“{aspect.title}”应在 0 至 {aspect.full_text} 之间，最多两位小数。"
        raise Refused(text, code="mark_range", clause=CLAUSE)
    old = board_of(competition).cell(aspect.round, held.entry, aspect).value
    ranks = dict(Result.objects.filter(entry__competition=competition).values_list("entry_id", "rank"))
    facts = {"value": value, "by_name": by.display_name[:60], "reason": held.finding}
    Ruling.objects.update_or_create(entry=held.entry, aspect=aspect, kind=RulingKind.CORRECTED, defaults=facts)
    placed = write_results(board_of(competition))
    return old, sum(ranks.get(one.key) != one.rank for one in placed)
