"""One shape for every error: problem+json (RFC 9457), with a Chinese `detail` and a `code` that does not change."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, Throttled, ValidationError

from tongxing.core.errors import Refused
from tongxing.core.middleware import request_id

WORDS = {
    "missing": "缺少这一项",
    "int_parsing": "应为整数",
    "int_parsing_size": "数字太长",
    "int_type": "应为整数",
    "bool_parsing": "应为 true 或 false",
    "enum": "只能是 {expected}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "less_than": "应小于 {lt}",
    "string_too_long": "不能超过 {max_length} 个字符",
    "string_pattern_mismatch": "含有不允许的字符",
    "date_from_datetime_parsing": "应为日期，形如 2026-11-23",
    "date_parsing": "应为日期，形如 2026-11-23",
    "uuid_parsing": "应为 UUID",
}
"""What pydantic calls an error -> what a person reads."""
CONTENT_TYPE = "application/problem+json"


def problem(status: int, code: str, detail: str, **more: Any) -> HttpResponse:
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": request_id.get(),
    }
    return JsonResponse(body | more, status=status, content_type=CONTENT_TYPE, json_dumps_params={"ensure_ascii": False})


def _refused(request: HttpRequest, error: Any) -> HttpResponse:
    refused: Refused = error
    return problem(refused.status, refused.code, refused.message, **({"clause": refused.clause} if refused.clause else {}))


def _not_found(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(404, "not_found", "没有这条记录，或者不在令牌的范围内。")


def _forbidden(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(403, "forbidden", str(error) or "账号的岗位没有这项权限。")


def _validation(request: HttpRequest, error: Any) -> HttpResponse:
    fields = [
        {"field": ".".join(str(part) for part in item["loc"][1:]), "code": item["type"], "message": _sentence(item)}
        for item in error.errors
    ]
    named = "；".join(f"{field['field']} {field['message']}" for field in fields)
    return problem(422, "invalid", f"请求不合要求：{named}。", errors=fields)


def _sentence(item: dict[str, Any]) -> str:
    """What is wrong with one value, in Chinese; `item` is pydantic's account of it."""
    limits = item.get("ctx", {})
    sentence = WORDS.get(item["type"], "不合要求").format_map(limits)
    return sentence.replace("'", "").replace(", ", "、").replace(" or ", "、")


def _django_validation(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(422, "invalid", "；".join(error.messages))


def _unauthorised(request: HttpRequest, error: Any) -> HttpResponse:
    answer = problem(401, "unauthenticated", "令牌缺失、已过期或已收回。请在 Authorization 头里带上 Bearer 令牌。")
    answer["WWW-Authenticate"] = "Bearer"
    return answer


def _throttled(request: HttpRequest, error: Any) -> HttpResponse:
    wait = int(error.wait or 60) + 1
    answer = problem(429, "too_many", f"请求太频繁，请 {wait} 秒后再试。")
    answer["Retry-After"] = str(wait)
    return answer


PLAIN = {
    400: ("bad_request", "请求看不懂。请核对请求头和正文的格式（上传文件用 multipart/form-data，带 boundary）。"),
    403: ("forbidden", "这个请求被拒绝。"),
    404: ("not_found", "没有这个地址。地址清单见 /api/v1/openapi.json。"),
    405: ("method_not_allowed", "这个地址不接受这种请求方法，见 Allow 头。"),
    413: ("too_large", "上传的内容太大。请拆分后再传。"),
    500: ("error", "程序出错，请求没有完成。请把请求编号交给系统管理员。"),
}


def _plain_problem(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    status, outage = response.status_code, getattr(response, "outage", None)
    if outage is not None:
        return problem(status, outage.code, outage.sentence(saving=request.method not in {"GET", "HEAD"}))
    return problem(status, *PLAIN.get(status, PLAIN[500 if status >= 500 else 400]))


class ProblemMiddleware:
    """What goes wrong around an operation (no such address, wrong method, a broken body, a fault) has the shape of all other errors."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        plain = response.get("Content-Type", "").startswith("text/")
        if not (plain and response.status_code >= 400 and request.path.startswith("/api/")):
            return response
        answer = _plain_problem(request, response)
        for header in ("Allow", "Retry-After"):
            if header in response:
                answer[header] = response[header]
        return answer


def install(api: NinjaAPI) -> None:
    """Give `api` this house's answers to everything that goes wrong."""
    api.add_exception_handler(Refused, _refused)
    api.add_exception_handler(Http404, _not_found)
    api.add_exception_handler(PermissionDenied, _forbidden)
    api.add_exception_handler(ValidationError, _validation)
    api.add_exception_handler(DjangoValidationError, _django_validation)
    api.add_exception_handler(AuthenticationError, _unauthorised)
    api.add_exception_handler(Throttled, _throttled)
