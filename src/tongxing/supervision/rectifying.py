"""Rectification (整改): findings ordered with a deadline in working days, answered with evidence, extended with a reason, re-checked, closed."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.core.files.base import File
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from tongxing.audit.log import SYSTEM, Actor, record
from tongxing.core.errors import Refused, said
from tongxing.core.vault import masked_within
from tongxing.files import store
from tongxing.notices import inbox
from tongxing.policy import provisions
from tongxing.registry.models import Organisation
from tongxing.workdays.calendar import add_working_days

from . import telling
from .models import Anomaly, Extension, Finding, FindingState, FindingStep, Severity, Verdict, Visit, VisitItem
from .rules import can_answer, can_manage, can_recheck, insist

PURPOSE = "supervision.answer"
MOST_FILES = 10


def address(finding: Finding) -> str:
    return reverse("supervision:finding", args=[finding.uid])


def held(finding: Finding) -> Finding:
    return Finding.objects.select_for_update(of=("self",)).select_related("organisation", "visit").get(pk=finding.pk)


def _insist_state(finding: Finding, *states: str, doing: str) -> None:
    if finding.state not in states:
        raise Refused(f"问题 {finding.code} 现在是“{finding.get_state_display()}”，不能{doing}。请刷新页面查看。", code="wrong_state")


def _step(finding: Finding, what: str, text: str, by: Actor, files: Sequence[int] = ()) -> None:
    FindingStep.objects.create(
        finding=finding, what=what, text=masked_within(text)[:1000], files=list(files), by=by.display_name[:60], by_id=by.pk
    )


def _order(
    organisation: Organisation,
    text: str,
    severity: str,
    *,
    by: Actor,
    visit: Visit | None = None,
    item: VisitItem | None = None,
    anomaly: Anomaly | None = None,
) -> Finding:
    """One finding, ordered today; the clock counts working days from tomorrow."""
    today = timezone.localdate()
    days = int(provisions.value(f"supervision.rectify.{severity}", today))
    finding = Finding.objects.create(
        visit=visit,
        item=item,
        anomaly=anomaly,
        organisation=organisation,
        area_id=organisation.area_id,
        severity=severity,
        text=masked_within(text.strip())[:500],
        raised_by=_names(visit)[:60] if item and visit else by.display_name[:60],
        due_on=add_working_days(today, days),
    )
    finding.code = f"W{today.year}-{finding.pk:05d}"
    finding.save(update_fields=["code"])
    after = {"severity": severity, "due_on": finding.due_on.isoformat(), "organisation": organisation.name}
    record("supervision.order", by=by, of=finding, after=after)
    title = f"需要整改：{finding.text[:40]}"
    inbox.tell(telling.agents(organisation.pk), title=title, body=f"期限 {finding.due_on}", url=address(finding), due_on=finding.due_on)
    return finding


def _names(visit: Visit) -> str:
    """Who found it, whoever pressed last."""
    return "、".join(visit.inspectors.values_list("inspector__user__name", flat=True))


def raise_from_visit(visit: Visit, *, by: Actor) -> list[Finding]:
    """Every line that does not fit becomes a finding; the severity is put right afterwards by `regrade`."""
    unfit = visit.items.filter(verdict=Verdict.UNFIT)
    return [
        _order(visit.organisation, f"{item.note}（检查项目：{item.text}）", Severity.MINOR, by=by, visit=visit, item=item) for item in unfit
    ]


@transaction.atomic
def raise_finding(
    organisation: Organisation, *, by: Actor, text: str, severity: str, visit: Visit | None = None, anomaly: Anomaly | None = None
) -> Finding:
    """A finding that no line of the checklist holds, or one that an anomaly became."""
    insist(can_manage(by, organisation.area_id))
    return _order(organisation, said(text, "请写明问题。", longest=500), Severity(severity), by=by, visit=visit, anomaly=anomaly)


@transaction.atomic
def regrade(finding: Finding, *, by: Actor, severity: str, reason: str) -> Finding:
    """Another severity, before the body has answered: the deadline is counted anew from the day of the order."""
    row = held(finding)
    insist(can_manage(by, row.area_id))
    _insist_state(row, FindingState.ORDERED, doing="调整程度")
    text = said(reason, "请写明调整的理由。")
    before = {"severity": row.severity, "due_on": row.due_on.isoformat()}
    row.severity = Severity(severity)
    row.due_on = add_working_days(row.raised_on, int(provisions.value(f"supervision.rectify.{severity}", row.raised_on)))
    _save(row, "severity", "due_on")
    _step(row, "调整程度", f"{row.get_severity_display()}，期限 {row.due_on}。{text}", by)
    record("supervision.regrade", by=by, of=row, before=before, after={"severity": severity, "due_on": row.due_on.isoformat()}, reason=text)
    return row


def _save(row: Finding, *fields: str) -> Finding:
    row.version += 1
    row.save(update_fields=[*fields, "version"])
    return row


@transaction.atomic
def answer(finding: Finding, *, by: Actor, text: str, files: "Sequence[File[bytes]]" = ()) -> Finding:
    """The body says what it has put right, with evidence; late answers are taken and stay marked as late."""
    row = held(finding)
    insist(can_answer(by, row.organisation_id))
    _insist_state(row, FindingState.ORDERED, doing="提交整改答复")
    words = said(text, "请写明整改了什么、怎样整改的。", longest=1000)
    if len(files) > MOST_FILES:
        raise Refused(f"一次最多 {MOST_FILES} 个文件。请把多页合并成一个 PDF。", code="too_many")
    kept = [
        store.keep(file, name=file.name or "材料.pdf", purpose=PURPOSE, by=by, area_code=row.area_id, opens_with="supervision.view").pk
        for file in files
    ]
    late = timezone.localdate() > row.due_on
    row.state, row.answered_by_id = FindingState.ANSWERED, by.pk
    _save(row, "state", "answered_by_id")
    _step(row, "逾期答复" if late else "整改答复", words, by, kept)
    record("supervision.answer", by=by, of=row, after={"state": row.state, "files": len(kept), "late": late})
    inbox.settle(address(row))
    telling.tell_officers(row.area_id, f"整改已答复，待复查：{row.code}", words[:200], address(row))
    return row


@transaction.atomic
def extend(finding: Finding, *, by: Actor, until: date, reason: str) -> Finding:
    """A later deadline, within the number and length that the provisions allow."""
    row = held(finding)
    insist(can_manage(by, row.area_id))
    _insist_state(row, FindingState.ORDERED, doing="延期")
    text, today = said(reason, "请写明延期的原因。", longest=200), timezone.localdate()
    most, days = (int(provisions.value(f"supervision.{key}", today)) for key in ("extensions", "extension_days"))
    if row.extended >= most:
        raise Refused(f"已延期 {row.extended} 次，按现行参数最多 {most} 次。到期仍未整改的，请复查后提出处理。", code="extended")
    latest = add_working_days(row.due_on, days)
    if not row.due_on < until <= latest:
        raise Refused(f"新期限应在 {row.due_on} 以后、{latest} 以前（最多延 {days} 个工作日）。", code="bad_day")
    Extension.objects.create(finding=row, before=row.due_on, after=until, reason=text, by=by.display_name[:60])
    before = {"due_on": row.due_on.isoformat()}
    row.due_on, row.extended, row.told_on = until, row.extended + 1, None
    _save(row, "due_on", "extended", "told_on")
    _step(row, "同意延期", f"延到 {until}。{text}", by)
    record("supervision.extend", by=by, of=row, before=before, after={"due_on": until.isoformat()}, reason=text)
    telling.tell_body(row, f"整改期限延到 {until}：{row.code}", text, address(row))
    return row


@transaction.atomic
def recheck(finding: Finding, *, by: Actor, passed: bool, text: str) -> Finding:
    """Look again: it is put right and closed, or it goes back with a new deadline."""
    row = held(finding)
    insist(can_recheck(by, row))
    _insist_state(row, FindingState.ANSWERED, doing="复查")
    words, today = said(text, "请写明复查的情况。", longest=500), timezone.localdate()
    if passed:
        row.state, row.closed_on = FindingState.CLOSED, today
    else:
        days = int(provisions.value("supervision.recheck_days", today))
        row.state, row.failed, row.due_on, row.told_on = FindingState.ORDERED, row.failed + 1, add_working_days(today, days), None
    _save(row, "state", "closed_on", "failed", "due_on", "told_on")
    _step(row, "复查合格" if passed else "复查不合格", words, by)
    record("supervision.recheck", by=by, of=row, after={"state": row.state, "passed": passed, "failed": row.failed}, reason=words)
    said_now = "复查合格，已办结" if passed else f"复查不合格，请在 {row.due_on} 前再次整改"
    telling.tell_body(row, f"{said_now}：{row.code}", words, address(row))
    return row


@transaction.atomic
def withdraw(finding: Finding, *, by: Actor, reason: str) -> Finding:
    """It was no fault after all: taken back, with the reason, and kept."""
    row = held(finding)
    insist(can_manage(by, row.area_id))
    _insist_state(row, FindingState.ORDERED, FindingState.ANSWERED, doing="撤销")
    text = said(reason, "请写明撤销的理由。")
    row.state, row.closed_on = FindingState.WITHDRAWN, timezone.localdate()
    _save(row, "state", "closed_on")
    _step(row, "撤销", text, by)
    record("supervision.withdraw", by=by, of=row, after={"state": row.state}, reason=text)
    inbox.settle(address(row))
    return row


def tell_overdue(today: date | None = None) -> int:
    """The periodic job (settings.PERIODIC): tell the body and the bureau of each finding that became overdue, once. Returns how many."""
    day = today or timezone.localdate()
    told = 0
    for pk in Finding.objects.overdue(day).filter(told_on=None).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = Finding.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=pk)
            # Somebody may have answered or extended since the query.
            if row.state != FindingState.ORDERED or row.due_on >= day or row.told_on:
                continue
            row.told_on = day
            row.save(update_fields=["told_on"])
            title, body = f"整改已逾期：{row.code}", f"{row.organisation.name}，期限 {row.due_on}：{row.text}"
            telling.tell_body(row, title, body, address(row))
            telling.tell_officers(row.area_id, title, body, address(row))
            record("supervision.tell_overdue", by=SYSTEM, of=row, after={"due_on": row.due_on.isoformat()})
            told += 1
    return told


SOON = timedelta(days=3)
"""How long before its deadline a finding is shown as soon due."""
