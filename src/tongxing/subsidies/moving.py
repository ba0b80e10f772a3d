"""Moving claims from state to state: one door, so that no step is done twice and every step leaves its trace."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone

from tongxing.audit.log import Actor
from tongxing.core.errors import Refused

from .models import Claim, Happening
from .models.claims import MOVE


def locked(claims: Iterable[int]) -> list[Claim]:
    """The claims as they stand now, held until the transaction ends; in the order of their ids, so that two officers never wait for one another for ever."""
    rows = Claim.objects.select_for_update(of=("self",)).filter(pk__in=list(claims)).order_by("pk")
    return list(rows.select_related("person", "certificate__person", "payee_person", "payee_organisation"))


def one(claim: Claim) -> Claim:
    return locked([claim.pk])[0]


def insist_on_move(claims: Iterable[Claim], act: str) -> None:
    """Refuses when one of the claims does not stand where the act begins."""
    move = MOVE[act]
    for claim in claims:
        if claim.state not in move.sources:
            raise Refused(f"{claim.serial} 现在是“{claim.get_state_display()}”，不能这样办理。请刷新页面。", code="wrong_state")


def move(claims: Sequence[Claim], act: str, *, by: Actor, note: str = "", **fields: Any) -> None:
    """Carry out one step for claims that were `locked`; `fields` are written along with the new state."""
    insist_on_move(claims, act)
    target, now = MOVE[act].target, timezone.now()
    for claim in claims:
        claim.state, claim.state_note, claim.updated_at = target, note[:300], now
        claim.version += 1
        for name, value in fields.items():
            setattr(claim, name, value)
    Claim.objects.bulk_update(claims, ["state", "state_note", "updated_at", "version", *fields], batch_size=500)
    note_step(claims, by=by, note=note)


def note_step(claims: Iterable[Claim], *, by: Actor, note: str = "") -> None:
    """Write a step into the claims' own stories."""
    steps = [Happening(claim=claim, state=claim.state, by=by.display_name[:60], note=note[:300]) for claim in claims]
    Happening.objects.bulk_create(steps, batch_size=500)
