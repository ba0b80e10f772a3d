"""What a reviewer does with a nominee in hand: type scores (kept at once), submit them (sealed), abstain; and what may be seen of others."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused, said
from tongxing.files.guard import leaks_in, refuse_leaks

from .models import Assignment, AssignmentState, Criterion, Panel, Score, Sight
from .ranking import Weighted, total

LONGEST_COMMENT = 1_000


@transaction.atomic
def keep(assignment: Assignment, *, by: Actor, scores: Mapping[int, int | None], comment: str = "") -> Assignment:
    """Keep what is typed so far, by criterion id; it counts when it is submitted."""
    row = _in_hand(assignment, by)
    refuse_leaks(leaks_in(comment, "评语"))
    criteria = {one.pk: one for one in criteria_of(row.panel)}
    for pk, value in scores.items():
        if pk not in criteria:
            raise Refused("评分项已经变化。请刷新页面后重填。", code="criterion")
        if value is not None and not 0 <= value <= 100:
            raise Refused(f"“{criteria[pk].title}”要在 0 至 100 之间，现在是 {value}。", code="score_range")
    Score.objects.filter(assignment=row, criterion_id__in=[pk for pk, value in scores.items() if value is None]).delete()
    for pk, value in scores.items():
        if value is not None:
            Score.objects.update_or_create(assignment=row, criterion_id=pk, defaults={"value": value})
    row.comment, row.version = comment.strip()[:LONGEST_COMMENT], row.version + 1
    row.save(update_fields=["comment", "version"])
    return row


@transaction.atomic
def submit(assignment: Assignment, *, by: Actor, scores: Mapping[int, int | None], comment: str = "") -> Assignment:
    """Hand the scores in. From now on they change only by a recorded re-opening; the log keeps that they were given, not how high."""
    row = keep(assignment, by=by, scores=scores, comment=comment)
    given = set(Score.objects.filter(assignment=row).values_list("criterion_id", flat=True))
    if missing := [one.title for one in criteria_of(row.panel) if one.pk not in given]:
        raise Refused(f"“{'”、“'.join(missing)}”还没有打分。全部打分后才能提交。", code="incomplete")
    row.state, row.submitted_at, row.reason = AssignmentState.DONE, timezone.now(), ""
    row.save(update_fields=["state", "submitted_at", "reason"])
    record("honours.submit_scores", by=by, of=row, after={"criteria": len(given)})
    return row


@transaction.atomic
def abstain(assignment: Assignment, *, by: Actor, reason: str) -> Assignment:
    """Give no score, with a reason; the nominee's figure is made of the others."""
    row = _in_hand(assignment, by)
    row.reason = said(reason, "请写明弃权的原因。", longest=200)
    row.state, row.submitted_at, row.version = AssignmentState.ABSTAINED, timezone.now(), row.version + 1
    Score.objects.filter(assignment=row).delete()
    row.save(update_fields=["state", "submitted_at", "reason", "version"])
    record("honours.abstain", by=by, of=row, after={"state": row.state}, reason=row.reason)
    return row


def criteria_of(panel: Panel) -> list[Criterion]:
    return list(Criterion.objects.filter(selection_id=panel.selection_id, kind=panel.kind))


class Other(NamedTuple):
    """What a colleague gave, without a name."""

    total: Decimal
    comment: str


def others_of(assignment: Assignment) -> list[Other] | None:
    """The totals of colleagues for the same nominee, where the panel opens them and the own scores are in; None when they are sealed."""
    if assignment.panel.sight != Sight.AFTER_OWN or assignment.state != AssignmentState.DONE:
        return None
    rows = Assignment.objects.filter(panel_id=assignment.panel_id, nomination_id=assignment.nomination_id, state=AssignmentState.DONE)
    rows = rows.exclude(pk=assignment.pk).prefetch_related("scores__criterion").order_by("uid")
    return [Other(total_of(row), row.comment) for row in rows]


def total_of(row: Assignment) -> Decimal:
    return total(Weighted(tuple((score.value, score.criterion.weight) for score in row.scores.all())))


def _in_hand(assignment: Assignment, by: Actor) -> Assignment:
    """The assignment, the reviewer's own and still to be scored, held."""
    rows = Assignment.objects.select_for_update(of=("self",)).select_related("panel", "reviewer")
    row = rows.get(pk=assignment.pk)
    if by.pk is None or by.pk != row.reviewer.user_id:
        raise Refused("只有这份材料的评审本人能评分。", code="not_own", status=403)
    if row.panel.state != Panel.State.OPEN:
        raise Refused("这一类的评审已经结束，不能再评分。", code="panel_closed")
    if row.state != AssignmentState.GIVEN:
        raise Refused(f"这份评审{row.get_state_display()}，不能再改。确需重评请联系经办人。", code="wrong_state")
    return row
