"""The watch: every rule is asked by the timetable, each finding is kept once; it is dismissed with a reason, or becomes a visit or an issue."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from tongxing.audit.log import SYSTEM, Actor, record
from tongxing.core.errors import Refused, said
from tongxing.core.locks import one_at_a_time

from . import rectifying, telling, visiting
from .anomalies import absence, passes, places, rush, scores, sharing, volume
from .anomalies.hits import Hit
from .anomalies.limits import limits_on
from .models import Anomaly, AnomalyState, Finding, Inspector, Visit
from .rules import can_manage, insist


def look(today: date) -> list[Hit]:
    """All that the rules see on a day: about a dozen queries, however much there is to see."""
    limits = limits_on(today)
    since = today - timedelta(days=limits.back_days)
    return [
        *volume.find(volume.load(since), limits),
        *passes.find(passes.load(today, limits), limits, passes.quarter_of(today)),
        *sharing.find(sharing.load(since), limits),
        *places.find(places.load(since), limits),
        *scores.find(scores.load(since), limits),
        *rush.find(rush.load(since), limits),
        *absence.find(absence.load(since), limits),
    ]


def run(today: date | None = None) -> int:
    """The periodic job (settings.PERIODIC): keep what is new, freshen what stands open, note what is gone. Returns how many are new."""
    day = today or timezone.localdate()
    hits = {hit.key: hit for hit in look(day)}
    with one_at_a_time("supervision.watch"):
        known = {(row.rule, row.reference): row for row in Anomaly.objects.filter(state=AnomalyState.OPEN)}
        settled = set(Anomaly.objects.exclude(state=AnomalyState.OPEN).values_list("rule", "reference"))
        _freshen(known.values(), hits, day)
        new = [
            Anomaly(
                rule=hit.rule,
                reference=hit.reference,
                organisation_id=hit.organisation_id,
                area_id=hit.area_id,
                text=hit.text[:500],
                advice=hit.advice[:200],
                figures=hit.figures,
                seen_on=day,
            )
            for key, hit in hits.items()
            if key not in known and key not in settled
        ]
        made = Anomaly.objects.bulk_create(new, batch_size=500)
        if made:
            record(
                "supervision.watch", by=SYSTEM, object_type="supervision.anomaly", object_id=day, label="异常监测", after={"new": len(made)}
            )
            _tell(made)
    return len(made)


def _freshen(rows: Iterable[Anomaly], hits: dict[tuple[str, str], Hit], day: date) -> None:
    """What stands open says the figures of today; what the rules no longer see is marked, for somebody to close it."""
    changed = []
    for row in rows:
        hit = hits.get((row.rule, row.reference))
        now = (hit.text[:500], hit.figures, None) if hit else (row.text, row.figures, row.gone_on or day)
        if now != (row.text, row.figures, row.gone_on):
            row.text, row.figures, row.gone_on = now
            changed.append(row)
    Anomaly.objects.bulk_update(changed, ["text", "figures", "gone_on"], batch_size=500)


def _tell(rows: list[Anomaly]) -> None:
    """One notice for each area, whatever number of findings."""
    areas: dict[int, list[Anomaly]] = {}
    for row in rows:
        areas.setdefault(row.area_id, []).append(row)
    for area, held in areas.items():
        title = f"异常监测有 {len(held)} 条新线索"
        telling.tell_officers(area, title, held[0].text[:200], reverse("supervision:anomalies"))


def _held(anomaly: Anomaly, by: Actor) -> Anomaly:
    row = Anomaly.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=anomaly.pk)
    insist(can_manage(by, row.area_id))
    if row.state != AnomalyState.OPEN:
        raise Refused(f"这条线索已办理（{row.get_state_display()}）。请刷新页面。", code="wrong_state")
    return row


def _settle(row: Anomaly, state: AnomalyState, by: Actor, reason: str, **values: Any) -> Anomaly:
    row.state, row.settled_by, row.settled_on, row.settled_reason = state, by.display_name[:60], timezone.localdate(), reason[:300]
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=["state", "settled_by", "settled_on", "settled_reason", *values])
    return row


@transaction.atomic
def dismiss(anomaly: Anomaly, *, by: Actor, reason: str) -> Anomaly:
    """It is explained: the same thing is not raised again."""
    row = _held(anomaly, by)
    text = said(reason, "请写明排除的理由和核实的依据。")
    _settle(row, AnomalyState.DISMISSED, by, text)
    record("supervision.dismiss_anomaly", by=by, of=row, after={"state": row.state}, reason=text)
    return row


@transaction.atomic
def to_visit(
    anomaly: Anomaly, inspectors: list[Inspector], *, by: Actor, due_from: date, due_until: date, reason: str = "", **place: Any
) -> Visit:
    """Send somebody to look: a visit outside the draw."""
    row = _held(anomaly, by)
    if row.organisation is None:
        raise Refused("这条线索没有指向一家机构，不能安排现场检查。请核实后排除，或到补贴页面处理。", code="no_body")
    why = f"异常线索：{row.text} {reason}".strip()
    visit = visiting.add_visit(row.organisation, inspectors, by=by, reason=why, due_from=due_from, due_until=due_until, **place)
    _settle(row, AnomalyState.VISIT, by, reason, visit=visit)
    record("supervision.to_visit", by=by, of=row, after={"visit": visit.code}, reason=reason)
    return visit


@transaction.atomic
def to_issue(anomaly: Anomaly, *, by: Actor, text: str, severity: str) -> Finding:
    """The figures are enough: a finding that the body has to put right."""
    row = _held(anomaly, by)
    if row.organisation is None:
        raise Refused("这条线索没有指向一家机构，不能下达整改。请核实后排除，或到补贴页面处理。", code="no_body")
    finding = rectifying.raise_finding(row.organisation, by=by, text=text or row.text, severity=severity, anomaly=row)
    _settle(row, AnomalyState.ISSUE, by, finding.code or "")
    record("supervision.to_issue", by=by, of=row, after={"finding": finding.code})
    return finding
