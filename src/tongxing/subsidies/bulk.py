"""Bulk acts that the sheet of claims calls: one transaction for a chunk; `sheets` writes the audit entry of the batch."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from tongxing.audit.log import Actor
from tongxing.core.errors import Refused
from tongxing.sheets.matching import among
from tongxing.sheets.sheet import Stale
from tongxing.sheets.writing import lock, remove_many

from .claiming import open_claims
from .judging import Ask
from .models import Claim, ClaimState, Happening


@transaction.atomic
def open_many(asks: Sequence[Ask], *, by: Actor) -> list[int]:
    """Open the claims of a chunk; gives their ids in order. Raises Stale when one is due no longer since the rows were judged."""
    try:
        return [claim.pk for claim in open_claims(asks, by=by)]
    except ValidationError as error:
        raise Stale from error
    except Refused as refused:
        if refused.status == 403:
            raise
        raise Stale from refused


def _moved_on(ids: Iterable[int]) -> list[Any]:
    """Claims that somebody did something with since they were opened."""
    rows = among(Claim.objects.all(), "id", list(ids)).order_by("pk")
    return [row for row in rows if row.version > 1 or row.state != ClaimState.SUBMITTED]


def what_stands_against(ids: Iterable[int]) -> list[str]:
    return [f"补贴申请 {row.serial} 已经{row.get_state_display()}或修改过" for row in _moved_on(ids)]


@transaction.atomic
def take_back(ids: Sequence[int]) -> None:
    """Remove claims that nobody handled; their serial numbers are not given again. Raises Stale when one was handled."""
    lock(Claim, ids)
    if _moved_on(ids):
        raise Stale
    remove_many(Happening, among(Happening.objects.all(), "claim", list(ids)).values_list("pk", flat=True))
    remove_many(Claim, ids)
