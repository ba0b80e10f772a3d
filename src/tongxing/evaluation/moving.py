"""How a batch goes from state to state: the row is held, the table of moves is asked, the state is saved with its day."""

from typing import Any

from django.utils import timezone

from tongxing.core.errors import Refused

from .models import MOVES, AssessmentBatch


def held(batch: AssessmentBatch) -> AssessmentBatch:
    """The row as it stands now, held until the transaction ends: two officers on one batch go one after the other."""
    rows = AssessmentBatch.objects.select_for_update(of=("self",)).select_related("filing__organisation", "site", "area")
    return rows.get(pk=batch.pk)


def may(batch: AssessmentBatch, act: str) -> bool:
    return batch.state in MOVES[act].sources


def insist_move(batch: AssessmentBatch, act: str) -> None:
    """Refused unless the table of moves allows the act from the present state."""
    if not may(batch, act):
        now, label = batch.get_state_display(), MOVES[act].label
        raise Refused(f"批次 {batch.code} 现在是“{now}”，不能“{label}”。可能已有同事办过这一步，请刷新页面查看。", code="wrong_state")


def insist_state(batch: AssessmentBatch, *states: str, doing: str) -> None:
    """Refused unless the batch stands in one of the states; `doing` says what was wanted."""
    if batch.state not in states:
        raise Refused(f"批次 {batch.code} 现在是“{batch.get_state_display()}”，不能{doing}。请刷新页面查看。", code="wrong_state")


def move(batch: AssessmentBatch, act: str, **values: Any) -> AssessmentBatch:
    """Save the next state and `values`; the caller holds the row and has asked everything else."""
    insist_move(batch, act)
    batch.state, batch.state_on = MOVES[act].target, timezone.localdate()
    return save(batch, state=batch.state, state_on=batch.state_on, **values)


def save(batch: AssessmentBatch, **values: Any) -> AssessmentBatch:
    for field, value in values.items():
        setattr(batch, field, value)
    batch.version, batch.updated_at = batch.version + 1, timezone.now()
    batch.save(update_fields=[*values, "version", "updated_at"])
    return batch
