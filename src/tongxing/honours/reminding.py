"""Reminders of a year's plan: the officers are told in steps before the last day of a step, and once when it is over."""

from datetime import date

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts.holders import officers_of
from tongxing.audit.log import SYSTEM, record
from tongxing.notices import inbox
from tongxing.policy import provisions
from tongxing.workdays.calendar import Calendar

from . import timing
from .models import Selection, SelectionState, Step

OVERDUE = -1
"""The rung of the ladder that stands for "over"."""


def remind(today: date | None = None) -> int:
    """The periodic job (settings.PERIODIC): one message for each rung of the ladder (honours.remind_before) that the present step reached.

    Where several rungs were passed since the last run only the last is told. Returns how many messages.
    """
    day = today or timezone.localdate()
    told = 0
    for pk in Selection.objects.filter(state=SelectionState.RUNNING).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = Selection.objects.select_for_update(of=("self",)).get(pk=pk)
            # Somebody may have ended it since the query.
            if row.state == SelectionState.RUNNING:
                told += _remind(row, day)
    return told


def _remind(row: Selection, day: date) -> bool:
    prefetch_related_objects([row], "steps")
    (clock,) = timing.clocks([row], day)
    line = next(one for one in clock.lines if one.step.stage == row.stage)
    rung = _rung(line.ends, day)
    if rung is None or (line.step.reminded is not None and line.step.reminded <= rung):
        return False
    Step.objects.filter(pk=line.step.pk).update(reminded=rung)
    stage = line.step.get_stage_display()
    title = f"“{stage}”已逾期：{row.title}" if rung == OVERDUE else f"“{stage}”{line.ends} 前应完成：{row.title}"
    body = f"最晚 {line.ends} 完成；{clock.short}。"
    inbox.tell(
        officers_of(row.area_id, "honours.manage"), title=title, body=body, url=reverse("honours:selection", args=[row.uid]), kind="warning"
    )
    record("honours.remind", by=SYSTEM, of=row, after={"stage": stage, "ends": str(line.ends), "rung": rung})
    return True


def _rung(ends: date, day: date) -> int | None:
    """The lowest rung that the day has reached, in working days before the end; None while all are ahead."""
    left = Calendar().working_days_between(day, ends)
    if left < 0:
        return OVERDUE
    return min((rung for rung in map(int, provisions.value("honours.remind_before", day)) if left <= rung), default=None)
