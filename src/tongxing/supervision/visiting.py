"""Acts on a visit: add one outside the draw, replace who goes, begin, fill, sign, let the body sign, cancel."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused, said
from tongxing.core.vault import masked_within
from tongxing.evaluation.models import Site
from tongxing.policy import provisions
from tongxing.registry.models import Organisation
from tongxing.training.models import TrainingClass

from . import checklists, interests, telling
from .drawing import visit_address
from .models import Inspector, Plan, Verdict, Visit, VisitInspector, VisitItem, VisitState
from .rectifying import raise_from_visit
from .rules import can_fill, can_manage, can_sign_for_body, insist


class Fill(NamedTuple):
    """One line as the device tells it: what was pressed, what was written, and when."""

    item: str
    verdict: str
    note: str
    at: datetime


def held(visit: Visit) -> Visit:
    return Visit.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=visit.pk)


def _insist_state(visit: Visit, *states: str, doing: str) -> None:
    if visit.state not in states:
        raise Refused(f"检查 {visit.code} 现在是“{visit.get_state_display()}”，不能{doing}。请刷新页面查看。", code="wrong_state")


def _save(visit: Visit, **values: Any) -> Visit:
    for name, value in values.items():
        setattr(visit, name, value)
    visit.version += 1
    visit.save(update_fields=[*values, "version"])
    return visit


def _insist_free(inspectors: Iterable[Inspector], organisation: Organisation) -> None:
    """Appointed today for the place, and without an interest."""
    people = list(inspectors)
    here = set(Inspector.objects.on(timezone.localdate()).over(organisation.area_id).values_list("pk", flat=True))
    if away := [one for one in people if one.pk not in here]:
        raise Refused(f"“{away[0].user.name}”不在聘期，或督导范围不含“{organisation.name}”。请改派他人。", code="elsewhere")
    for pk, reasons in interests.reasons_of(people, [organisation.pk]).items():
        name = next(one.user.name for one in people if one.pk == pk)
        raise Refused(f"“{name}”应回避“{organisation.name}”：{reasons[0].text}。请改派他人。", code="interest")


@transaction.atomic
def add_visit(
    organisation: Organisation,
    inspectors: list[Inspector],
    *,
    by: Actor,
    reason: str,
    due_from: date,
    due_until: date,
    plan: Plan | None = None,
    site: Site | None = None,
    training_class: TrainingClass | None = None,
) -> Visit:
    """A visit outside the draw, for a reason (an anomaly, a complaint, a re-check): said on its page, never mixed with what was drawn."""
    insist(can_manage(by, organisation.area_id))
    text = said(reason, "计划外的检查要写明原因。")
    least = int(provisions.value("supervision.per_visit"))
    if len({one.pk for one in inspectors}) < least:
        raise Refused(f"每次检查不少于 {least} 名督导员，请补选。", code="too_few")
    if due_until < due_from or due_until < timezone.localdate():
        raise Refused("检查截止日期不对，请核对。", code="bad_day")
    _insist_free(inspectors, organisation)
    thing = training_class.title if training_class else site.name if site else "机构"
    visit = Visit.objects.create(
        plan=plan,
        added_reason=text,
        organisation=organisation,
        site=site,
        training_class=training_class,
        place=f"{organisation.name} {thing}",
        area_id=organisation.area_id,
        due_from=due_from,
        due_until=due_until,
    )
    checklists.numbered(visit)
    VisitInspector.objects.bulk_create(VisitInspector(visit=visit, inspector=one) for one in inspectors)
    checklists.freeze([visit])
    record("supervision.add_visit", by=by, of=visit, after={"inspectors": [one.user.name for one in inspectors]}, reason=text)
    telling.tell_inspectors(visit, f"安排您去检查：{visit.place}", f"{due_from} 至 {due_until}。{text}", visit_address(visit))
    return visit


@transaction.atomic
def replace(visit: Visit, leaves: VisitInspector, comes: Inspector, *, by: Actor, reason: str) -> VisitInspector:
    """Somebody cannot go: another inspector without an interest goes, with a reason. The result of the draw stays as it was."""
    row = held(visit)
    insist(can_manage(by, row.area_id))
    _insist_state(row, VisitState.PLANNED, doing="换人")
    text = said(reason, "请写明换人的原因。")
    _insist_free([comes], row.organisation)
    if row.inspectors.filter(inspector=comes).exists():
        raise Refused(f"“{comes.user.name}”已在这次检查里。请改选他人。", code="inspector_exists")
    sent = row.inspectors.select_related("inspector__user").get(pk=leaves.pk)
    before = {"inspector": sent.inspector.user.name}
    sent.inspector = comes
    sent.save(update_fields=["inspector"])
    record("supervision.replace", by=by, of=row, before=before, after={"inspector": comes.user.name}, reason=text)
    telling.tell_inspectors(row, f"检查人员有调整：{row.place}", text, visit_address(row))
    return sent


@transaction.atomic
def begin(visit: Visit, *, by: Actor) -> Visit:
    """Arrived: from now on the checklist is filled."""
    row = held(visit)
    insist(can_fill(by, row))
    _insist_state(row, VisitState.PLANNED, doing="开始检查")
    today = timezone.localdate()
    if today < row.due_from:
        raise Refused(f"这次检查安排在 {row.due_from} 至 {row.due_until}，还没有到开始的日子。", code="too_early")
    _save(row, state=VisitState.BEGUN, begun_at=timezone.now())
    record("supervision.begin", by=by, of=row, after={"state": row.state})
    return row


@transaction.atomic
def fill(visit: Visit, fills: Iterable[Fill], *, by: Actor) -> dict[str, str]:
    """Write down what was found. Two telephones on one visit: whoever pressed later holds. Gives what was not taken, and why."""
    row = held(visit)
    insist(can_fill(by, row))
    _insist_state(row, VisitState.BEGUN, doing="填检查表")
    items = {item.key: item for item in row.items.all()}
    refused, changed = {}, []
    for one in fills:
        item = items.get(one.item)
        if item is None or one.verdict not in {"", *Verdict.values}:
            refused[one.item] = "检查表里没有这一项，没有保存。请刷新页面。"
        elif item.filled_at and item.filled_at > one.at and item.filled_by != by.display_name[:60]:
            refused[one.item] = f"{item.filled_by} 后来填为“{item.get_verdict_display() or '空'}”，以后填的为准。"
        else:
            item.verdict, item.note = one.verdict, masked_within(one.note.strip())[:500]
            item.filled_at, item.filled_by = one.at, by.display_name[:60]
            changed.append(item)
    VisitItem.objects.bulk_update(changed, ["verdict", "note", "filled_at", "filled_by"])
    if changed:
        record("supervision.fill", by=by, of=row, after={item.key: [item.verdict, item.note] for item in changed})
    return refused


def open_items(visit: Visit) -> list[str]:
    """What still has to be said before anybody can sign: every line, and a word on each that does not fit."""
    found = [f"{item.section}：{item.text}" for item in visit.items.filter(verdict="")]
    return found + [f"“{item.text}”不符合，还没有写情况" for item in visit.items.filter(verdict=Verdict.UNFIT, note="")]


@transaction.atomic
def sign(visit: Visit, *, by: Actor, summary: str = "") -> Visit:
    """An inspector signs with the own account; when all have, the body's person is next."""
    row = held(visit)
    insist(can_fill(by, row))
    _insist_state(row, VisitState.BEGUN, doing="签字")
    if missing := open_items(row):
        raise Refused(f"还有 {len(missing)} 项没有填完：{'；'.join(missing[:3])}。填完再签字。", code="items_open")
    mine = row.inspectors.get(inspector__user__pk=by.pk or 0)
    if mine.signed_at:
        raise Refused("您已经签过字了，等另一位督导员签。", code="signed")
    mine.signed_at = timezone.now()
    mine.save(update_fields=["signed_at"])
    waiting = row.inspectors.filter(signed_at=None).exists()
    values: dict[str, Any] = {"summary": masked_within(summary.strip())} if summary.strip() else {}
    _save(row, state=VisitState.BEGUN if waiting else VisitState.SIGNED, **values)
    record("supervision.sign", by=by, of=row, after={"state": row.state, "items": _digest_of(row)})
    return row


def _digest_of(visit: Visit) -> dict[str, int]:
    found = {label: 0 for _, label in Verdict.choices}
    for item in visit.items.all():
        found[item.get_verdict_display()] += 1
    return found


@transaction.atomic
def reopen(visit: Visit, *, by: Actor, reason: str) -> Visit:
    """Something was wrong: signatures fall, the checklist opens again. Only before the body has signed."""
    row = held(visit)
    insist(can_fill(by, row))
    _insist_state(row, VisitState.BEGUN, VisitState.SIGNED, doing="退回修改")
    text = said(reason, "请写明要改什么。")
    row.inspectors.update(signed_at=None)
    _save(row, state=VisitState.BEGUN)
    record("supervision.reopen", by=by, of=row, after={"state": row.state}, reason=text)
    return row


@transaction.atomic
def countersign(visit: Visit, *, by: Actor, name: str, post: str, words: str = "", refused: bool = False) -> Visit:
    """The body's person who was there signs, or refuses with a reason. Then the visit is over and its findings are ordered."""
    row = held(visit)
    insist(can_sign_for_body(by, row))
    _insist_state(row, VisitState.SIGNED, doing="登记被检查方签字")
    who, job = said(name, "请填写在场人员的姓名。", longest=60), said(post, "请填写在场人员的职务。", longest=60)
    if refused and not words.strip():
        raise Refused("对方拒绝签字的，请写明理由或当时情况。", code="reason_missing")
    own = by.pk is not None and not row.inspectors.filter(inspector__user_id=by.pk).exists()
    _save(
        row,
        state=VisitState.DONE,
        present_name=who,
        present_post=job,
        present_said=masked_within(words.strip())[:300],
        present_refused=refused,
        present_by="本人账号" if own else f"督导员登记：{by.display_name}"[:60],
        present_at=timezone.now(),
    )
    raised = raise_from_visit(row, by=by)
    after = {"state": row.state, "refused": refused, "findings": [finding.code for finding in raised]}
    record("supervision.countersign", by=by, of=row, after=after)
    return row


@transaction.atomic
def cancel_visit(visit: Visit, *, by: Actor, reason: str) -> Visit:
    """Give a visit up before it began; one that was drawn stays in the result, with the reason."""
    row = held(visit)
    insist(can_manage(by, row.area_id))
    _insist_state(row, VisitState.PLANNED, doing="取消检查")
    text = said(reason, "请写明取消检查的原因。", longest=200)
    _save(row, state=VisitState.CANCELLED, cancel_reason=text)
    record("supervision.cancel_visit", by=by, of=row, after={"state": row.state}, reason=text)
    return row
