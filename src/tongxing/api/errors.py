"""One shape for every error: problem+json (RFC 9457), with a Chinese `detail` and a `code` that does not change."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, Throttled, ValidationError

from tongxing.core.errors import Refused
from tongxing.core.middleware import request_id

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
    fields = [{"field": ".".join(map(str, item["loc"])), "code": item["type"]} for item in error.errors]
    return problem(422, "invalid", "请求里有不合要求的参数，见 errors。", errors=fields)


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


def install(api: NinjaAPI) -> None:
    """Give `api` this house's answers to everything that goes wrong."""
    api.add_exception_handler(Refused, _refused)
    api.add_exception_handler(Http404, _not_found)
    api.add_exception_handler(PermissionDenied, _forbidden)
    api.add_exception_handler(ValidationError, _validation)
    api.add_exception_handler(DjangoValidationError, _django_validation)
    api.add_exception_handler(AuthenticationError, _unauthorised)
    api.add_exception_handler(Throttled, _throttled)
