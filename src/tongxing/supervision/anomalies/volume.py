"""Certificates of a body in a week, against its own weeks before and against the seats in which people can have been examined."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from statistics import median
from typing import NamedTuple

from tongxing.certificates.models import Certificate
from tongxing.evaluation.models import AssessmentBatch
from tongxing.evaluation.models.batches import BatchState

from .hits import Hit
from .limits import Limits

HELD = (BatchState.EXAMINED, BatchState.SCORED, BatchState.PUBLISHED, BatchState.ISSUED, BatchState.ARCHIVED)


class Body(NamedTuple):
    """Certificates by the Monday of their week, and seats by the day of the examination (none: it does not work with the system)."""

    organisation_id: int
    area_id: int
    name: str
    weeks: Mapping[date, int]
    seats: Mapping[date, int]


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def find(bodies: Iterable[Body], limits: Limits) -> list[Hit]:
    return [hit for body in bodies for week in sorted(body.weeks) for hit in _week(body, week, limits)]


def _week(body: Body, week: date, limits: Limits) -> list[Hit]:
    count, found = body.weeks[week], []
    before = [number for other, number in body.weeks.items() if other < week]
    if count >= limits.volume_least and len(before) >= limits.volume_weeks and count > limits.volume_factor * median(before):
        usual = median(before)
        text = f"{body.name}在 {week} 起的一周发证 {count} 本，此前 {len(before)} 个发证周的中位数是 {usual:g} 本。"
        advice = "核对这一周的批次：考试人数、考点容量和公示时间是否对得上；对不上的安排现场检查。"
        figures = {"本周": count, "中位数": usual, "比较的周数": len(before)}
        found.append(Hit("volume", f"{body.organisation_id}:{week}", body.area_id, body.organisation_id, text, advice, figures))
    # Certificates from before its first examination here were given before the body worked with the system.
    if body.seats and week >= monday(min(body.seats)):
        first = week - timedelta(days=limits.seats_days)
        seats = sum(number for day, number in body.seats.items() if first <= day <= week + timedelta(days=6))
        if count > seats:
            text = f"{body.name}在 {week} 起的一周发证 {count} 本，而此前 {limits.seats_days} 天考试的座位合计只有 {seats} 个。"
            advice = "调取这些证书对应的批次和签到表；没有考试记录的证书，核实来源后在证书页面处理。"
            figures = {"本周发证": count, "座位": seats}
            found.append(Hit("seats", f"{body.organisation_id}:{week}", body.area_id, body.organisation_id, text, advice, figures))
    return found


def load(since: date) -> list[Body]:
    """Two queries, however many bodies there are."""
    weeks: dict[int, Counter[date]] = defaultdict(Counter)
    seats: dict[int, Counter[date]] = defaultdict(Counter)
    named: dict[int, tuple[int, str]] = {}
    rows = Certificate.objects.filter(body__isnull=False, issued_on__gte=since).order_by()
    for body, area, name, day in rows.values_list("body_id", "body__area_id", "body__name", "issued_on"):
        weeks[body][monday(day)] += 1
        named[body] = area, name
    held = AssessmentBatch.objects.filter(exam_on__gte=since - timedelta(days=90), state__in=HELD).order_by()
    for body, day, capacity, room in held.values_list("filing__organisation_id", "exam_on", "capacity", "site__capacity"):
        seats[body][day] += min(capacity, room)
    return [Body(pk, *named[pk], weeks[pk], seats.get(pk, {})) for pk in sorted(weeks)]
