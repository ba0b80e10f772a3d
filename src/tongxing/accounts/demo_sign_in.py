"""One-press sign-in of a demonstration. Outside demonstration mode this page does not exist."""

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from tongxing.audit import log
from tongxing.core.access import public

from . import sessions
from .models import User

PREFIX = "demo-"


@public
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    if not settings.DEMO or settings.PRODUCTION:
        raise Http404
    username = request.POST.get("username", "")
    user = get_object_or_404(User, username=username, username__startswith=PREFIX, is_active=True)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    sessions.begin(request, user)
    log.record("accounts.sign_in", by=user, of=user, after={"方式": "演示一键登录"})
    return redirect(settings.LOGIN_REDIRECT_URL)
