"""The interface and its description as OpenAPI 3.1, with the errors that every operation may answer."""

from typing import Any

from ninja import NinjaAPI
from ninja.operation import Operation

from .asking import RateLimit
from .errors import CONTENT_TYPE
from .schemas import Problem
from .tokens import TokenAuth

PROBLEMS = {
    "400": "请求看不懂",
    "401": "令牌缺失、已过期或已收回",
    "403": "令牌的范围或账号的岗位不够",
    "404": "没有这条记录，或者不在令牌的范围内",
    "409": "同一编号的请求还在处理",
    "413": "文件太大",
    "422": "参数或名册不合要求",
    "429": "请求太频繁，见 Retry-After",
}
WRITES_ONLY = {"400", "409", "413"}


class Api(NinjaAPI):
    def __init__(self) -> None:
        super().__init__(
            title="同行接口",
            version="1.0",
            description="劳动关系协调员队伍建设管理的接口。每个请求带 Authorization: Bearer 令牌；错误为 application/problem+json。",
            openapi_url=None,
            docs_url=None,
            urls_namespace="api",
            auth=TokenAuth(),
            throttle=[RateLimit()],
        )

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Names of the trade: other programs make their function names of them, and our modules may move."""
        return operation.view_func.__name__


def described(api: Api) -> dict[str, Any]:
    """The whole description, ready for JSON."""
    schema: dict[str, Any] = api.get_openapi_schema(path_prefix="/api/v1/")
    shapes = schema["components"]["schemas"]
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    shapes.update(problem.pop("$defs", {}))
    shapes["Problem"] = problem
    for path in schema["paths"].values():
        for method, operation in path.items():
            _add_problems(operation, writes=method == "post")
    return schema


def _add_problems(operation: dict[str, Any], *, writes: bool) -> None:
    answers = operation["responses"]
    for status, description in PROBLEMS.items():
        if status in WRITES_ONLY and not writes:
            continue
        answer = answers.setdefault(int(status), {"description": description})
        answer.setdefault("content", {})[CONTENT_TYPE] = {"schema": {"$ref": "#/components/schemas/Problem"}}
