"""The one way in which something a coordinator holds comes to its end: a posting, a duty area, an assignment."""

from datetime import date

from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused

from .hosting import leaves_of, lock
from .models.coordinators import Held
from .periods import check_day
from .rules_people import can_edit_at


def end_held(row: Held, *, by: Actor, on: date | None, reason: str, act: str, place: dict[str, str]) -> set[int]:
    """Write the last day of `row` and the audit entry `act`, which names the `place`; returns the leaf areas whose figures it may move.

    Call it inside the act's transaction and settle after it.
    """
    on, coordinator = on or timezone.localdate(), row.coordinator
    lock(coordinator)
    insist(can_edit_at(by, coordinator.area_id))
    touched = leaves_of(coordinator)
    check_day(on)
    row.refresh_from_db(fields=["since", "until"])
    if row.until:
        raise Refused(f"这条记录已于 {row.until:%Y-%m-%d} 结束。请刷新页面。", code="already_ended")
    if on < row.since:
        raise Refused(f"结束日期 {on:%Y-%m-%d} 早于开始日期 {row.since:%Y-%m-%d}。请核对日期。", code="ends_before_start")
    row.until, row.reason = on, reason or row.reason
    row.save(update_fields=["until", "reason"])
    record(act, by=by, of=coordinator, before=place | {"until": None}, after=place | {"until": on.isoformat()}, reason=reason)
    return touched
