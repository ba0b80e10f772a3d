"""Inspection plans for the public (双随机、一公开): the announcement with its digests, afterwards seed and result, the record to do the draw again.

Names of inspectors are masked. What was drawn is shown only when it was published: a body that knew would be warned.
"""

from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Q

from tongxing.credentials.payload import masked_name
from tongxing.supervision.models import Draw, FindingState, Plan, PooledInspector, Visit, VisitState

SHOWN = 50


class Line(NamedTuple):
    """One object that was drawn, who was drawn for it, and how it ended."""

    place: str
    inspectors: str
    outcome: str


def plans() -> list[Plan]:
    """What was announced, the newest first."""
    return list(Plan.objects.public().select_related("area")[:SHOWN])


def plan_of(uid: UUID) -> Plan | None:
    return Plan.objects.public().select_related("area").filter(uid=uid).first()


def draws_of(plan: Plan) -> list[tuple[Draw, list[Line]]]:
    """Every draw of a plan, also the voided ones; with its lines when it was published. Four queries, however much was drawn."""
    draws = list(plan.draws.prefetch_related("candidates"))
    published = [one.pk for one in draws if one.published_at]
    pooled = PooledInspector.objects.filter(draw__in=published).values_list("draw_id", "key", "inspector__user__name")
    names = {(draw, key): masked_name(name) for draw, key, name in pooled}
    places = {(one.draw_id, one.key): one.name for draw in draws if draw.published_at for one in draw.candidates.all()}
    ended = {(visit.draw_id, visit.place): _outcome(visit.state, visit.findings_count) for visit in _visits(published)}
    found = []
    for draw in draws:
        lines = [
            Line(
                places[draw.pk, one["key"]],
                "、".join(names[draw.pk, who] for who in one["inspectors"]),
                ended.get((draw.pk, places[draw.pk, one["key"]]), "作废"),
            )
            for one in (draw.result if draw.published_at else ())
        ]
        found.append((draw, lines))
    return found


def _visits(published: list[int]) -> list[Any]:
    rows = Visit.objects.filter(draw__in=published)
    return list(rows.annotate(findings_count=Count("findings", filter=~Q(findings__state=FindingState.WITHDRAWN))))


def _outcome(state: str, findings: int) -> str:
    if state != VisitState.DONE:
        return "没有检查"
    return f"发现问题 {findings} 个，已要求整改" if findings else "未发现问题"
