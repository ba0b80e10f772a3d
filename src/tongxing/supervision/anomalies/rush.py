"""Many applications handed in by one organisation within a short time. It is the body that let them in which has to look at them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.utils import timezone

from tongxing.evaluation.models import Application

from .hits import Hit
from .limits import Limits


class Handed(NamedTuple):
    """One application that an organisation handed in."""

    organisation_id: int
    name: str
    body_id: int
    area_id: int
    at: datetime


def find(applications: Iterable[Handed], limits: Limits) -> list[Hit]:
    """The densest stretch of each organisation, body and day."""
    groups: dict[tuple[int, int, date], list[Handed]] = defaultdict(list)
    for row in applications:
        groups[row.organisation_id, row.body_id, timezone.localdate(row.at)].append(row)
    width, found = timedelta(hours=limits.rush_hours), []
    for (organisation, body, day), rows in groups.items():
        most = _densest(sorted(row.at for row in rows), width)
        if most >= limits.rush_applications:
            text = f"{rows[0].name}{day} 在 {limits.rush_hours:g} 小时内报名 {most} 份，当天共 {len(rows)} 份。"
            advice = "核对这些人是否真在该单位工作（任职、参保），抽几人打电话问本人是否知情。"
            figures = {"最密一段": most, "当天": len(rows)}
            found.append(Hit("rush", f"{organisation}:{body}:{day}", rows[0].area_id, body, text, advice, figures))
    return found


def _densest(moments: list[datetime], width: timedelta) -> int:
    most = first = 0
    for last, at in enumerate(moments):
        while at - moments[first] > width:
            first += 1
        most = max(most, last - first + 1)
    return most


def load(since: date) -> list[Handed]:
    """One query."""
    start = timezone.make_aware(datetime.combine(since, time.min))
    rows = Application.objects.standing().filter(organisation__isnull=False, created_at__gte=start).order_by("pk")
    fields = ("organisation_id", "organisation__name", "batch__filing__organisation_id", "batch__area_id", "created_at")
    return [Handed(*row) for row in rows.values_list(*fields)]
