"""Trend: what the figures were at each month's end, taken on the day or reckoned from the register's history."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from .counting import Tally, count
from .models import LeafFigure, Snapshot, Target
from .reach import Reach
from .recounting import BATCH, refresh

STALE_AFTER = timedelta(hours=12)
MOST_MONTHS = 36


class Point(NamedTuple):
    """One day of a series. `computed`: reckoned later from history."""

    day: date
    tally: Tally
    computed: bool

    @property
    def rate(self) -> float | None:
        counted = self.tally.total - self.tally.exempt
        return self.tally.covered / counted if counted else None

    def needed(self, share: float) -> float:
        return share * (self.tally.total - self.tally.exempt)


@transaction.atomic
def take_snapshot(day: date | None = None) -> int:
    """Keep today's figures: every day for counties and above, on the last day of a month for each leaf too. Returns how many rows."""
    today = refresh()
    day = day or today
    if day != today:
        raise ValueError("a snapshot is taken on its day; other days are reckoned by series()")
    rows = LeafFigure.objects.filter(rolled=True)
    if (day + timedelta(days=1)).day == 1:
        rows = LeafFigure.objects.all().order_by("-rolled")
    kept: dict[tuple[str, int], Snapshot] = {}
    for key, code, total, covered, certified, exempt in rows.values_list(
        "target_key", "area_code", "total", "covered", "certified", "exempt"
    ):
        kept.setdefault(
            (key, code),
            Snapshot(target_key=key, area_code=code, day=day, total=total, covered=covered, certified=certified, exempt=exempt),
        )
    _keep(kept.values())
    return len(kept)


def _keep(rows: Iterable[Snapshot]) -> None:
    Snapshot.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["area_code", "target_key", "day"],
        update_fields=["total", "covered", "certified", "exempt", "computed", "taken_at"],
    )


def month_ends(today: date, months: int) -> list[date]:
    """The last days of the `months` months before today's, oldest first."""
    days: list[date] = []
    first = today.replace(day=1)
    for _ in range(months):
        last = first - timedelta(days=1)
        days.append(last)
        first = last.replace(day=1)
    return days[::-1]


def series(area_code: int, key: str, months: int = 24) -> list[Point]:
    """Month ends and today. Months without a snapshot are reckoned from history, at most twice a day."""
    target = Target.objects.get(key=key)
    today = refresh()
    wanted = month_ends(today, min(months, MOST_MONTHS))
    held = {row.day: row for row in Snapshot.objects.filter(area_code=area_code, target_key=key, day__in=wanted)}
    fresh = timezone.now() - STALE_AFTER
    missing = [day for day in wanted if day not in held or (held[day].computed and held[day].taken_at < fresh)]
    reckoned = [_reckon(target, area_code, day) for day in missing]
    _keep(reckoned)
    held |= {row.day: row for row in reckoned}
    points = [
        Point(day, Tally(held[day].total, held[day].covered, held[day].certified, held[day].exempt), held[day].computed) for day in wanted
    ]
    return [*points, Point(today, _today(area_code, key), computed=False)]


def _today(area_code: int, key: str) -> Tally:
    from .figures import tallies_of

    return tallies_of(area_code).get(key, Tally())


def _reckon(target: Target, area_code: int, day: date) -> Snapshot:
    sum_ = Tally()
    for part in count(target, day, Reach.below(area_code)).values():
        sum_.add(part)
    return Snapshot(
        target_key=target.key,
        area_code=area_code,
        day=day,
        total=sum_.total,
        covered=sum_.covered,
        certified=sum_.certified,
        exempt=sum_.exempt,
        computed=True,
    )
