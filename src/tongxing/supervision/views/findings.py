"""Findings: the list, one finding with its course, answers, extensions, re-checks; and the record of a body."""

from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.listing import Column, Filter, ListPage
from tongxing.files.models import StoredFile
from tongxing.registry.views.act_page import act_page, posted
from tongxing.supervision import rectifying, sanctioning
from tongxing.supervision.forms import AnswerForm, ExtendForm, ProposeForm, ReasonForm, RecheckForm, RegradeForm
from tongxing.supervision.models import Anomaly, AnomalyState, Finding, FindingState, Sanction, Severity, Visit, VisitState
from tongxing.supervision.rectifying import SOON, address
from tongxing.supervision.rules import can_answer, can_manage, can_recheck, insist

from .fetching import body_of, finding_of, tone


def _due_tone(row: Finding) -> str:
    if row.state != FindingState.ORDERED:
        return ""
    return "red" if row.is_overdue else "amber" if row.due_on <= timezone.localdate() + SOON else ""


def _overdue(rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
    return rows.filter(pk__in=Finding.objects.overdue().values("pk"))


class FindingList(ListPage):
    key = "supervision.findings"
    title = "督导问题"
    intro = "检查和异常监测发现的问题：整改、答复、复查、办结。期限按工作日计算。"
    permission = "supervision.view"
    export_permission = "registry.export"
    search_hint = "编号、机构、问题"
    default_sort = "due_on"
    empty = ("没有督导问题", "现场检查的不符合项会自动列在这里。", "", "")
    columns = (
        Column("text", "问题", value=lambda f: f.text, link=address, width=44),
        Column("code", "编号", value=lambda f: f.code, sort="code"),
        Column("body", "机构", value=lambda f: f.organisation.name, sort="organisation__name", width=30),
        Column("severity", "程度", value=lambda f: f.get_severity_display(), sort="severity", width=8),
        Column("state", "状态", value=lambda f: f.get_state_display(), tone=tone, sort="state", width=10),
        Column("due_on", "整改期限", value=lambda f: f.due_on, tone=_due_tone, sort="due_on"),
        Column("overdue", "逾期", value=lambda f: "逾期" if f.is_overdue else None, tone=_due_tone, width=8),
        Column("failed", "复查不合格", value=lambda f: f.failed or None, sort="failed", numeric=True, default=False),
        Column("area", "区划", value=lambda f: f.area.short_name, sort="area_id", default=False),
    )
    filters = (
        Filter.choice("state", "状态", FindingState.choices),
        Filter.choice("severity", "程度", Severity.choices),
        Filter.custom("overdue", "逾期", (("1", "已逾期"),), apply=_overdue),
        Filter.area("area", "区划"),
    )

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        return Finding.objects.visible_to(user_of(request)).select_related("organisation", "area")

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        wanted = text.strip()
        return rows.filter(Q(code__icontains=wanted) | Q(text__icontains=wanted) | Q(organisation__name__icontains=wanted))


@requires("supervision.view")
@require_GET
def finding(request: HttpRequest, uid: UUID) -> HttpResponse:
    row, user = finding_of(request, uid), user_of(request)
    steps = list(row.steps.all())
    files = {file.pk: file for file in StoredFile.objects.filter(pk__in=[pk for step in steps for pk in step.files])}
    seen = set(StoredFile.objects.visible_to(user).filter(pk__in=files).values_list("pk", flat=True))
    open_state = row.state == FindingState.ORDERED
    context = {
        "finding": row,
        "tone": tone(row),
        "due_tone": _due_tone(row),
        "steps": [(step, [(files[pk], pk in seen) for pk in step.files if pk in files]) for step in steps],
        "extensions": row.extensions.all(),
        "sanctions": Sanction.objects.visible_to(user).filter(findings=row),
        "visit": Visit.objects.visible_to(user).filter(findings=row).first(),
        "may_answer": open_state and bool(can_answer(user, row.organisation_id)),
        "may_recheck": row.state == FindingState.ANSWERED and bool(can_recheck(user, row)),
        "may_manage": bool(can_manage(user, row.area_id)),
        "standing": row.state in {FindingState.ORDERED, FindingState.ANSWERED},
        "ordered": open_state,
    }
    return render(request, "supervision/finding.html", context)


class Words(NamedTuple):
    """What the page of one act says."""

    title: str
    done: str
    submit: str
    hint: str = ""


def _page(request: HttpRequest, row: Finding, form: Any, act: Any, words: Words) -> HttpResponse:
    return act_page(
        request,
        form,
        run=lambda v: act(row, by=user_of(request), **v),
        back=address(row),
        title=f"{words.title}：{row.code}",
        hint=words.hint or row.text,
        done=words.done,
        submit=words.submit,
        watched=lambda: [row],
    )


@requires("supervision.answer")
def finding_answer(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = finding_of(request, uid)
    insist(can_answer(user_of(request), row.organisation_id))
    form = AnswerForm(posted(request), request.FILES or None)

    def act(finding: Finding, *, by: Any, text: str, evidence: Any) -> Finding:
        return rectifying.answer(finding, by=by, text=text, files=[evidence] if evidence else [])

    return _page(request, row, form, act, Words("整改答复", "已提交，等待复查。", "提交答复", f"{row.text} 期限 {row.due_on}。"))


@requires("supervision.manage")
def finding_extend(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = finding_of(request, uid)
    return _page(
        request,
        row,
        ExtendForm(posted(request)),
        rectifying.extend,
        Words("延期", "已延期，机构收到通知。", "同意延期", f"原期限 {row.due_on}。"),
    )


@requires("supervision.view")
def finding_recheck(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = finding_of(request, uid)
    insist(can_recheck(user_of(request), row))
    return _page(request, row, RecheckForm(posted(request)), rectifying.recheck, Words("复查", "复查结论已登记。", "登记结论"))


@requires("supervision.manage")
def finding_regrade(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = finding_of(request, uid)
    form = RegradeForm(posted(request), initial={"severity": row.severity})
    return _page(request, row, form, rectifying.regrade, Words("调整程度", "已调整，期限重新计算。", "调整"))


@requires("supervision.manage")
def finding_withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = finding_of(request, uid)
    return _page(request, row, ReasonForm(posted(request)), rectifying.withdraw, Words("撤销问题", "已撤销。", "撤销"))


@requires("supervision.manage")
def finding_propose(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Propose a sanction from a finding, with others of the same body."""
    row = finding_of(request, uid)
    insist(can_manage(user_of(request), row.area_id))
    others = Finding.objects.visible_to(request.user).filter(organisation=row.organisation).exclude(state=FindingState.WITHDRAWN)
    form = ProposeForm(posted(request), findings=others, initial={"findings": [row.pk], "facts": row.text})

    def run(values: dict[str, Any]) -> str:
        made = sanctioning.propose(list(values.pop("findings")), by=user_of(request), **values)
        return sanctioning.address(made)

    hint = "提出后先告知机构，听取陈述申辩，再由分管领导决定；您和参加检查的人不能作决定。"
    return act_page(
        request, form, run=run, back="", title=f"提出处理：{row.organisation.name}", hint=hint, done="已提出。", submit="提出处理"
    )


@requires("supervision.view")
@require_GET
def of_body(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The card 督导记录 of a body's page."""
    body, user = body_of(request, uid), user_of(request)
    findings = Finding.objects.visible_to(user).filter(organisation=body)
    context = {
        "body": body,
        "visits": Visit.objects.visible_to(user).filter(organisation=body).exclude(state=VisitState.CANCELLED)[:5],
        "standing": [(row, _due_tone(row)) for row in findings.standing()[:10]],
        "closed": findings.filter(state=FindingState.CLOSED).count(),
        "sanctions": [(row, tone(row)) for row in Sanction.objects.visible_to(user).filter(organisation=body)[:5]],
        "anomalies": Anomaly.objects.visible_to(user).filter(organisation=body, state=AnomalyState.OPEN)[:5],
        "may_manage": bool(can_manage(user, body.area_id)),
    }
    return render(request, "supervision/of_body.html", context)
