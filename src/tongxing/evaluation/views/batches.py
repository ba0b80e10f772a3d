"""The list of batches, one batch with its next step on top, and the steps themselves."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.audit import history
from tongxing.audit.names import act_name
from tongxing.certificates.models import Level
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.core.listing import Column, Filter, ListPage
from tongxing.evaluation import issuing, planning, publishing, scoring, seating, sitting
from tongxing.evaluation.archiving import retention
from tongxing.evaluation.forms.batches import PlanForm, ReasonForm
from tongxing.evaluation.models import ApplicationState, AssessmentBatch, BatchState
from tongxing.evaluation.staffing import shortfalls
from tongxing.evaluation.stages import next_of, progress
from tongxing.evaluation.waiting import WAITS, waits
from tongxing.registry.views.act_page import act_page, posted

from .bodies import SHORT
from .fetching import TONES, batch_of, frame, managed

DONE = {
    "announce": (planning.announce, "公告已发布，公开页面可以看到。"),
    "close": (planning.close_applications, "报名已截止。审核完后确定考生。"),
    "fix": (seating.fix_candidates, "考生已确定，准考证号已编好。接着安排考场、抽签编座。"),
    "examine": (sitting.finish_exam, "考试已结束，可以录分了。"),
    "settle": (scoring.settle, "成绩已确定，等人社部门公示。"),
    "publish": (publishing.publish_results, "结果已公示，公开页面可以看到，姓名只显示首尾。"),
}


def _by_waiting(rows: "QuerySet[Any]", value: str, request: HttpRequest) -> "QuerySet[Any]":
    return rows.filter(waits(value)) if value in WAITS else rows


class BatchList(ListPage):
    key = "evaluation.batches"
    title = "评价批次"
    intro = "一个批次是一个等级、一个考点、一天的考试。"
    permission = "evaluation.view"
    export_permission = "registry.export"
    search_hint = "批次编号、名称、评价机构"
    default_sort = "-exam_on"
    empty = ("还没有评价批次", "评价机构登记了等级范围和考点，就可以安排批次。", "evaluation:batch-new", "新建批次")
    columns = (
        Column("title", "批次", value=lambda b: b.title, link=lambda b: reverse("evaluation:batch", args=[b.uid]), sort="title", width=36),
        Column("code", "编号", value=lambda b: b.code, sort="code"),
        Column("state", "状态", value=lambda b: b.get_state_display(), tone=lambda b: TONES[BatchState(b.state)], sort="state", width=12),
        Column("level", "等级", value=lambda b: SHORT[b.level], sort="level", width=8),
        Column("body", "评价机构", value=lambda b: b.filing.organisation.name, sort="filing__organisation__name", width=32),
        Column("site", "考点", value=lambda b: b.site.name, default=False),
        Column("apply_until", "报名截止", value=lambda b: b.apply_until, sort="apply_until"),
        Column("exam_on", "考试日期", value=lambda b: b.exam_on, sort="exam_on"),
        Column("applied", "报名", value=lambda b: b.applied, sort="applied", numeric=True, width=8),
        Column("waiting", "待审", value=lambda b: b.waiting or None, sort="waiting", numeric=True, width=8),
        Column("notice_until", "公示截止", value=lambda b: b.notice_until, sort="notice_until", default=False),
        Column("issued_on", "发证日期", value=lambda b: b.issued_on, sort="issued_on", default=False),
    )
    filters = (
        Filter.choice("state", "状态", BatchState.choices),
        Filter.custom("waits", "等待办理", list(WAITS.items()), apply=_by_waiting),
        Filter.choice("level", "等级", Level.choices),
        Filter.area("area", "区划"),
        Filter.days("exam", "考试日期", field="exam_on"),
    )
    actions = (("新建批次", "evaluation:batch-new", "evaluation.edit"), ("评价机构", "evaluation:bodies", "evaluation.view"))

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        standing = ~Q(applications__state=ApplicationState.WITHDRAWN)
        waiting = Q(applications__state=ApplicationState.SUBMITTED)
        seen = AssessmentBatch.objects.visible_to(user_of(request)).select_related("filing__organisation", "site")
        return seen.annotate(applied=Count("applications", filter=standing), waiting=Count("applications", filter=waiting))

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        wanted = text.strip()
        return rows.filter(Q(code__icontains=wanted) | Q(title__icontains=wanted) | Q(filing__organisation__name__icontains=wanted))


@requires("evaluation.view")
@require_GET
def batch(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = batch_of(request, uid)
    counts = found.applications.aggregate(
        applied=Count("pk", filter=~Q(state=ApplicationState.WITHDRAWN)), accepted=Count("pk", filter=Q(state=ApplicationState.ACCEPTED))
    )
    candidates = found.candidates.aggregate(
        all=Count("pk"),
        present=Count("pk", filter=Q(attendance="present")),
        passed=Count("pk", filter=Q(passed=True)),
        issued=Count("pk", filter=Q(certificate__isnull=False)),
    )
    staffed = found.state in {BatchState.ANNOUNCED, BatchState.CLOSED, BatchState.FIXED}
    context = {
        "next": next_of(found),
        "steps": progress(found),
        "counts": counts,
        "candidates": candidates,
        "shortfalls": shortfalls(found, candidates["all"] or counts["accepted"]) if staffed else [],
        "retention": retention(found.archived_on) if found.archived_on else None,
        "history": [(entry, act_name(entry.act)) for entry in history.of(found)],
    }
    return render(request, "evaluation/batch.html", context | frame(request, found, "batch"))


@requires("evaluation.edit")
def batch_new(request: HttpRequest) -> HttpResponse:
    def run(values: dict[str, Any]) -> str:
        made = planning.plan_batch(values.pop("filing"), by=user_of(request), **values)
        return reverse("evaluation:batch", args=[made.uid])

    return act_page(
        request,
        PlanForm(posted(request), user=user_of(request)),
        run=run,
        back="",
        title="新建评价批次",
        done="计划已建好。核对后发布公告。",
        submit="建立计划",
        clause="notice:3.1.4",
        template="evaluation/batch_form.html",
    )


@requires("evaluation.edit")
def batch_edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = managed(request, uid)
    fields = ("title", "level", "site", "apply_from", "apply_until", "exam_on", "capacity", "announcement")
    initial = {field: getattr(found, field) for field in fields}
    return act_page(
        request,
        PlanForm(posted(request), user=user_of(request), batch=found, initial=initial),
        run=lambda values: planning.change_plan(found, by=user_of(request), **values),
        back=reverse("evaluation:batch", args=[uid]),
        title=f"修改批次 {found.code}",
        done="计划已修改。",
        watched=lambda: [found],
    )


@requires("evaluation.edit")
@require_POST
def step(request: HttpRequest, uid: UUID, act: str) -> HttpResponse:
    """One move of the table; what the rules refuse is said on the batch's page."""
    found = batch_of(request, uid)
    if act not in DONE:
        raise Http404
    run: Callable[..., Any] = DONE[act][0]
    try:
        run(found, by=user_of(request))
    except Refused as refused:
        if refused.status == 403:
            raise
        messages.error(request, refused.message)
    else:
        messages.success(request, DONE[act][1])
    return redirect("evaluation:batch", uid)


@requires("evaluation.issue")
@require_POST
def issue(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = batch_of(request, uid)
    try:
        done = issuing.issue(found, by=user_of(request))
    except Refused as refused:
        if refused.status == 403:
            raise
        messages.error(request, refused.message)
        return redirect("evaluation:batch", uid)
    messages.success(request, _issued(done))
    return redirect("evaluation:results", uid)


def _issued(done: issuing.Issued) -> str:
    numbers = done.numbers
    said = f"已发 {len(numbers)} 本证书，编号 {numbers[0]} 至 {numbers[-1]}。" if numbers else "本批次没有要发的证书，已办结。"
    said += f"还有 {done.waiting} 人公示未满或异议在核查。" if done.waiting else ""
    return said + (f"{done.held} 人暂不发证，原因见名单。" if done.held else "")


@requires("evaluation.edit")
def batch_cancel(request: HttpRequest, uid: UUID) -> HttpResponse:
    found = managed(request, uid)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda values: planning.cancel(found, by=user_of(request), **values),
        back=reverse("evaluation:batch", args=[uid]),
        title=f"取消批次 {found.code}",
        hint=f"{found.title}。取消后不能恢复，报名的人会看到原因。",
        done="批次已取消。",
        submit="取消批次",
        watched=lambda: [found],
    )
