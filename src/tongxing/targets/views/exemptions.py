"""Exemptions: ask for one, see it, decide, take it back."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from tongxing.accounts.requests import user_of
from tongxing.audit.conflicts import EditConflict, Watch
from tongxing.core.access import requires
from tongxing.targets import exempting
from tongxing.targets.forms import DecisionForm, ExemptionForm
from tongxing.targets.models import Exemption, Target
from tongxing.targets.rules import can_decide, can_revoke

from .coverage import found_unit


@requires("targets.chase")
def exemption_new(request: HttpRequest, key: str, kind: str, number: int) -> HttpResponse:
    target, unit, _ = found_unit(request, key, kind, number, "targets.chase")
    form = ExemptionForm(request.POST or None, initial={"until": exempting.suggested_until(timezone.localdate())})
    if request.method == "POST" and form.is_valid():
        row = exempting.request_exemption(target, unit, by=user_of(request), **form.cleaned_data)
        messages.success(request, "免设申请已提交，等另一位有审批权限的同事审批。")
        return redirect("targets:exemption", row.pk)
    return render(request, "targets/exemption_new.html", {"form": form, "target": target, "unit": unit})


def _exemption(request: HttpRequest, exemption_id: int) -> Exemption:
    return get_object_or_404(Exemption.objects.visible_to(request.user), pk=exemption_id)


@requires("targets.view")
def exemption(request: HttpRequest, exemption_id: int) -> HttpResponse:
    return _show(request, _exemption(request, exemption_id), DecisionForm())


def _show(request: HttpRequest, row: Exemption, form: DecisionForm) -> HttpResponse:
    target = Target.objects.filter(key=row.target_key).first()
    waiting, user = row.state == "requested", user_of(request)
    context: dict[str, Any] = {"exemption": row, "target": target, "form": form, "in_force": row.holds_on(timezone.localdate())}
    context |= {"may_decide": waiting and bool(can_decide(user, row)), "may_revoke": not waiting and bool(can_revoke(user, row))}
    context["seen"] = Watch(lambda: [row]).seen
    return render(request, "targets/exemption.html", context, status=422 if form.errors else 200)


def _decide(request: HttpRequest, exemption_id: int, act: Callable[[Exemption, str], Any], done: str) -> HttpResponse:
    """Run the act on the exemption as the page showed it; what was written stays on the page when somebody else was quicker."""
    row, note = _exemption(request, exemption_id), request.POST.get("note", "")[:300]
    try:
        with Watch(lambda: [row]).unmoved(request):
            act(row, note)
    except EditConflict as conflict:
        form = DecisionForm(request.POST)
        form.add_error(None, conflict.message)
        return _show(request, _exemption(request, exemption_id), form)
    messages.success(request, done)
    return redirect("targets:exemption", exemption_id)


@requires("targets.exempt")
@require_POST
def exemption_approve(request: HttpRequest, exemption_id: int) -> HttpResponse:
    def act(row: Exemption, note: str) -> None:
        exempting.approve_exemption(row, note=note, by=user_of(request))

    return _decide(request, exemption_id, act, "已批准免设，缺口随之销号。")


@requires("targets.exempt")
@require_POST
def exemption_refuse(request: HttpRequest, exemption_id: int) -> HttpResponse:
    def act(row: Exemption, note: str) -> None:
        exempting.refuse_exemption(row, note=note, by=user_of(request))

    return _decide(request, exemption_id, act, "已退回免设申请，并通知了申请人。")


@requires("targets.exempt")
@require_POST
def exemption_revoke(request: HttpRequest, exemption_id: int) -> HttpResponse:
    def act(row: Exemption, note: str) -> None:
        exempting.revoke_exemption(row, reason=note, by=user_of(request))

    return _decide(request, exemption_id, act, "已收回免设，缺口重新列出。")
