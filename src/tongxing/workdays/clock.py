"""The clock of a public notice that an objection stops for one name: what was left in working days is what is left afterwards."""

from datetime import date

from .calendar import add_working_days, working_days_between


def left(on: date, until: date) -> int:
    """Working days that are still to run when the clock stops on `on`; none when it had run out."""
    return max(0, working_days_between(on, until)) if until > on else 0


def resumed(on: date, until: date, days: int) -> date:
    """The new last day when the clock goes on with `days` left on `on`; never before the old one."""
    return max(until, add_working_days(on, days))
