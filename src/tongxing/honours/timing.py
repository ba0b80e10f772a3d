"""A selection's plan against today's clock, as pages and the start page show it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from tongxing.workdays.calendar import Calendar

from . import schedule
from .models import Selection, SelectionState, Stage, Step

TIGHT = 5
"""Working days in hand below which the plan is amber."""


@dataclass(frozen=True)
class Line:
    """One step: what is planned, what came of it, and how it stands: done, late, now or later."""

    step: Step
    begins: date
    ends: date
    expected: date | None
    state: str

    @property
    def tone(self) -> str:
        return {"done": "green", "late": "red", "now": "teal", "later": "grey"}[self.state]

    @property
    def word(self) -> str:
        return {"done": "已完成", "late": "已逾期", "now": "进行中", "later": "未开始"}[self.state]

    @property
    def overrun(self) -> bool:
        """Whether it was done after its last day."""
        return self.step.done_on is not None and self.step.done_on > self.ends


@dataclass(frozen=True)
class Clock:
    """The whole chain: its lines, the working days in hand, and a sentence for lists."""

    lines: tuple[Line, ...]
    slack: int
    short: str
    tone: str

    @property
    def fits(self) -> bool:
        return self.slack >= 0

    @property
    def late_by(self) -> int:
        """Working days by which the day due is missed."""
        return max(0, -self.slack)


def clocks(selections: Iterable[Selection], today: date | None = None) -> list[Clock]:
    """One clock for each; the calendar is read once, the steps should be fetched before."""
    day, calendar = today or timezone.localdate(), Calendar()
    return [_clock(row, day, calendar) for row in selections]


def late_among(selections: "QuerySet[Selection]") -> list[int]:
    """Ids of those that run and have a step that is late, or a chain that no longer fits. One area has one a year: they are few."""
    rows = list(selections.filter(state=SelectionState.RUNNING).prefetch_related("steps"))
    pairs = zip(rows, clocks(rows), strict=True)
    return [row.pk for row, clock in pairs if not clock.fits or any(line.state == "late" for line in clock.lines)]


def _clock(row: Selection, today: date, calendar: Calendar) -> Clock:
    steps = sorted(row.steps.all(), key=lambda step: step.place)
    done = {step.stage: step.done_on for step in steps if step.done_on}
    days = [(step.stage, step.days) for step in steps]
    # Nothing stands before the first step: it is taken to have begun when it had to.
    first = schedule.backwards(days, row.due_on, calendar)[0].begins
    begun = next((step.begun_on or first for step in steps if not step.done_on), None)
    stands = schedule.standing(days, row.due_on, today, done, calendar, begun=begun)
    expected = {span.key: span.ends for span in stands.expected}
    running = row.state == SelectionState.RUNNING
    lines = [
        Line(step, span.begins, span.ends, expected.get(step.stage) if running else None, _state(step, row, stands))
        for step, span in zip(steps, stands.planned, strict=True)
    ]
    short, tone = _said(row, stands)
    return Clock(tuple(lines), stands.slack, short, tone)


def _state(step: Step, row: Selection, stands: schedule.Standing) -> str:
    if step.done_on:
        return "done"
    if row.state != SelectionState.RUNNING:
        return "later"
    if step.stage in stands.late:
        return "late"
    return "now" if step.stage == row.stage else "later"


def _said(row: Selection, stands: schedule.Standing) -> tuple[str, str]:
    if row.state == SelectionState.CANCELLED:
        return "已取消", "grey"
    if row.state == SelectionState.DONE:
        return ("按期报送", "green") if stands.fits else (f"晚了 {-stands.slack} 个工作日报送", "red")
    if not stands.fits:
        return f"赶不上，差 {-stands.slack} 个工作日", "red"
    if stands.late:
        return f"{Stage(stands.late[0]).label}逾期，还余 {stands.slack} 个工作日", "amber"
    return f"余 {stands.slack} 个工作日", "amber" if stands.slack < TIGHT else "green"
