"""A payment list: approved by another, handed to the bank, settled line by line."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import insist, requires
from tongxing.core.errors import Refused
from tongxing.papers import register
from tongxing.papers.book import XLSX
from tongxing.registry.views.act_page import act_page, posted
from tongxing.subsidies import bank_files, paying, reading_files, reconciling
from tongxing.subsidies.forms import AnswerForm, ReasonForm
from tongxing.subsidies.models import LineState, PaymentList, PaymentState
from tongxing.subsidies.rules import is_other, may_at

from .money_lists import PAYMENT_TONES

S = PaymentState


def _found(request: HttpRequest, uid: UUID) -> PaymentList:
    return get_object_or_404(PaymentList.objects.visible_to(user_of(request)).select_related("fund"), uid=uid)


@requires("subsidies.view")
@require_GET
def payment(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _show(request, _found(request, uid))


def _show(request: HttpRequest, row: PaymentList, **more: Any) -> HttpResponse:
    user = user_of(request)
    pays, approves = (bool(may_at(user, permission, row.area_code)) for permission in ("subsidies.pay", "subsidies.approve"))
    lines = list(row.lines.select_related("claim__payee_person", "claim__payee_organisation"))
    context = {
        "row": row,
        "tone": PAYMENT_TONES[row.state],
        "lines": lines,
        "settled": [(state.label, [line for line in lines if line.state == state]) for state in LineState],
        "may_approve": approves and row.state == S.DRAFT and bool(is_other(user, row.made_by_id, step="制单又审核")),
        "may_send": pays and row.state == S.APPROVED,
        "may_export": pays and row.state in bank_files.PAYABLE,
        "may_cancel": (pays or approves) and row.state in {S.DRAFT, S.APPROVED},
        "may_settle": pays and row.state in {S.SENT, S.PARTLY},
        "may_bounce": pays,
        "may_print": user.may_at("papers.make", row.area_code),
        "form": AnswerForm(),
    }
    return render(request, "subsidies/payment.html", context | more)


@requires("subsidies.approve")
@require_POST
def approve(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = paying.approve_list(_found(request, uid), by=user_of(request))
    messages.success(request, f"已审核：{row.lines_count} 笔，{row.total:,.2f} 元。出纳可以导出银行代发文件。")
    return redirect("subsidies:payment", uid)


@requires("subsidies.pay")
@require_POST
def send(request: HttpRequest, uid: UUID) -> HttpResponse:
    paying.send_list(_found(request, uid), by=user_of(request))
    messages.success(request, "已登记送银行。收到回单后在本页上传对账。")
    return redirect("subsidies:payment", uid)


@requires("desk.use")
def cancel(request: HttpRequest, uid: UUID) -> HttpResponse:
    row, user = _found(request, uid), user_of(request)
    insist(may_at(user, "subsidies.pay", row.area_code) or may_at(user, "subsidies.approve", row.area_code))
    return act_page(
        request, ReasonForm(posted(request)), run=lambda v: paying.cancel_list(row, by=user_of(request), reason=v["reason"]),
        back=reverse("subsidies:payment", args=[uid]), title=f"作废拨付单 {row.number}", done="已作废，申请回到待拨付。", submit="作废拨付单",
    )  # fmt: skip


@requires("subsidies.pay")
@require_POST
def bank_file(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The bank's workbook; a POST, because it holds accounts in clear and is logged."""
    row = _found(request, uid)
    content = bank_files.bank_file(row, by=user_of(request))
    name = content_disposition_header(as_attachment=True, filename=f"银行代发_{row.number}.xlsx") or "attachment"
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": name, "Cache-Control": "no-store"})


@requires("subsidies.view")
@require_POST
def voucher(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Issue the voucher as a numbered paper and go to it."""
    row = _found(request, uid)
    paper = register.issue(bank_files.voucher(row), kind="补贴拨付单", by=user_of(request), area_code=row.area_code)
    return redirect("papers:paper", paper.uid)


@requires("subsidies.pay")
@require_POST
def settle(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The bank's answer, line by line; what does not match is shown with the reason and changes nothing."""
    row = _found(request, uid)
    form = AnswerForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, row, form=form)
    try:
        upload = form.cleaned_data["file"]
        answers, unread = reading_files.answers_of(upload, upload.name)
        done = reconciling.reconcile(row, answers, by=user_of(request))
    except Refused as refused:
        if refused.status == 403:
            raise
        form.add_error("file", refused.message)
        return _show(request, row, form=form)
    row.refresh_from_db()
    return _show(request, row, done=done, left=sorted([*unread, *done.left]))
