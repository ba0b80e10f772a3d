"""A public notice: looked at as the public will, published, taken down."""

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
from tongxing.files.models import StoredFile
from tongxing.registry.views.act_page import act_page, posted
from tongxing.subsidies import noticing
from tongxing.subsidies.forms import ReasonForm
from tongxing.subsidies.models import Claim, Round, RoundState
from tongxing.subsidies.rules import may_at
from tongxing.workdays import calendar

from .money_lists import word


def _found(request: HttpRequest, uid: UUID) -> Round:
    return get_object_or_404(Round.objects.visible_to(user_of(request)), uid=uid)


@requires("subsidies.view")
@require_GET
def round_(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _show(request, _found(request, uid))


def _show(request: HttpRequest, row: Round, refused: Refused | None = None) -> HttpResponse:
    lines = row.lines if row.state != RoundState.DRAFT else noticing.public_lines(row)
    today = timezone.localdate()
    days_left = calendar.working_days_between(today, row.ends_on) if row.ends_on and row.ends_on > today else 0
    claims = {claim.serial: claim for claim in Claim.objects.filter(round=row).select_related("person")}
    context = {
        "round": row,
        "word": word(row),
        "lines": [(line, claims.get(line["serial"])) for line in lines],
        "total": sum(float(line["amount"]) for line in lines),
        "attachments": StoredFile.objects.filter(pk__in=row.attachments),
        "days_left": days_left,
        "may_publish": row.state == RoundState.DRAFT and bool(may_at(user_of(request), "subsidies.approve", row.area_id)),
        "may_withdraw": row.state != RoundState.WITHDRAWN and bool(may_at(user_of(request), "subsidies.approve", row.area_id)),
        "objections": row.objections.select_related("claim__person"),
        "refused": refused,
    }
    return render(request, "subsidies/round.html", context, status=refused.status if refused else 200)


@requires("subsidies.approve")
@require_POST
def publish(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = _found(request, uid)
    try:
        done = noticing.publish_round(row, by=user_of(request))
    except Refused as refused:
        if refused.status == 403:
            raise
        return _show(request, row, refused)
    messages.success(request, f"已发布，公示至 {done.ends_on}，{done.shown_until} 后自动撤下。")
    return redirect("subsidies:round", uid)


@requires("subsidies.approve")
def withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = _found(request, uid)

    def run(typed: dict[str, Any]) -> Any:
        return noticing.withdraw_round(row, by=user_of(request), reason=typed["reason"])

    return act_page(
        request, ReasonForm(posted(request)), run=run, back=reverse("subsidies:round", args=[uid]), watched=lambda: [row],
        title=f"撤下公示：{row.title}", done="已撤下，名单中的申请退回重审。", submit="撤下公示", hint="撤下后须重新审批、重新公示。",
    )  # fmt: skip
