"""When the target will be met at the present pace: a straight line through the last months, against the deadline (notice:2.1-2.4)."""

from dataclasses import dataclass
from datetime import date, timedelta

from .definitions import number
from .figures import figure
from .snapshots import Point, series

FARTHEST_DAYS = 366 * 20


@dataclass(frozen=True)
class Forecast:
    """`reached_on` is None when the present pace never gets there; `pace` is units a month."""

    key: str
    needed: int
    covered: int
    deadline: date | None
    pace: float
    reached_on: date | None
    met: bool
    months: int

    @property
    def sentence(self) -> str:
        if self.needed == 0:
            return "范围内没有需要覆盖的对象。"
        if self.met:
            return "已经达到目标。"
        if self.reached_on is None:
            return f"近 {self.months} 个月没有进展，按现在的进度无法完成。请看席位安排，先补能销最多缺口的对象。"
        text = f"近 {self.months} 个月平均每月新增 {self.pace:.1f} 个，按现在的进度要到 {self.reached_on:%Y-%m-%d} 完成"
        if self.deadline is None:
            return f"{text}。"
        if self.reached_on <= self.deadline:
            return f"{text}，早于期限 {self.deadline}。"
        return f"{text}，比期限 {self.deadline} 晚 {(self.reached_on - self.deadline).days} 天。"


def slope(points: list[Point]) -> float:
    """Units a day: least squares of covered units over days; 0 with fewer than two points."""
    days = [float((point.day - points[0].day).days) for point in points]
    covered = [float(point.tally.covered) for point in points]
    if len(points) < 2:
        return 0.0
    mean_day, mean_covered = sum(days) / len(days), sum(covered) / len(covered)
    spread = sum((day - mean_day) ** 2 for day in days)
    return sum((day - mean_day) * (value - mean_covered) for day, value in zip(days, covered, strict=True)) / spread if spread else 0.0


def forecast(area_code: int, key: str) -> Forecast:
    """At the pace of the last months (provision `targets.forecast.months`)."""
    now = figure(area_code, key)
    months = int(number("targets.forecast.months", now.day))
    pace = slope(series(area_code, key, months)[-(months + 1) :])
    missing = now.gap
    days = missing / pace if pace > 0 else None
    reached = now.day + timedelta(days=round(days)) if days is not None and days <= FARTHEST_DAYS else None
    return Forecast(
        key=key,
        needed=now.needed,
        covered=now.covered,
        deadline=now.deadline,
        pace=pace * 30.44,
        reached_on=now.day if now.met else reached,
        met=now.met,
        months=months,
    )
