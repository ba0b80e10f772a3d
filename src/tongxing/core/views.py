"""Pages for what went wrong: each says what happened, why, and what to do now."""

import logging
import sys

from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from .middleware import request_id
from .outages import Outage, outage_of

RETRY_SECONDS = 5

logger = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answered without the signed-in frame: such a request is not to be trusted with more than a page."""
    if isinstance(exception, DisallowedHost):
        reason = "这个网址不在本系统允许的域名之内。请用单位公布的网址打开；网址没错的，请管理员把它加进 TONGXING_HOSTS。"
        return _bare("网址不对", reason, status=400)
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        reason = "一次提交的内容太多，没有保存。请返回上一页，分几次提交；大批数据请用“名册导入”。"
        return _bare("内容太多", reason, status=413)
    return _bare("看不懂这次请求", "浏览器发来的内容不完整或被改动过，没有保存。请返回上一页刷新后重试。", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "core/error.html", {"title": "没有权限", "reason": str(exception or "")}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    reason = "这条记录不存在，或者不在您的管理范围内。"
    return render(request, "core/error.html", {"title": "没有找到", "reason": reason}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Needs no database and no session: they may be what failed. Django calls it while the error is being handled."""
    if outage := outage_of(sys.exc_info()[1]):
        return out_of_service(request, outage)
    number = f"请把编号告诉管理员：{request_id.get()}" if request_id.get() else "请联系管理员。"
    return _bare("系统出错", f"系统出错了，您刚才的操作没有生效。请过一会儿重试；仍不行，{number}", status=500)


def out_of_service(request: HttpRequest, outage: Outage) -> HttpResponse:
    """The database or the disk is what failed. A page that was only looked at can be asked for again from here."""
    looking = request.method in {"GET", "HEAD"}
    logger.error("%s: %s %s", outage.code, request.method, request.path)
    facts = {"title": outage.title, "reason": outage.sentence(saving=not looking), "again": request.get_full_path() if looking else ""}
    response = HttpResponse(render_to_string("core/bare.html", facts), status=503)
    response["Retry-After"] = str(RETRY_SECONDS)
    # What answers other programs puts it into their shape.
    response.outage = outage  # type: ignore[attr-defined]
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    text = "页面打开得太久或浏览器拦下了 Cookie，这次提交没有生效。请返回上一页刷新后重新提交。"
    return render(request, "core/error.html", {"title": "提交已过期", "reason": text}, status=403)


def _bare(title: str, reason: str, *, status: int) -> HttpResponse:
    return HttpResponse(render_to_string("core/bare.html", {"title": title, "reason": reason}), status=status)
