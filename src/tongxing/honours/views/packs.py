"""Papers for the province, the province's answer, and letters to those who were not chosen."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires
from tongxing.files.serving import served
from tongxing.honours import honouring, packing
from tongxing.honours.models import Nomination, NominationState, Pack, Selection
from tongxing.honours.notice_forms import AnswerForm, ReceiptForm, SendForm
from tongxing.honours.review_forms import CloseForm
from tongxing.honours.rules import can_manage, can_see_results, insist
from tongxing.registry.views.act_page import act_page, file_page, posted

from .fetching import selection_of


def home(row: Selection) -> str:
    return reverse("honours:packs", args=[row.uid])


def pack_of(request: HttpRequest, uid: UUID) -> Pack:
    seen = Selection.objects.visible_to(user_of(request))
    row = get_object_or_404(Pack.objects.filter(selection__in=seen).select_related("selection__area"), uid=uid)
    insist(can_manage(user_of(request), row.selection.area_id))
    return row


@requires("honours.results")
@require_GET
def packs(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What stands ready, what was made and sent, what the province answered, who gets a letter."""
    row, user = selection_of(request, uid, managed=False), user_of(request)
    insist(can_see_results(user, row))
    recommended = Nomination.objects.filter(selection=row, state=NominationState.RECOMMENDED).select_related("person", "organisation")
    context = {
        "selection": row,
        "ready": packing.ready(row, timezone.localdate()),
        "packs": Pack.objects.filter(selection=row),
        "recommended": recommended.prefetch_related("honours").order_by("number"),
        "left_out": packing.left_out(row),
        "may_manage": bool(can_manage(user, row.area_id)) and user.may("honours.manage"),
        "may_make": row.state == "running" and row.stage in {"documents", "dispatch"},
    }
    return render(request, "honours/packs.html", context)


@requires("honours.manage")
def pack_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = selection_of(request, uid)
    return act_page(
        request,
        CloseForm(posted(request)),
        run=lambda v: packing.make_pack(row, by=user_of(request), **v),
        back=home(row),
        title=f"生成报送材料：{row.year} 年度",
        hint="推荐函、汇总表、每人的推荐表和事迹材料（Word 和 PDF）、证明材料，打成一个压缩包，附清单和摘要。",
        done="材料已生成，核对后报送。",
        submit="生成材料",
        clause="notice:3.3.2",
    )


@requires("honours.manage")
@require_GET
def pack_file(request: HttpRequest, uid: UUID) -> FileResponse:
    return served(packing.open_pack(pack_of(request, uid), by=user_of(request)))


@requires("honours.manage")
def pack_send(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = pack_of(request, uid)
    return act_page(
        request,
        SendForm(posted(request)),
        run=lambda v: packing.send_pack(row, by=user_of(request), **v),
        back=home(row.selection),
        title=f"登记报送：{row}",
        hint="登记后，材料里的人选成为本年度典型，登上荣誉榜。",
        done="已登记报送。",
        submit="登记报送",
        clause="notice:3.3.2",
        watched=lambda: [row],
    )


@requires("honours.manage")
def pack_receipt(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = pack_of(request, uid)
    return act_page(
        request,
        ReceiptForm(posted(request)),
        run=lambda v: packing.receive_pack(row, by=user_of(request), **v),
        back=home(row.selection),
        title=f"登记省级收件：{row}",
        done="已登记收件。",
        submit="登记收件",
        watched=lambda: [row],
    )


def _managed(request: HttpRequest, uid: UUID) -> Nomination:
    managed = Selection.objects.filter(user_of(request).scope("honours.manage").as_q("area_id"))
    return get_object_or_404(
        Nomination.objects.filter(selection__in=managed).select_related("selection", "person", "organisation"), uid=uid
    )


@requires("honours.manage")
def answer(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = _managed(request, uid)

    def run(values: dict[str, Any]) -> Any:
        return honouring.record_answer(row, by=user_of(request), gold=values.pop("gold") == "yes", **values)

    return act_page(
        request,
        AnswerForm(posted(request)),
        run=run,
        back=home(row.selection),
        title=f"登记省级结果：{row}",
        hint="评为金牌的登上荣誉榜。",
        done="省级结果已登记。",
        submit="登记结果",
        clause="notice:3.3.2",
        watched=lambda: [row],
    )


@requires("honours.manage")
@require_POST
def letter(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The letter of feedback to one."""
    row = _managed(request, uid)
    made = packing.letter_to(row, by=user_of(request))
    disposition = content_disposition_header(as_attachment=True, filename=f"{row.number}选树结果反馈.pdf") or "attachment"
    return HttpResponse(made, content_type="application/pdf", headers={"Content-Disposition": disposition, "Cache-Control": "no-store"})


@requires("honours.manage")
def letters(request: HttpRequest, uid: UUID) -> HttpResponse:
    """All letters of feedback in one archive."""
    row = selection_of(request, uid)
    return file_page(
        request,
        forms.Form(posted(request)),
        make=lambda _: packing.letters(row, by=user_of(request)),
        name=f"{row.year}年度选树结果反馈.zip",
        kind="application/zip",
        back=home(row),
        title=f"给未入选者的反馈：{row.year} 年度",
        hint=f"{len(packing.left_out(row))} 封，每人一份 PDF，不写评分，也不写其他人的姓名。",
        submit="下载反馈",
    )
