"""Acts on a batch before the examination: plan, change, announce, close, cancel (facts §2, flow)."""

from datetime import date
from typing import Any, NotRequired, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.certificates.models import BodyFiling
from tongxing.core.errors import Refused
from tongxing.core.vault import masked_within

from .bodies import insist_running, insist_scope
from .models import Application, ApplicationState, AssessmentBatch, BatchState, Site
from .moving import held, insist_state, move, save
from .rules import can_manage, can_plan, insist

FIELDS = ("title", "level", "site_id", "apply_from", "apply_until", "exam_on", "capacity", "announcement")


class Plan(TypedDict):
    """What a plan says."""

    title: str
    level: int
    site: Site
    apply_from: date
    apply_until: date
    exam_on: date
    capacity: int
    announcement: NotRequired[str]


def judged(plan: Plan, filing: BodyFiling) -> dict[str, Any]:
    """The plan in normal form; refused where days, site or scope do not fit."""
    title, words, site = plan["title"].strip(), plan.get("announcement", "").strip(), plan["site"]
    if not title:
        raise Refused("请填写批次名称，公告和准考证上要印。", code="incomplete")
    if masked_within(f"{title}\n{words}") != f"{title}\n{words}":
        raise Refused("名称或公告里有证件号或手机号，公告会向社会公布。请删去个人信息，联系电话用座机或办公电话。", code="personal_data")
    if not plan["apply_from"] <= plan["apply_until"] < plan["exam_on"]:
        raise Refused("时间先后不对：报名开始不晚于报名截止，考试在报名截止之后。请核对三个日期。", code="bad_day")
    if plan["capacity"] < 1 or plan["capacity"] > site.capacity:
        raise Refused(f"计划人数应在 1 至 {site.capacity} 人之间（考点“{site.name}”最多容纳 {site.capacity} 人）。", code="capacity")
    if site.organisation_id != filing.organisation_id:
        raise Refused("所选考点不是这家评价机构的，请改选。", code="other_site")
    if plan["exam_on"] < site.since or (site.until and plan["exam_on"] > site.until):
        raise Refused(f"考点“{site.name}”在 {plan['exam_on']} 不在启用期内，请改选考点或日期。", code="site_closed")
    insist_scope(filing, plan["level"], plan["exam_on"])
    return {**plan, "title": title, "announcement": words}


@transaction.atomic
def plan_batch(filing: BodyFiling, *, by: Actor, **plan: Unpack[Plan]) -> AssessmentBatch:
    """Plan a batch under a filing number; refused with the reason when the level lies outside its scope on the day of the examination."""
    body = filing.organisation
    insist(can_plan(by, body.area_id, body.pk))
    insist_running(filing, plan["level"])
    batch = AssessmentBatch.objects.create(filing=filing, area_id=body.area_id, **judged(plan, filing))
    batch.code = f"P{batch.exam_on.year}-{batch.pk:05d}"
    batch.save(update_fields=["code"])
    record("evaluation.plan", by=by, of=batch, after=_facts(batch))
    return batch


def _facts(batch: AssessmentBatch) -> dict[str, Any]:
    facts = {field: getattr(batch, field) for field in FIELDS}
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in facts.items()}


@transaction.atomic
def change_plan(batch: AssessmentBatch, *, by: Actor, reason: str = "", **plan: Unpack[Plan]) -> AssessmentBatch:
    """Change a plan; once announced only with a reason, and no more the level, which people applied for."""
    row = held(batch)
    insist(can_manage(by, row))
    insist_state(row, BatchState.PLANNED, BatchState.ANNOUNCED, doing="修改计划")
    if row.state == BatchState.ANNOUNCED and plan["level"] != row.level:
        raise Refused("公告已经发布，不能再改等级。请取消本批次，另建一个。", code="announced")
    if row.state == BatchState.ANNOUNCED and not reason.strip():
        raise Refused("公告已经发布，修改须写明原因，报名的人会看到。", code="reason_missing")
    before = _facts(row)
    save(row, **judged(plan, row.filing))
    after = _facts(row)
    changed = [field for field in FIELDS if before[field] != after[field]]
    record(
        "evaluation.change_plan",
        by=by,
        of=row,
        before={field: before[field] for field in changed},
        after={field: after[field] for field in changed},
        reason=reason,
    )
    return row


@transaction.atomic
def announce(batch: AssessmentBatch, *, by: Actor) -> AssessmentBatch:
    """Publish the announcement: from its first day of applying people may apply."""
    row = held(batch)
    insist(can_manage(by, row))
    insist_running(row.filing, row.level)
    insist_scope(row.filing, row.level, row.exam_on)
    if timezone.localdate() > row.apply_until:
        raise Refused(f"报名截止日 {row.apply_until} 已过，发布公告也没有人能报名。请先修改计划的日期。", code="bad_day")
    move(row, "announce")
    record("evaluation.announce", by=by, of=row, after={"state": row.state})
    return row


@transaction.atomic
def close_applications(batch: AssessmentBatch, *, by: Actor) -> AssessmentBatch:
    """Close applications once the last day has passed; those still to be checked can be checked afterwards."""
    row = held(batch)
    insist(can_manage(by, row))
    if timezone.localdate() <= row.apply_until:
        raise Refused(f"公告写明报名到 {row.apply_until} 截止，不能提前。确需提前，请先修改计划并写明原因。", code="too_early")
    move(row, "close")
    counted = Application.objects.filter(batch=row).standing().count()
    record("evaluation.close", by=by, of=row, after={"state": row.state, "applications": counted})
    return row


@transaction.atomic
def cancel(batch: AssessmentBatch, *, by: Actor, reason: str) -> AssessmentBatch:
    """Cancel a batch before its examination, with a reason for those who applied."""
    row = held(batch)
    insist(can_manage(by, row))
    if not reason.strip():
        raise Refused("请写明取消的原因，报名的人会看到。", code="reason_missing")
    before = {"state": row.state}
    move(row, "cancel", cancel_reason=reason.strip()[:200])
    waiting = Application.objects.filter(batch=row, state__in=(ApplicationState.SUBMITTED, ApplicationState.ACCEPTED)).count()
    record("evaluation.cancel", by=by, of=row, before=before, after={"state": row.state, "applications": waiting}, reason=reason)
    return row
