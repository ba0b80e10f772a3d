"""Pass rates of a body: unusually high against its own history, or against other bodies. Few candidates prove nothing, and none is said of them.

The reference share is taken at the upper end of its Wilson interval, so that a short history does not make a normal rate look strange;
the probability of what was seen is the exact tail of the binomial.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Count, Q

from tongxing.evaluation.models import Candidate

from .hits import Hit, at_least, percent, wilson_upper
from .limits import Limits


class Rate(NamedTuple):
    """Present and passed, lately and before."""

    organisation_id: int
    area_id: int
    name: str
    present: int
    passed: int
    present_before: int
    passed_before: int


def find(rates: Iterable[Rate], limits: Limits, quarter: str) -> list[Hit]:
    """`quarter` keeps one finding for each body and quarter, while the window moves on daily."""
    rows, found = list(rates), []
    for row in rows:
        if row.present < limits.passes_least:
            continue
        others = [one for one in rows if one.organisation_id != row.organisation_id]
        compared = (
            ("自己以前", row.passed_before, row.present_before),
            ("其他机构同期", sum(one.passed for one in others), sum(one.present for one in others)),
        )
        for name, passed, present in compared:
            odds = at_least(row.passed, row.present, wilson_upper(passed, present))
            if present >= limits.passes_least and odds < limits.by_chance:
                found.append(_hit(row, name, passed, present, odds, limits, quarter))
    return found


def _hit(row: Rate, against: str, passed: int, present: int, odds: float, limits: Limits, quarter: str) -> Hit:
    text = (
        f"{row.name}近 {limits.passes_days} 天到考 {row.present} 人、合格 {row.passed} 人（{percent(row.passed, row.present)}），"
        f"{against}是 {present} 人中合格 {passed} 人（{percent(passed, present)}）。若水平没有变，碰巧这样高的概率约 {odds:.1e}。"
    )
    advice = "抽看答题卡和评分记录，复核评分尺度；必要时安排现场检查或换考评员重评一部分。"
    reference = f"{row.organisation_id}:{'own' if against == '自己以前' else 'others'}:{quarter}"
    figures = {"到考": row.present, "合格": row.passed, "对照到考": present, "对照合格": passed, "概率": odds}
    return Hit("passes", reference, row.area_id, row.organisation_id, text, advice, figures)


def load(today: date, limits: Limits) -> list[Rate]:
    """One query."""
    first, start = today - timedelta(days=limits.passes_days), today - timedelta(days=limits.back_days + limits.passes_days)
    lately = Q(batch__exam_on__gte=first)
    rows = (
        Candidate.objects.filter(attendance="present", passed__isnull=False, batch__exam_on__gte=start)
        .order_by()
        .values_list("batch__filing__organisation_id", "batch__filing__organisation__area_id", "batch__filing__organisation__name")
        .annotate(
            present=Count("pk", filter=lately),
            good=Count("pk", filter=lately & Q(passed=True)),
            present_before=Count("pk", filter=~lately),
            good_before=Count("pk", filter=~lately & Q(passed=True)),
        )
    )
    return [Rate(*row) for row in rows]


def quarter_of(day: date) -> str:
    return f"{day.year}Q{(day.month + 2) // 3}"
