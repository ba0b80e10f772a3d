"""Acts on assessment bodies: levels, sites, assessors and moderators, each with its validity; and the rule that asks them (notice:3.1.4)."""

from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.audit.log import Actor, record
from tongxing.certificates.models import BodyFiling, Level
from tongxing.core.errors import Refused
from tongxing.policy.decision import Decision
from tongxing.registry.models import Organisation, Person

from .models import AssessmentBatch, Assessor, Entitlement, Site, Suspension
from .rules import can_keep_body, insist
from .suspending import suspended_on

CLAUSES = ("notice:3.1.4",)


def may_evaluate(filing: BodyFiling, level: int, on: date) -> Decision:
    """Whether a filing number may evaluate a level on a day: the filing runs, and a row of its scope names the level."""
    reasons = []
    if filing.since and on < filing.since:
        reasons.append(f"备案号 {filing.number} 自 {filing.since} 起有效，{on} 还没有开始。")
    if filing.until and on > filing.until:
        reasons.append(f"备案号 {filing.number} 已于 {filing.until} 到期，{on} 不能再评价。")
    rows = list(Entitlement.objects.filter(filing=filing).order_by("level", "since"))
    held = sorted({row.level for row in rows if row.since <= on and (row.until is None or row.until >= on)})
    if level not in held:
        names = "、".join(Level(number).label for number in held) or "没有任何等级"
        reasons.append(f"{filing.organisation.name}（{filing.number}）在 {on} 的评价范围是：{names}，不含{Level(level).label}。")
        if level == Level.FIRST:
            reasons.append("一级评价机构须由人社部门从已备案的社会培训评价组织中择优选定。")
    reasons += [_suspended(row, on) for row in suspended_on(filing.organisation_id, level, on)]
    facts = {"备案号": filing.number, "等级": level, "日期": on.isoformat(), "范围内的等级": held}
    return Decision(not reasons, tuple(reasons) or (f"{Level(level).label}在评价范围内。",), facts, CLAUSES)


def _suspended(row: Suspension, on: date) -> str:
    return f"{row}，依据 {row.document}，自 {row.since} 起，{on} 不能评价。"


def insist_running(filing: BodyFiling, level: int) -> None:
    """Refuse a new batch while the body is suspended today, whenever its examination would be."""
    today = timezone.localdate()
    if held := suspended_on(filing.organisation_id, level, today):
        raise Refused(f"{_suspended(held[0], today)}解除以后才能安排和公告新的批次。", code="suspended", clause="notice:3.1.4")


def insist_scope(filing: BodyFiling, level: int, on: date) -> None:
    """Refuse with the reason what lies outside the scope of the filing."""
    answer = may_evaluate(filing, level, on)
    if not answer:
        raise Refused(
            f"{''.join(answer.reasons)}请改选等级或机构，或先由评价管理登记新的范围。", code="out_of_scope", clause="notice:3.1.4"
        )


# --- levels ---------------------------------------------------------------------------------------------------------------
@transaction.atomic
def entitle(filing: BodyFiling, *, by: Actor, level: int, since: date, until: date | None = None, document: str = "") -> Entitlement:
    """Enter that a filing may evaluate a level. Level 1 asks for the document that chose the body (notice:3.1.4)."""
    insist(can_keep_body(by, filing.organisation.area_id))
    BodyFiling.objects.select_for_update().get(pk=filing.pk)
    _insist_period(since, until)
    if level not in Level.values:
        raise Refused("劳动关系协调员只有一级至四级，请重新选择等级。", code="no_level", clause="notice:1.3")
    if level == Level.FIRST and not document.strip():
        raise Refused("一级评价机构须择优选定，请填写选定的依据文件。", code="document_missing", clause="notice:3.1.4")
    over = Entitlement.objects.filter(Q(until=None) | Q(until__gte=since), filing=filing, level=level)
    if until:
        over = over.filter(since__lte=until)
    if known := over.first():
        end = known.until or "长期"
        raise Refused(
            f"{Level(level).label}已登记 {known.since} 至 {end} 的范围，与新填的时间重叠。请先终止原来的，或改自次日起。", code="overlap"
        )
    row = Entitlement.objects.create(
        filing=filing, level=level, since=since, until=until, document=document.strip(), recorded_by=by.display_name[:60]
    )
    after = {
        "number": filing.number,
        "level": level,
        "since": since.isoformat(),
        "until": until and until.isoformat(),
        "document": document,
    }
    record("evaluation.entitle", by=by, of=filing.organisation, after=after)
    return row


@transaction.atomic
def end_entitlement(entitlement: Entitlement, *, by: Actor, on: date, reason: str) -> Entitlement:
    """`on` is the last day of the scope. Batches that were planned for later days are named in the refusal."""
    row: Entitlement = Entitlement.objects.select_for_update(of=("self",)).select_related("filing__organisation").get(pk=entitlement.pk)
    insist(can_keep_body(by, row.filing.organisation.area_id))
    if row.until and row.until <= on:
        raise Refused(f"这个范围已于 {row.until} 终止。请刷新页面。", code="already_ended")
    _insist_end(row.since, on, reason)
    later = AssessmentBatch.objects.filter(filing=row.filing, level=row.level, exam_on__gt=on)
    open_ones = later.filter(state__in=("planned", "announced", "closed", "fixed"))
    if codes := [str(code) for code in open_ones.values_list("code", flat=True)[:5]]:
        raise Refused(f"{on} 以后还有批次要考试：{'、'.join(codes)}。请先取消这些批次，或改晚终止日期。", code="batches_open")
    before = {"until": row.until and row.until.isoformat()}
    row.until, row.ended_reason = on, reason.strip()[:200]
    row.save(update_fields=["until", "ended_reason"])
    after = {"number": row.filing.number, "level": row.level, "until": on.isoformat()}
    record("evaluation.end_entitlement", by=by, of=row.filing.organisation, before=before, after=after, reason=reason)
    return row


# --- sites ----------------------------------------------------------------------------------------------------------------
@transaction.atomic
def open_site(
    organisation: Organisation, *, by: Actor, name: str, address: str, area: Area, capacity: int, since: date, until: date | None = None
) -> Site:
    """Enter a place where the body examines."""
    insist(can_keep_body(by, organisation.area_id))
    _insist_period(since, until)
    if not name.strip() or not address.strip():
        raise Refused("请填写考点的名称和地址，准考证上要印。", code="incomplete")
    if capacity < 1:
        raise Refused("考点最多容纳的人数应在 1 人以上，请核对。", code="capacity")
    try:
        with transaction.atomic():
            site = Site.objects.create(
                organisation=organisation,
                name=name.strip(),
                address=address.strip(),
                area=area,
                capacity=capacity,
                since=since,
                until=until,
            )
    except IntegrityError:
        raise Refused(f"这家机构已有叫“{name.strip()}”的考点在用。请换一个名称，或先停用原来的。", code="site_exists") from None
    after = {"site": site.name, "address": site.address, "capacity": capacity, "since": since.isoformat()}
    record("evaluation.open_site", by=by, of=organisation, after=after)
    return site


@transaction.atomic
def close_site(site: Site, *, by: Actor, on: date, reason: str) -> Site:
    """`on` is the last day of use."""
    row: Site = Site.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=site.pk)
    insist(can_keep_body(by, row.organisation.area_id))
    if row.until and row.until <= on:
        raise Refused(f"这个考点已于 {row.until} 停用。请刷新页面。", code="already_ended")
    _insist_end(row.since, on, reason)
    waiting = AssessmentBatch.objects.filter(site=row, exam_on__gt=on, state__in=("planned", "announced", "closed", "fixed"))
    if codes := [str(code) for code in waiting.values_list("code", flat=True)[:5]]:
        raise Refused(f"{on} 以后还有批次用这个考点：{'、'.join(codes)}。请先更换考点或取消批次。", code="batches_open")
    row.until = on
    row.save(update_fields=["until"])
    record("evaluation.close_site", by=by, of=row.organisation, after={"site": row.name, "until": on.isoformat()}, reason=reason)
    return row


# --- assessors and moderators ---------------------------------------------------------------------------------------------
@transaction.atomic
def appoint(
    organisation: Organisation,
    person: Person,
    *,
    by: Actor,
    kind: str,
    level: int,
    since: date,
    until: date | None = None,
    card: str = "",
) -> Assessor:
    """Enter an assessor or moderator of the body, with the highest level that he or she may assess."""
    insist(can_keep_body(by, organisation.area_id))
    _insist_period(since, until)
    if person.merged_into_id:
        raise Refused("该记录已并入另一条人员记录，请选保留的那一条。", code="merged")
    try:
        with transaction.atomic():
            row = Assessor.objects.create(
                organisation=organisation, person=person, kind=kind, level=level, card=card.strip()[:40], since=since, until=until
            )
    except IntegrityError:
        raise Refused(f"“{person.name}”已是这家机构在聘的同类人员，不用重复登记。", code="assessor_exists") from None
    after = {"person": person.name, "kind": row.get_kind_display(), "level": level, "since": since.isoformat()}
    record("evaluation.appoint", by=by, of=organisation, after=after)
    return row


@transaction.atomic
def dismiss(assessor: Assessor, *, by: Actor, on: date, reason: str) -> Assessor:
    """`on` is the last day."""
    row: Assessor = Assessor.objects.select_for_update(of=("self",)).select_related("organisation", "person").get(pk=assessor.pk)
    insist(can_keep_body(by, row.organisation.area_id))
    if row.until and row.until <= on:
        raise Refused(f"这条聘用已于 {row.until} 结束。请刷新页面。", code="already_ended")
    _insist_end(row.since, on, reason)
    row.until = on
    row.save(update_fields=["until"])
    record("evaluation.dismiss", by=by, of=row.organisation, after={"person": row.person.name, "until": on.isoformat()}, reason=reason)
    return row


@transaction.atomic
def follow_merge(keep: Organisation, drop: Organisation, *, by: Actor) -> dict[str, list[int]]:
    """Two records of one body became one: sites and staff go to the record that is kept, what stands at both stays once. Returns what moved."""
    moved: dict[str, list[int]] = {"sites": [], "assessors": []}
    names = set(Site.objects.filter(organisation=keep, until=None).values_list("name", flat=True))
    for site in Site.objects.filter(organisation=drop):
        clash = site.until is None and site.name in names
        site.organisation, site.name = keep, f"{site.name}（{site.pk}）" if clash else site.name
        site.save(update_fields=["organisation", "name"])
        moved["sites"].append(site.pk)
    known = set(Assessor.objects.filter(organisation=keep, until=None).values_list("person_id", "kind"))
    for assessor in Assessor.objects.filter(organisation=drop):
        if assessor.until is None and (assessor.person_id, assessor.kind) in known:
            assessor.until = max(assessor.since, timezone.localdate() - timedelta(days=1))
        assessor.organisation = keep
        assessor.save(update_fields=["organisation", "until"])
        moved["assessors"].append(assessor.pk)
    Suspension.objects.filter(organisation=drop).update(organisation=keep)
    if any(moved.values()):
        after: dict[str, Any] = {"organisation_id": keep.pk, "sites": len(moved["sites"]), "assessors": len(moved["assessors"])}
        record("evaluation.follow_merge", by=by, of=keep, before={"organisation_id": drop.pk}, after=after)
    return moved


def _insist_period(since: date, until: date | None) -> None:
    if until and until < since:
        raise Refused("截止日期早于开始日期，请核对。", code="bad_day")


def _insist_end(since: date, on: date, reason: str) -> None:
    if on < since:
        raise Refused(f"终止日期不能早于开始日期 {since}，请核对。", code="bad_day")
    if not reason.strip():
        raise Refused("请写明终止的原因，便于日后核查。", code="reason_missing")
