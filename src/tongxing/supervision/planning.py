"""Acts on a plan before its draw: make, change, announce (freeze the candidates and promise the seed), cancel."""

import secrets
import uuid
from datetime import date
from typing import Any, NotRequired, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.audit.log import Actor, record
from tongxing.core.drawing import digest
from tongxing.core.errors import Refused, said
from tongxing.core.vault import masked_within
from tongxing.policy import provisions
from tongxing.registry.models.fields import VaultColumn

from . import lottery
from .models import Candidate, Draw, Plan, PlanState, PooledInspector
from .pooling import pool_of
from .rules import can_manage, insist


class Facts(TypedDict):
    """What a plan says."""

    title: str
    period_from: date
    period_until: date
    visit_from: date
    visit_until: date
    beacon_source: str
    beacon_on: date
    number: NotRequired[int | None]
    share: NotRequired[int | None]
    per_visit: NotRequired[int]
    takes_sites: NotRequired[bool]
    takes_classes: NotRequired[bool]
    weighted: NotRequired[bool]
    note: NotRequired[str]


def held(plan: Plan) -> Plan:
    """The row as it stands now, held until the transaction ends: two officers go one after the other."""
    return Plan.objects.select_for_update(of=("self",)).select_related("area").get(pk=plan.pk)


def insist_state(plan: Plan, *states: str, doing: str) -> None:
    if plan.state not in states:
        now = plan.get_state_display()
        raise Refused(f"计划 {plan.code} 现在是“{now}”，不能{doing}。可能已有同事办过这一步，请刷新页面查看。", code="wrong_state")


def save(plan: Plan, **values: Any) -> Plan:
    for name, value in values.items():
        setattr(plan, name, value)
    plan.version, plan.updated_at = plan.version + 1, timezone.now()
    plan.save(update_fields=[*values, "version", "updated_at"])
    return plan


def judged(facts: Facts) -> dict[str, Any]:
    """The plan in normal form; refused where days or quotas do not fit."""
    title, note = facts["title"].strip(), facts.get("note", "").strip()
    source = facts["beacon_source"].strip()
    words = f"{title}\n{note}\n{source}"
    if not title or not source:
        raise Refused("请填写计划名称和所用的公开数字，公告上要写明。", code="incomplete")
    if masked_within(words) != words:
        raise Refused("名称或说明里有证件号或手机号，公告会向社会公布。请删去个人信息。", code="personal_data")
    if facts["period_until"] < facts["period_from"] or facts["visit_until"] < facts["visit_from"]:
        raise Refused("截止日期早于开始日期，请核对业务期间和检查日期。", code="bad_day")
    if facts["beacon_on"] > facts["visit_from"]:
        raise Refused("公开数字要在检查开始以前产生，请把它的日期提前，或推后检查。", code="bad_day")
    if bool(facts.get("number")) == bool(facts.get("share")):
        raise Refused("抽查个数和抽查比例填一个，只填一个。", code="quota")
    if not (facts.get("takes_sites") or facts.get("takes_classes")):
        raise Refused("请勾选抽查考点、抽查培训班，至少一项。", code="nothing")
    least = int(provisions.value("supervision.per_visit"))
    if facts.get("per_visit", least) < least:
        raise Refused(f"每次检查不少于 {least} 人，请修改人数。", code="too_few")
    return {**facts, "title": title, "note": note, "beacon_source": source, "per_visit": facts.get("per_visit", least)}


def _facts(plan: Plan) -> dict[str, Any]:
    values = {name: getattr(plan, name) for name in Facts.__annotations__}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


@transaction.atomic
def make_plan(area: Area, *, by: Actor, **facts: Unpack[Facts]) -> Plan:
    """A plan for a period: what is drawn, how many, who is sent, and which public figure decides."""
    insist(can_manage(by, area.pk))
    plan = Plan.objects.create(area=area, made_by=by.display_name[:60], **judged(facts))
    plan.code = f"C{plan.visit_from.year}-{plan.pk:04d}"
    plan.save(update_fields=["code"])
    record("supervision.make_plan", by=by, of=plan, after=_facts(plan))
    return plan


@transaction.atomic
def change_plan(plan: Plan, *, by: Actor, **facts: Unpack[Facts]) -> Plan:
    """Change a plan that nobody has been told of."""
    row = held(plan)
    insist(can_manage(by, row.area_id))
    insist_state(row, PlanState.DRAFT, doing="修改计划")
    before = _facts(row)
    save(row, **judged(facts))
    record("supervision.change_plan", by=by, of=row, before=before, after=_facts(row))
    return row


@transaction.atomic
def cancel_plan(plan: Plan, *, by: Actor, reason: str) -> Plan:
    """Give a plan up before its draw. One that was announced stays in the log with its promise."""
    row = held(plan)
    insist(can_manage(by, row.area_id))
    insist_state(row, PlanState.DRAFT, PlanState.ANNOUNCED, doing="取消计划")
    text = said(reason, "请写明取消的原因。", longest=200)
    save(row, state=PlanState.CANCELLED, cancel_reason=text)
    record("supervision.cancel_plan", by=by, of=row, after={"state": row.state}, reason=text)
    return row


@transaction.atomic
def announce(plan: Plan, *, by: Actor) -> Draw:
    """Freeze candidates and inspectors, make a secret, and publish the digests of both: the draw can no longer be steered."""
    row = held(plan)
    insist(can_manage(by, row.area_id))
    insist_state(row, PlanState.DRAFT, doing="发布公告")
    draw = commit(row, by=by)
    save(row, state=PlanState.ANNOUNCED)
    record("supervision.announce", by=by, of=row, after=_promised(draw))
    return draw


def commit(plan: Plan, *, by: Actor) -> Draw:
    """A new draw of a held plan: frozen pool, sealed secret, digests."""
    if plan.beacon_on <= timezone.localdate():
        raise Refused(
            f"公开数字“{plan.beacon_source}”的日期 {plan.beacon_on} 不在今天以后，公告时可能已经知道。请改到明天或以后。",
            code="beacon_known",
        )
    pool = pool_of(plan)
    if not pool.candidates:
        raise Refused("这段业务期间里没有可抽查的考点或培训班。请核对业务期间和勾选的对象。", code="no_candidates")
    if short := lottery.understaffed(pool.frozen):
        names = "、".join(one.name for one in short[:3])
        raise Refused(f"去掉应回避的人以后，{names}派不出 {plan.per_visit} 名督导员。请增加督导员。", code="understaffed")
    uid, secret, text = uuid.uuid4(), secrets.token_hex(32), lottery.canonical(pool.frozen)
    draw = Draw.objects.create(
        uid=uid,
        plan=plan,
        number=plan.draws.count() + 1,
        algorithm=lottery.ALGORITHM,
        seed_digest=digest(secret),
        secret_sealed=VaultColumn.sealed_for(Draw, "secret_sealed", uid, secret),
        candidates_text=text,
        candidates_digest=digest(text),
        beacon_source=plan.beacon_source,
        beacon_on=plan.beacon_on,
        committed_by=by.display_name[:60],
    )
    for one in pool.candidates:
        one.draw = draw
    Candidate.objects.bulk_create(pool.candidates)
    PooledInspector.objects.bulk_create(
        PooledInspector(draw=draw, key=str(who.uid), inspector=who, barred=keys) for who, keys in pool.inspectors
    )
    return draw


def _promised(draw: Draw) -> dict[str, Any]:
    return {"draw": draw.number, "seed_digest": draw.seed_digest, "candidates_digest": draw.candidates_digest}
