"""Sanctions (处理): proposed from findings, told to the body, answered or heard, decided by somebody else; a suspension takes effect and is lifted."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused, said
from tongxing.core.vault import masked_within
from tongxing.evaluation import suspending
from tongxing.notices import inbox
from tongxing.policy import provisions
from tongxing.training import suspending as training_suspending
from tongxing.workdays.calendar import add_working_days

from . import telling
from .models import SANCTION_MOVES, SUSPENDING, Finding, FindingState, Sanction, SanctionKind, SanctionStep
from .rules import can_answer, can_decide, can_manage, insist


def address(sanction: Sanction) -> str:
    return reverse("supervision:sanction", args=[sanction.uid])


def held(sanction: Sanction) -> Sanction:
    return Sanction.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=sanction.pk)


def may(sanction: Sanction, act: str) -> bool:
    return sanction.state in SANCTION_MOVES[act].sources


def _move(row: Sanction, act: str, text: str, by: Actor, **values: Any) -> Sanction:
    """Save the next state; the caller holds the row and has asked everything else."""
    move, before = SANCTION_MOVES[act], {"state": row.state}
    if not may(row, act):
        raise Refused(f"处理 {row.code} 现在是“{row.get_state_display()}”，不能“{move.label}”。请刷新页面查看。", code="wrong_state")
    for name, value in (values | {"state": move.target, "version": row.version + 1}).items():
        setattr(row, name, value)
    row.save(update_fields=[*values, "state", "version"])
    SanctionStep.objects.create(sanction=row, what=move.label, text=masked_within(text)[:2000], by=by.display_name[:60])
    record(f"supervision.{act}", by=by, of=row, before=before, after={"state": row.state}, reason=text[:500])
    return row


@transaction.atomic
def propose(
    findings: Sequence[Finding], *, by: Actor, kind: str, facts: str, level: int | None = None, days: int | None = None
) -> Sanction:
    """Propose a sanction that rests on findings of one body. The source is the provision of the day, and says whether it was checked."""
    rows = list(Finding.objects.filter(pk__in=[one.pk for one in findings]).select_related("organisation"))
    if not rows or len({row.organisation_id for row in rows}) != 1:
        raise Refused("处理要依据同一家机构的问题，请至少选一个，且不要混选几家机构的。", code="findings")
    body = rows[0].organisation
    insist(can_manage(by, body.area_id))
    if any(row.state == FindingState.WITHDRAWN for row in rows):
        raise Refused("选中的问题里有已撤销的，不能作为依据。请改选。", code="withdrawn")
    if kind == SanctionKind.SUSPENSION and not body.is_assessment_body and body.kind != "assessment":
        raise Refused("暂停评价只用于评价机构；培训机构请选“暂停承办培训”。", code="not_a_body")
    if kind == SanctionKind.TRAINING and not body.is_training_provider and body.kind != "training":
        raise Refused("暂停承办培训只用于培训机构；评价机构请选“暂停评价”。", code="not_a_provider")
    text, ground = said(facts, "请写明事实和理由。", longest=4000), provisions.provision(f"supervision.sanction.{SanctionKind(kind)}")
    row = Sanction.objects.create(
        organisation=body,
        area_id=body.area_id,
        kind=kind,
        facts=masked_within(text),
        source=str(ground.value)[:300],
        source_confirmed=ground.confirmed,
        level=level if kind in SUSPENDING else None,
        days=days if kind in SUSPENDING else None,
        proposed_by=by.display_name[:60],
        proposed_by_id=by.pk,
    )
    row.code = f"D{row.proposed_on.year}-{row.pk:04d}"
    row.save(update_fields=["code"])
    row.findings.set(rows)
    after = {"kind": kind, "findings": [one.code for one in rows], "source_confirmed": ground.confirmed}
    record("supervision.propose", by=by, of=row, after=after)
    return row


@transaction.atomic
def notify(sanction: Sanction, *, by: Actor) -> Sanction:
    """Tell the body what is intended and on what ground, and until when it may answer or ask to be heard."""
    row = held(sanction)
    insist(can_manage(by, row.area_id))
    today = timezone.localdate()
    until = add_working_days(today, int(provisions.value("supervision.answer_days", today)))
    _move(row, "notify", f"拟作出“{row.get_kind_display()}”，{until} 前可以陈述申辩或要求听证", by, told_on=today, answer_until=until)
    title = f"拟作处理的告知：{row.get_kind_display()}"
    inbox.tell(telling.agents(row.organisation_id), title=title, body=f"{until} 前可以陈述申辩", url=address(row), due_on=until)
    return row


@transaction.atomic
def state(sanction: Sanction, *, by: Actor, text: str) -> Sanction:
    """The body answers; nothing is decided before."""
    row = held(sanction)
    insist(can_answer(by, row.organisation_id))
    _move(row, "state", said(text, "请写明陈述申辩的意见。", longest=2000), by)
    telling.tell_officers(row.area_id, f"收到陈述申辩：{row.code}", text[:200], address(row), "supervision.sanction")
    return row


@transaction.atomic
def ask_hearing(sanction: Sanction, *, by: Actor, text: str) -> Sanction:
    """The body asks to be heard, within its days."""
    row = held(sanction)
    insist(can_answer(by, row.organisation_id))
    if row.answer_until and timezone.localdate() > row.answer_until:
        raise Refused(f"要求听证的期限到 {row.answer_until}，已经过了。可以提交书面陈述。", code="too_late")
    _move(row, "ask_hearing", said(text, "请写明要求听证的理由。", longest=2000), by)
    telling.tell_officers(row.area_id, f"机构要求听证：{row.code}", text[:200], address(row))
    return row


@transaction.atomic
def hear(sanction: Sanction, *, by: Actor, text: str) -> Sanction:
    """What was said at the hearing."""
    row = held(sanction)
    insist(can_manage(by, row.area_id))
    return _move(row, "hear", said(text, "请写明听证的时间、参加人和双方意见。", longest=2000), by)


@transaction.atomic
def waive(sanction: Sanction, *, by: Actor) -> Sanction:
    """The days are over and the body has said nothing: that is written down before anything is decided."""
    row = held(sanction)
    insist(can_manage(by, row.area_id))
    if row.answer_until and timezone.localdate() <= row.answer_until:
        raise Refused(f"陈述申辩的期限到 {row.answer_until}（含当天），还没有过，不能记为放弃。", code="too_early")
    return _move(row, "waive", f"到 {row.answer_until} 没有收到陈述申辩和听证要求", by)


@transaction.atomic
def decide(sanction: Sanction, *, by: Actor, document: str) -> Sanction:
    """The decision, by somebody who neither proposed nor inspected; a suspension stops new batches, or new classes, from today."""
    row = held(sanction)
    insist(can_decide(by, row))
    number = said(document, "请填写决定文书的文号，机构要凭它执行。", longest=120)
    today = timezone.localdate()
    _move(row, "decide", f"{number}：{row.get_kind_display()}", by, document=number, decided_by=by.display_name[:60], decided_on=today)
    if row.kind in SUSPENDING:
        _suspend(row, today, by=by)
    inbox.settle(address(row))
    telling.tell_body(row, f"处理决定：{row.get_kind_display()}", f"{number}。依据：{row.source}", address(row))
    return row


def _suspend(row: Sanction, since: date, *, by: Actor) -> None:
    """From that day on, for as many days as the decision says; the room below stops what is to be stopped."""
    until = since + timedelta(days=row.days - 1) if row.days else None
    facts: dict[str, Any] = {"by": by, "since": since, "until": until, "level": row.level, "document": row.document}
    if row.kind == SanctionKind.TRAINING:
        row.training_suspension = training_suspending.suspend(row.organisation, reason=row.facts, **facts)
    else:
        row.suspension = suspending.suspend(row.organisation, **facts)
    row.save(update_fields=["suspension", "training_suspension"])


@transaction.atomic
def drop(sanction: Sanction, *, by: Actor, reason: str) -> Sanction:
    """No sanction after all."""
    row = held(sanction)
    insist(can_decide(by, row))
    _move(row, "drop", said(reason, "请写明不予处理的理由。", longest=500), by)
    if row.told_on:
        telling.tell_body(row, f"不予处理：{row.code}", reason[:200], address(row))
    return row


@transaction.atomic
def lift(sanction: Sanction, *, by: Actor, reason: str) -> Sanction:
    """End a suspension: from today the body may plan batches again, the provider file classes and take people in."""
    row = held(sanction)
    insist(can_decide(by, row))
    if row.effect is None:
        raise Refused("这项处理没有暂停什么，不需要解除。", code="nothing_to_lift")
    text = said(reason, "请写明解除的原因，例如整改已复查合格。", longest=200)
    if row.suspension:
        suspending.lift_suspension(row.suspension, by=by, reason=text)
    if row.training_suspension:
        training_suspending.lift_suspension(row.training_suspension, by=by, reason=text)
    _move(row, "lift", text, by)
    telling.tell_body(row, f"已解除{row.get_kind_display()}：{row.code}", text, address(row))
    return row
