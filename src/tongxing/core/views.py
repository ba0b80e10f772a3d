"""Pages for what went wrong: each says what happened, why, and what to do now."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .middleware import request_id


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "core/error.html", {"title": "没有权限", "reason": str(exception or "")}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    reason = "这条记录不存在，或者不在您的管理范围内。"
    return render(request, "core/error.html", {"title": "没有找到", "reason": reason}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    reason = f"系统出错了，您刚才的操作没有生效。请重试；仍不行请把编号告诉管理员：{request_id.get()}"
    return render(request, "core/error.html", {"title": "系统出错", "reason": reason}, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    text = "页面打开得太久或浏览器拦下了 Cookie，这次提交没有生效。请返回上一页刷新后重新提交。"
    return render(request, "core/error.html", {"title": "提交已过期", "reason": text}, status=403)
