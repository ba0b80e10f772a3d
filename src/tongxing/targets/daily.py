"""What a worker does for this room once a day; every step may be repeated."""

from datetime import date
from typing import NamedTuple

from django.utils import timezone

from .escalation import Escalated, escalate
from .gaps import sync_gaps
from .recounting import recount_all
from .snapshots import take_snapshot


class Done(NamedTuple):
    opened: int
    closed: int
    escalated: Escalated
    snapshots: int


def run(today: date | None = None) -> Done:
    """Count all anew, bring gaps in line, escalate what is overdue, keep the day's figures."""
    day = today or timezone.localdate()
    recount_all()
    opened, closed = sync_gaps()
    return Done(opened, closed, escalate(day), take_snapshot(day))
