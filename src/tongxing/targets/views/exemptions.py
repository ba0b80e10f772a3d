"""Exemptions: ask for one, see it, decide, take it back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from tongxing.accounts.requests import user_of
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
    row = _exemption(request, exemption_id)
    target = Target.objects.filter(key=row.target_key).first()
    waiting, user = row.state == "requested", user_of(request)
    context = {"exemption": row, "target": target, "form": DecisionForm(), "in_force": row.holds_on(timezone.localdate())}
    context |= {"may_decide": waiting and bool(can_decide(user, row)), "may_revoke": not waiting and bool(can_revoke(user, row))}
    return render(request, "targets/exemption.html", context)


@requires("targets.exempt")
@require_POST
def exemption_approve(request: HttpRequest, exemption_id: int) -> HttpResponse:
    exempting.approve_exemption(_exemption(request, exemption_id), note=request.POST.get("note", "")[:300], by=user_of(request))
    messages.success(request, "已批准免设，缺口随之销号。")
    return redirect("targets:exemption", exemption_id)


@requires("targets.exempt")
@require_POST
def exemption_refuse(request: HttpRequest, exemption_id: int) -> HttpResponse:
    exempting.refuse_exemption(_exemption(request, exemption_id), note=request.POST.get("note", "")[:300], by=user_of(request))
    messages.success(request, "已退回免设申请，并通知了申请人。")
    return redirect("targets:exemption", exemption_id)


@requires("targets.exempt")
@require_POST
def exemption_revoke(request: HttpRequest, exemption_id: int) -> HttpResponse:
    exempting.revoke_exemption(_exemption(request, exemption_id), reason=request.POST.get("note", "")[:300], by=user_of(request))
    messages.success(request, "已收回免设，缺口重新列出。")
    return redirect("targets:exemption", exemption_id)
