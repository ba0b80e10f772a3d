"""Pages for those who administer accounts."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongxing.audit import history
from tongxing.audit.conflicts import EditConflict, Watch
from tongxing.audit.names import act_name
from tongxing.core.access import requires
from tongxing.core.errors import Refused

from . import grants, lockout, organisations, users
from .forms import GrantForm, NewUserForm, ReasonForm, UserForm
from .models import Grant, User
from .reach import can_manage
from .requests import user_of
from .roles import ROLES

WATCHED = ("name", "job", "email", "is_active", "role", "area", "since", "until", "on_behalf_of", "revoked_at")
"""What administrators change of an account and of a grant; the account changes much of itself at every sign-in."""


def _watch(user: User) -> Watch:
    """An account with all that was ever granted to it: what one administrator decides by, another may have changed."""
    return Watch(lambda: [user, *user.grants.all()], only=WATCHED)


def _page(request: HttpRequest, user: User, form: GrantForm | None = None, reason_form: ReasonForm | None = None) -> HttpResponse:
    me = user_of(request)
    rows = list(user.grants.select_related("area", "on_behalf_of").order_by("-since", "-id"))
    names = organisations.names(row.organisation_id for row in rows if row.organisation_id is not None)
    may_manage = me.may("accounts.manage") and me.pk != user.pk and bool(can_manage(me, user))
    context = {
        "account": user,
        "grants": [(row, row.area.name if row.area else names.get(row.organisation_id or 0, "单位"), ROLES.get(row.role)) for row in rows],
        "may_manage": may_manage,
        "form": form or (GrantForm(by=me) if may_manage and user.is_active else None),
        "reason_form": reason_form or ReasonForm(auto_id="disable_%s"),
        "seen": _watch(user).seen,
        "entries": [(entry, act_name(entry.act)) for entry in history.of(user, limit=20)],
        "locked_minutes": lockout.minutes_left(user.username),
        "sessions": user.sessions.count(),
    }
    return render(request, "accounts/user.html", context, status=422 if form or reason_form else 200)


def _shown(request: HttpRequest, user_id: int) -> User:
    found: User = get_object_or_404(User.objects.visible_to(request.user), pk=user_id)
    return found


@require_GET
@requires("accounts.view")
def user(request: HttpRequest, user_id: int) -> HttpResponse:
    return _page(request, _shown(request, user_id))


@never_cache
@require_http_methods(["GET", "POST"])
@requires("accounts.manage")
def new(request: HttpRequest) -> HttpResponse:
    form = NewUserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            opened = users.create_user(by=user_of(request), **form.cleaned_data)
            return render(request, "accounts/password.html", {"opened": opened, "title": "账号已开设"})
        except Refused as refused:
            form.add_error(None, refused.message)
    context = {"form": form, "title": "开设账号", "submit": "开设账号", "back": reverse("accounts:users")}
    return render(request, "accounts/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires("accounts.manage")
def edit(request: HttpRequest, user_id: int) -> HttpResponse:
    account = _shown(request, user_id)
    form = UserForm(request.POST or None, initial={"name": account.name, "job": account.job, "email": account.email})
    watch = Watch(lambda: [account], only=WATCHED)
    if request.method == "POST" and form.is_valid():
        try:
            with watch.unmoved(request):
                users.update_user(account, by=user_of(request), **form.cleaned_data)
        except EditConflict as conflict:
            form.add_error(None, conflict.message)
        else:
            messages.success(request, "资料已保存。")
            return redirect("accounts:user", user_id=account.pk)
    context = {"form": form, "title": f"修改“{account.name}”的资料", "submit": "保存", "back": reverse("accounts:user", args=[account.pk])}
    return render(request, "accounts/form.html", {**context, "seen": watch.seen}, status=422 if form.errors else 200)


@require_POST
@requires("accounts.manage")
def disable(request: HttpRequest, user_id: int) -> HttpResponse:
    account = _shown(request, user_id)
    try:
        with _watch(account).unmoved(request):
            users.disable_user(account, by=user_of(request), reason=request.POST.get("reason", ""))
    except EditConflict as conflict:
        form = ReasonForm(request.POST, auto_id="disable_%s")
        form.add_error(None, conflict.message)
        return _page(request, account, reason_form=form)
    messages.success(request, f"账号 {account.username} 已停用，正在使用的会话已全部结束。")
    return redirect("accounts:user", user_id=account.pk)


@require_POST
@requires("accounts.manage")
def enable(request: HttpRequest, user_id: int) -> HttpResponse:
    account = _shown(request, user_id)
    with _watch(account).unmoved(request):
        users.enable_user(account, by=user_of(request))
    messages.success(request, f"账号 {account.username} 已启用。")
    return redirect("accounts:user", user_id=account.pk)


@never_cache
@require_POST
@requires("accounts.manage")
def reset_password(request: HttpRequest, user_id: int) -> HttpResponse:
    opened = users.reset_password(_shown(request, user_id), by=user_of(request))
    return render(request, "accounts/password.html", {"opened": opened, "title": "密码已重置"})


@require_POST
@requires("accounts.manage")
def reset_second_factor(request: HttpRequest, user_id: int) -> HttpResponse:
    account = users.reset_second_factor(_shown(request, user_id), by=user_of(request), reason=request.POST.get("reason", ""))
    messages.success(request, f"“{account.name}”的二次验证已取消，下次登录时重新设置。")
    return redirect("accounts:user", user_id=account.pk)


@require_POST
@requires("accounts.manage")
def grant(request: HttpRequest, user_id: int) -> HttpResponse:
    account, me = _shown(request, user_id), user_of(request)
    form = GrantForm(request.POST, by=me)
    if form.is_valid():
        try:
            with _watch(account).unmoved(request):
                given = grants.grant_role(account, by=me, **form.cleaned_data)
            messages.success(request, f"已授予“{given.get_role_display()}”。")
            return redirect("accounts:user", user_id=account.pk)
        except Refused as refused:
            form.add_error(None, refused.message)
    return _page(request, account, form)


@require_POST
@requires("accounts.manage")
def revoke(request: HttpRequest, grant_id: int) -> HttpResponse:
    row = get_object_or_404(Grant.objects.visible_to(request.user), pk=grant_id)
    with _watch(row.user).unmoved(request, among=[row]):
        grants.revoke_grant(row, by=user_of(request), reason=request.POST.get("reason", ""))
    messages.success(request, f"已收回“{row.get_role_display()}”。")
    return redirect("accounts:user", user_id=row.user_id)
