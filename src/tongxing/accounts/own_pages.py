"""My account: roles, password, second factor, leave cover, sessions."""

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from tongxing.audit import log
from tongxing.core.access import requires
from tongxing.core.errors import Refused

from . import delegation as covers
from . import organisations, sessions
from .forms import DelegationForm
from .models import Delegation
from .requests import user_of


def _page(request: HttpRequest, form: DelegationForm | None = None) -> HttpResponse:
    me = user_of(request)
    names = organisations.names(grant.organisation_id for grant in me.current_grants if grant.organisation_id is not None)
    running = Delegation.objects.filter(Q(giver=me) | Q(taker=me), ended_at=None).select_related("giver", "taker")
    context = {
        "me": me,
        "grants": [
            (grant, str(grant.area) if grant.area else names.get(grant.organisation_id or 0, "单位")) for grant in me.current_grants
        ],
        "second_factor": is_mfa_enabled(me),
        "delegations": [row for row in running if row.is_running],
        "form": form or DelegationForm(giver=me),
        "sessions": me.sessions.all()[:20],
        "session_key": request.session.session_key,
    }
    return render(request, "accounts/me.html", context, status=422 if form else 200)


@require_GET
@requires("accounts.self")
def me(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@requires("accounts.self")
def delegate(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    form = DelegationForm(request.POST, giver=user)
    if form.is_valid():
        try:
            made = covers.delegate(user, **form.cleaned_data)
            messages.success(request, f"{made.since} 至 {made.until} 由 {made.taker.name} 代办，对方登录后页头显示“代 {user.name}”。")
            return redirect("accounts:me")
        except Refused as refused:
            form.add_error(None, refused.message)
    return _page(request, form)


@require_POST
@requires("accounts.self")
def end_delegation(request: HttpRequest, delegation_id: int) -> HttpResponse:
    user = user_of(request)
    row = get_object_or_404(Delegation.objects.filter(Q(giver=user) | Q(taker=user)), pk=delegation_id)
    covers.end_delegation(row, by=user)
    messages.success(request, "委托已结束。")
    return redirect("accounts:me")


@require_POST
@requires("accounts.self")
def end_sessions(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    number = sessions.end_all(user, except_key=request.session.session_key)
    log.record("accounts.end_sessions", by=user, of=user, after={"会话": number})
    messages.success(request, f"已结束其他 {number} 个会话。")
    return redirect("accounts:me")
