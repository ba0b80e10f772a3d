"""The status history of a coordinator: one stretch after another, never two at once, the open one last."""

from datetime import date, timedelta

from django.utils import timezone

from tongxing.core.errors import Refused

from .models import Coordinator, StatusPeriod


def begin(coordinator: Coordinator, status: str, *, on: date, reason: str) -> None:
    """Close the open stretch the day before `on` and open one of `status` from `on`; a stretch that would last no day is dropped."""
    present = coordinator.status_periods.filter(until=None).first()
    if present and on < present.since:
        raise Refused(
            f"日期 {on:%Y-%m-%d} 早于现状态“{present.get_status_display()}”的起始日 {present.since:%Y-%m-%d}，历史会重叠。"
            "请改用该日或之后的日期。",
            code="before_period",
        )
    if present and present.since == on:
        present.delete()
    elif present:
        present.until = on - timedelta(days=1)
        present.save(update_fields=["until"])
    StatusPeriod.objects.create(coordinator=coordinator, status=status, since=on, reason=reason)


def check_day(on: date) -> None:
    """Acts are dated today or before: the status column says what holds today."""
    if on > timezone.localdate():
        raise Refused(f"日期 {on:%Y-%m-%d} 还没有到。请在当天办理，或改为今天及以前的日期。", code="future_day")
