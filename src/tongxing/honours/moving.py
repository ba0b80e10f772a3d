"""Moving nominations from state to state: one door, so that no step is done twice and each leaves its entry in the log."""

from typing import Any, NamedTuple

from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused

from .models import Nomination, NominationState


class Move(NamedTuple):
    sources: frozenset[str]
    target: NominationState


S = NominationState
MOVES: dict[str, Move] = {
    "submit": Move(frozenset({S.DRAFT, S.RETURNED}), S.SUBMITTED),
    "return": Move(frozenset({S.SUBMITTED, S.ACCEPTED}), S.RETURNED),
    "accept": Move(frozenset({S.SUBMITTED}), S.ACCEPTED),
    "refuse": Move(frozenset({S.SUBMITTED}), S.REFUSED),
    "withdraw": Move(frozenset({S.DRAFT, S.SUBMITTED, S.RETURNED, S.ACCEPTED, S.CHOSEN}), S.WITHDRAWN),
    "choose": Move(frozenset({S.ACCEPTED}), S.CHOSEN),
    "pass_over": Move(frozenset({S.ACCEPTED}), S.PASSED_OVER),
    "reconsider": Move(frozenset({S.CHOSEN, S.PASSED_OVER}), S.ACCEPTED),
    "stop": Move(frozenset({S.CHOSEN}), S.STOPPED),
    "recommend": Move(frozenset({S.CHOSEN}), S.RECOMMENDED),
}


def held(nomination: Nomination) -> Nomination:
    """The nomination as it stands now, held until the transaction ends, with what its rules look at."""
    rows = Nomination.objects.select_for_update(of=("self",)).select_related("selection", "person", "organisation", "area")
    return rows.get(pk=nomination.pk)


def can_move(nomination: Nomination, act: str) -> bool:
    return nomination.state in MOVES[act].sources


def move(nomination: Nomination, act: str, *, by: Actor, note: str = "", **fields: Any) -> None:
    """One step of a nomination that is `held`; `fields` are written along with the new state. Refuses when it stands elsewhere."""
    if not can_move(nomination, act):
        raise Refused(f"“{nomination}”现在是“{nomination.get_state_display()}”，不能这样办理。请刷新页面。", code="wrong_state")
    before = nomination.state
    nomination.state, nomination.state_note, nomination.updated_at = MOVES[act].target, note[:300], timezone.now()
    nomination.version += 1
    for name, value in fields.items():
        setattr(nomination, name, value)
    nomination.save(update_fields=["state", "state_note", "updated_at", "version", *fields])
    after = {"state": nomination.state, **{name: str(value) for name, value in fields.items() if name != "verdict"}}
    record(f"honours.{act}", by=by, of=nomination, before={"state": before}, after=after, reason=note)
