"""What a user does with a batch; one purpose per address."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.sheets import applying
from tongxing.sheets.forms import ApplyForm, UndoForm
from tongxing.sheets.models import Batch, BatchStatus
from tongxing.sheets.tasks import go_on as continue_batch
from tongxing.sheets.tasks import start_apply, start_check, start_undo
from tongxing.sheets.undoing import insist_on_right

from .batches import found


def _mine(request: HttpRequest, uid: Any) -> Batch:
    """Only who uploaded a file acts on it: the check was made with that person's scope."""
    batch = found(request, uid)
    if batch.user_id != request.user.pk:
        raise Refused("只有上传人可以处理这个批次。需要时请自己重新上传这份文件。", code="not_yours", status=403)
    return batch


@require_POST
@requires("sheets.use")
def check(request: HttpRequest, uid: Any) -> HttpResponse:
    """Check again: others may have worked on the records since."""
    batch = _mine(request, uid)
    start_check(batch)
    return redirect("sheets:batch", uid=uid)


@require_POST
@requires("sheets.use")
def apply(request: HttpRequest, uid: Any) -> HttpResponse:
    batch = _mine(request, uid)
    form = ApplyForm(request.POST)
    if not form.is_valid():
        raise Refused("没有选择入库方式，请返回后重新选择。", code="mode_missing", status=400)
    start_apply(batch, form.cleaned_data["mode"], by=request.user)
    batch.refresh_from_db()
    if batch.status == BatchStatus.APPLIED:
        messages.success(request, f"已入库：新增 {batch.new} 行，变更 {batch.changed} 行。")
    elif batch.refused_message:
        messages.warning(request, batch.refused_message)
    return redirect("sheets:batch", uid=uid)


@require_POST
@requires("sheets.use")
def pause(request: HttpRequest, uid: Any) -> HttpResponse:
    applying.pause(_mine(request, uid), by=request.user)
    return redirect("sheets:batch", uid=uid)


@require_POST
@requires("sheets.use")
def go_on(request: HttpRequest, uid: Any) -> HttpResponse:
    """Continue what was paused or broken off."""
    continue_batch(_mine(request, uid))
    return redirect("sheets:batch", uid=uid)


@require_POST
@requires("sheets.use")
def cancel(request: HttpRequest, uid: Any) -> HttpResponse:
    applying.cancel(_mine(request, uid), by=request.user)
    messages.success(request, "已取消，没有写入任何数据。")
    return redirect("sheets:batch", uid=uid)


@require_POST
@requires("sheets.undo")
def undo(request: HttpRequest, uid: Any) -> HttpResponse:
    batch = found(request, uid)
    insist_on_right(batch, request.user)
    form = UndoForm(request.POST)
    if not form.is_valid():
        raise Refused("请写明为什么撤销这批数据。", code="reason_missing", status=400)
    start_undo(batch, by=request.user, reason=form.cleaned_data["reason"])
    batch.refresh_from_db()
    if batch.status == BatchStatus.UNDONE:
        messages.success(request, "这批数据已全部撤销，登记恢复到导入之前。")
    return redirect("sheets:batch", uid=uid)
