"""allauth's pages for the second factor, with what this house adds: the log, and roles that may not go without."""

from typing import Any

from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache

from tongxing.audit import log

from .middleware import SECOND_FACTOR_KEY
from .models import User
from .roles import ROLES


def _noted(request: HttpRequest, response: HttpResponseBase, what: str) -> HttpResponseBase:
    if request.method == "POST" and response.status_code == 302 and isinstance(request.user, User):
        log.record("accounts.second_factor", by=request.user, of=request.user, after={"二次验证": what})
        request.session.pop(SECOND_FACTOR_KEY, None)
    return response


@never_cache
def activate(request: HttpRequest, **facts: Any) -> HttpResponseBase:
    return _noted(request, totp.activate_totp(request, **facts), "已启用")


@never_cache
def deactivate(request: HttpRequest, **facts: Any) -> HttpResponseBase:
    user = request.user
    if isinstance(user, User) and any(ROLES[key].needs_second_factor for key in user.role_keys if key in ROLES):
        raise PermissionDenied("您的岗位必须使用二次验证，不能关闭。换手机请联系另一位系统管理员重置。")
    return _noted(request, totp.deactivate_totp(request, **facts), "已关闭")


@never_cache
def new_codes(request: HttpRequest, **facts: Any) -> HttpResponseBase:
    return _noted(request, codes.generate_recovery_codes(request, **facts), "已更换恢复码")
