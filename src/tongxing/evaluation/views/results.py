"""Results and objections of a batch, the archive, the workbook for the national system."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.evaluation import archiving, objecting, publishing
from tongxing.evaluation.archiving import CHECKLIST, Kept
from tongxing.evaluation.exporting import national_workbook
from tongxing.evaluation.forms.batches import PlaceForm, PurposeForm, ReasonForm
from tongxing.evaluation.forms.results import AnswerForm, ObjectionForm, UpholdForm
from tongxing.evaluation.models import AssessmentBatch, BatchState, Candidate, Objection, ObjectionState
from tongxing.evaluation.models.batches import RESULTS
from tongxing.evaluation.passing import parts_of
from tongxing.evaluation.rules import can_issue
from tongxing.papers.book import XLSX
from tongxing.registry.views.act_page import act_page, file_page, posted, reveal_page

from .fetching import batch_of, candidate_of, frame, managed

SETTLED = RESULTS | {BatchState.SCORED}


@requires("evaluation.applications")
@require_GET
def results(request: HttpRequest, uid: UUID) -> HttpResponse:
    batch, user = batch_of(request, uid), user_of(request)
    rows = Candidate.objects.filter(batch=batch).select_related("person", "certificate", "application").prefetch_related("parts")
    objections = list(Objection.objects.filter(candidate__batch=batch).select_related("candidate__person"))
    disputed = {row.candidate_id for row in objections if row.state == ObjectionState.OPEN}
    names = parts_of(batch.level)
    lines = []
    for one in rows:
        by_part = {row.part: row for row in one.parts.all()}
        lines.append((one, [(part.label, by_part.get(part)) for part in names], one.pk in disputed))
    context = {
        "parts": [part.label for part in names],
        "lines": lines if batch.state in SETTLED else [],
        "candidates": len(lines),
        "settled": batch.state in SETTLED,
        "objections": objections,
        "may_object": batch.state == BatchState.PUBLISHED and user.may("evaluation.edit"),
        "may_decide": bool(can_issue(user, batch)),
        "may_hand_out": bool(can_issue(user, batch)) and any(one.certificate_id for one, _, _ in lines),
        "today": timezone.localdate(),
    }
    return render(request, "evaluation/results.html", context | frame(request, batch, "results"))


@requires("evaluation.edit")
def objection_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    one = candidate_of(request, uid)
    return act_page(
        request,
        ObjectionForm(posted(request)),
        run=lambda v: objecting.raise_objection(one, by=user_of(request), **v),
        back=reverse("evaluation:results", args=[one.batch.uid]),
        title=f"登记异议：{one.person.name}（{one.ticket}）",
        hint="登记后只停这一名的公示时钟，其他人照常。",
        done="异议已登记，这一名的公示时钟已停。",
        submit="登记异议",
    )


def _objection(request: HttpRequest, uid: UUID) -> Objection:
    rows = Objection.objects.visible_to(request.user).select_related("candidate__person", "candidate__batch__filing__organisation")
    return get_object_or_404(rows, uid=uid)


@requires("evaluation.issue")
def objection_contact(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = _objection(request, uid)
    return reveal_page(
        request, ReasonForm(posted(request)), reveal=lambda v: objecting.reveal_contact(row, by=user_of(request), reason=v["reason"]),
        label=row.raised_by, back=reverse("evaluation:results", args=[row.candidate.batch.uid]), title="查看提出人的联系方式",
        hint="只用于答复。查看会记入审计日志。",
    )  # fmt: skip


@requires("evaluation.issue")
def objection_dismiss(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = _objection(request, uid)
    return act_page(
        request,
        AnswerForm(posted(request)),
        run=lambda v: objecting.dismiss_objection(row, by=user_of(request), **v),
        back=reverse("evaluation:results", args=[row.candidate.batch.uid]),
        title=f"异议不成立：{row.candidate.person.name}",
        hint=f"{row.raised_by}：{row.text}（停钟时还剩 {row.days_left} 个工作日，办结后接着算）",
        done="异议已办结，公示时钟接着走。",
        submit="办结",
        watched=lambda: [row],
    )


@requires("evaluation.issue")
def objection_uphold(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = _objection(request, uid)
    return act_page(
        request,
        UpholdForm(posted(request), batch=row.candidate.batch),
        run=lambda v: objecting.uphold_objection(row, by=user_of(request), **v),
        back=reverse("evaluation:results", args=[row.candidate.batch.uid]),
        title=f"异议成立，更正成绩：{row.candidate.person.name}",
        hint=f"{row.raised_by}：{row.text}。更正后这一名重新公示。",
        done="成绩已更正，这一名重新公示。",
        submit="更正成绩",
        watched=lambda: [row],
    )


@requires("evaluation.issue")
def result_cancel(request: HttpRequest, uid: UUID) -> HttpResponse:
    one = candidate_of(request, uid)
    return act_page(
        request,
        ReasonForm(posted(request)),
        run=lambda v: publishing.cancel_result(one, by=user_of(request), **v),
        back=reverse("evaluation:results", args=[one.batch.uid]),
        title=f"取消合格结果：{one.person.name}（{one.ticket}）",
        hint=one.held_reason,
        done="结果已取消，这一名不再发证。",
        submit="取消结果",
        watched=lambda: [one],
    )


# --- archive ---------------------------------------------------------------------------------------------------------------
@requires("evaluation.view")
@require_GET
def archive(request: HttpRequest, uid: UUID) -> HttpResponse:
    batch = batch_of(request, uid)
    said = {item.key: item for item in batch.archived.all()}
    context: dict[str, Any] = {
        "items": [(key, label, said.get(key)) for key, label in CHECKLIST.items()],
        "open_lines": len(archiving.open_lines(batch)),
        "open": batch.state in {BatchState.PUBLISHED, BatchState.ISSUED},
        "ready": batch.state == BatchState.ISSUED,
        "retention": archiving.retention(batch.archived_on or timezone.localdate()),
        "place_form": PlaceForm(),
    }
    return render(request, "evaluation/archive.html", context | frame(request, batch, "archive"))


@requires("evaluation.edit")
@require_POST
def archive_note(request: HttpRequest, uid: UUID) -> HttpResponse:
    batch = managed(request, uid)
    items = {key: Kept(f"p-{key}" in request.POST, f"e-{key}" in request.POST, request.POST.get(f"r-{key}", "")) for key in CHECKLIST}
    return _said(request, batch, lambda: archiving.note_items(batch, items, by=user_of(request)), "归档清单已保存。")


@requires("evaluation.edit")
@require_POST
def archive_close(request: HttpRequest, uid: UUID) -> HttpResponse:
    batch, place = managed(request, uid), request.POST.get("place", "")
    return _said(request, batch, lambda: archiving.archive(batch, by=user_of(request), place=place), "批次已归档。")


def _said(request: HttpRequest, batch: AssessmentBatch, act: Any, said: str) -> HttpResponse:
    try:
        act()
    except Refused as refused:
        if refused.status == 403:
            raise
        messages.error(request, refused.message)
    else:
        messages.success(request, said)
    return redirect("evaluation:archive", batch.uid)


# --- national system ---------------------------------------------------------------------------------------------------------
@requires("evaluation.edit")
def national(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The workbook, once the purpose is said."""
    batch = managed(request, uid)

    def make(typed: dict[str, Any]) -> bytes:
        return national_workbook(batch, by=user_of(request), reason=typed["reason"])

    return file_page(
        request, PurposeForm(posted(request)), make=make, name=f"上报数据_{batch.code}.xlsx", kind=XLSX, back=reverse("evaluation:batch", args=[uid]),
        title=f"导出上报数据：{batch.title}", submit="导出", hint="按证书印制内容的各栏，一证一行，供录入全国联网查询系统。",
    )  # fmt: skip
