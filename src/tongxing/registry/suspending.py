"""Suspending an organisation and letting it go again: the tool of the rooms whose work it is kept from. They ask who may, and write the log."""

from datetime import date
from typing import Any, TypeVar

from django.utils import timezone

from tongxing.audit.log import Actor
from tongxing.core.errors import Refused

from .models import Organisation
from .models.suspensions import OrganisationSuspension

S = TypeVar("S", bound=OrganisationSuspension)


def entered(
    model: type[S], organisation: Organisation, *, by: Actor, since: date, until: date | None, document: str, what: str, **facts: Any
) -> S:
    """Write a suspension down; `what` names it for the refusals (暂停评价), `facts` are the columns of the room's own table."""
    if until and until < since:
        raise Refused("截止日期早于开始日期，请核对。", code="bad_day")
    if not document.strip():
        raise Refused(f"请填写{what}的决定文书，机构会看到依据。", code="document_missing")
    values = {"since": since, "until": until, "document": document.strip()[:120], "recorded_by": by.display_name[:60]}
    row = model(organisation=organisation, **values, **facts)
    row.save(force_insert=True)
    return row


def locked(suspension: S) -> S:
    """The suspension as it stands now, with its organisation, held until the transaction ends."""
    rows = type(suspension)._default_manager.select_for_update(of=("self",)).select_related("organisation")
    row: S = rows.get(pk=suspension.pk)
    return row


def ended(row: S, reason: str) -> S:
    """From today on it holds no more; the caller holds the row."""
    today = timezone.localdate()
    if row.lifted_on or (row.until and row.until < today):
        raise Refused("这次暂停已经解除或期满。请刷新页面。", code="already_ended")
    if not reason.strip():
        raise Refused("请写明解除的原因，例如整改已复查合格。", code="reason_missing")
    row.lifted_on, row.lifted_reason = max(today, row.since), reason.strip()[:200]
    row.save(update_fields=["lifted_on", "lifted_reason"])
    return row
