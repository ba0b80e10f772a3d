"""The button that asks the worker for a backup now."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from tongxing.accounts.requests import user_of
from tongxing.core.access import requires

from .schedule import back_up_now, refuse_outsiders


@require_POST
@requires("backups.make")
def make(request: HttpRequest) -> HttpResponse:
    refuse_outsiders(user_of(request))
    back_up_now.enqueue(user_of(request).pk)
    messages.success(request, "已交给后台任务进程去做。做完后刷新这一页就能看到结果，可以离开。")
    return redirect("backups:backups")
