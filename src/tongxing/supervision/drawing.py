"""The draw of a plan: once, with the promised seed and a figure nobody here controls; its result, its record, and a redraw with its reason."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from tongxing.audit.log import SYSTEM, Actor, record
from tongxing.core.drawing import seed_of
from tongxing.core.errors import Refused, said

from . import checklists, lottery, telling
from .models import Candidate, Draw, Plan, PlanState, Visit, VisitInspector, VisitState
from .models.visits import OPEN_VISITS
from .planning import commit, held, insist_state, save
from .rules import can_manage, insist


def standing(plan: Plan) -> Draw | None:
    """The draw that counts."""
    return plan.draws.filter(voided_at=None).first()


@transaction.atomic
def draw(plan: Plan, *, by: Actor, beacon: str) -> list[Visit]:
    """Draw with the public figure, once: the second of two officers is told that it was done. Makes the visits."""
    row = held(plan)
    insist(can_manage(by, row.area_id))
    insist_state(row, PlanState.ANNOUNCED, doing="抽取")
    number = lottery.figure(beacon)
    if timezone.localdate() < row.beacon_on:
        raise Refused(f"“{row.beacon_source}”要到 {row.beacon_on} 才产生，那天以后才能抽取。", code="too_early")
    if not number:
        raise Refused(f"请照“{row.beacon_source}”公布的数字填写，至少要有一位数字。", code="no_beacon")
    drawn = standing(row)
    assert drawn is not None  # an announced plan has one
    pool = lottery.parsed(drawn.candidates_text)
    result = lottery.draw(pool, seed_of(drawn.secret, number, drawn.candidates_digest))
    drawn.beacon, drawn.drawn_by, drawn.drawn_at = number, by.display_name[:60], timezone.now()
    drawn.result = [{"key": one.key, "inspectors": list(one.inspectors)} for one in result]
    drawn.save(update_fields=["beacon", "drawn_by", "drawn_at", "result"])
    visits = _visits(row, drawn, result)
    save(row, state=PlanState.DRAWN)
    record("supervision.draw", by=by, of=row, after={"draw": drawn.number, "beacon": number, "visits": [visit.code for visit in visits]})
    for visit in visits:
        telling.tell_inspectors(visit, f"抽中您去检查：{visit.place}", f"{visit.due_from} 至 {visit.due_until}", visit_address(visit))
    return visits


def visit_address(visit: Visit) -> str:
    return reverse("supervision:visit", args=[visit.uid])


def _visits(plan: Plan, drawn: Draw, result: Sequence[lottery.Drawn]) -> list[Visit]:
    """The visits of a result, with their inspectors and the checklist of the day."""
    candidates = {one.key: one for one in drawn.candidates.select_related("organisation")}
    people = dict(drawn.pool.values_list("key", "inspector_id"))
    visits = []
    for place, one in enumerate(result, start=1):
        candidate = candidates[one.key]
        candidate.place = place
        visit = Visit.objects.create(
            plan=plan,
            draw=drawn,
            organisation=candidate.organisation,
            site_id=candidate.site_id,
            training_class_id=candidate.training_class_id,
            place=candidate.name,
            area_id=candidate.organisation.area_id,
            due_from=plan.visit_from,
            due_until=plan.visit_until,
        )
        visits.append(checklists.numbered(visit))
        VisitInspector.objects.bulk_create(VisitInspector(visit=visit, inspector_id=people[key]) for key in one.inspectors)
    Candidate.objects.bulk_update([one for one in candidates.values() if one.place], ["place"])
    checklists.freeze(visits)
    return visits


@transaction.atomic
def redraw(plan: Plan, *, by: Actor, reason: str, beacon_on: date, beacon_source: str) -> Draw:
    """Void a draw, with a reason that everybody can read, and promise a new one with a later figure. Not once a visit has begun."""
    row = held(plan)
    insist(can_manage(by, row.area_id))
    insist_state(row, PlanState.ANNOUNCED, PlanState.DRAWN, doing="重抽")
    text = said(reason, "重抽要写明原因，公开页面会显示。", longest=200)
    old = standing(row)
    assert old is not None  # an announced or drawn plan has one
    visits = Visit.objects.select_for_update().filter(draw=old)
    if begun := visits.exclude(state__in=(VisitState.PLANNED, VisitState.CANCELLED)).first():
        raise Refused(f"检查 {begun.code} 已经开始，不能重抽。请另做计划。", code="begun")
    old.voided_by, old.voided_at, old.void_reason = by.display_name[:60], timezone.now(), text
    old.save(update_fields=["voided_by", "voided_at", "void_reason"])
    visits.filter(state=VisitState.PLANNED).update(state=VisitState.CANCELLED, cancel_reason=f"重抽：{text}"[:200])
    if beacon_on > row.visit_from:
        raise Refused("公开数字要在检查开始以前产生，请把它的日期提前。", code="bad_day")
    save(row, state=PlanState.ANNOUNCED, beacon_on=beacon_on, beacon_source=beacon_source.strip() or row.beacon_source)
    new = commit(row, by=by)
    after = {"draw": new.number, "seed_digest": new.seed_digest, "candidates_digest": new.candidates_digest}
    record("supervision.redraw", by=by, of=row, before={"draw": old.number, "beacon": old.beacon}, after=after, reason=text)
    return new


@transaction.atomic
def publish(plan: Plan, *, by: Actor) -> Plan:
    """Reveal seed and result to everybody: when no visit is left, or the last day has passed. Until then a body would be warned."""
    row = held(plan)
    if by is not SYSTEM:
        insist(can_manage(by, row.area_id))
    insist_state(row, PlanState.DRAWN, doing="公布结果")
    waiting = row.visits.filter(state__in=OPEN_VISITS).count()
    if waiting and timezone.localdate() <= row.visit_until:
        raise Refused(f"还有 {waiting} 处没有检查完，现在公布等于提前告知。检查完，或 {row.visit_until} 以后再公布。", code="visits_open")
    row.draws.filter(drawn_at__isnull=False).update(published_at=timezone.now())
    save(row, state=PlanState.PUBLISHED)
    record("supervision.publish", by=by, of=row, after={"state": row.state})
    return row


def public_record(drawn: Draw) -> dict[str, Any]:
    """What everybody may have: the promise at once, seed and result when they are published. No name of a person stands in it."""
    found: dict[str, Any] = {
        "algorithm": drawn.algorithm,
        "plan": drawn.plan.code,
        "draw": drawn.number,
        "seed_digest": drawn.seed_digest,
        "candidates_digest": drawn.candidates_digest,
        "candidates": drawn.candidates_text,
        "beacon_source": drawn.beacon_source,
        "beacon_on": drawn.beacon_on.isoformat(),
        "beacon": drawn.beacon,
        "void_reason": drawn.void_reason,
    }
    if drawn.published_at:
        found |= {"secret": drawn.secret, "result": drawn.result}
    return found


def verified(drawn: Draw) -> list[str]:
    """The draw done again from its record: what does not agree."""
    return lottery.faults({**public_record(drawn), "secret": drawn.secret, "result": drawn.result})


def publish_due(today: date | None = None) -> int:
    """The periodic job (settings.PERIODIC): publish plans whose last day has passed. Returns how many."""
    day = today or timezone.localdate()
    plans = list(Plan.objects.filter(state=PlanState.DRAWN, visit_until__lt=day))
    for plan in plans:
        publish(plan, by=SYSTEM)
    return len(plans)
