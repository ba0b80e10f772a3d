"""`/api/v1/`: the operations, and their description as OpenAPI 3.1."""

from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, URLResolver, include, path
from ninja import NinjaAPI

from tongxing.core.access import public

from . import errors, reading, sending
from .asking import RateLimit
from .tokens import TokenAuth

api = NinjaAPI(
    title="同行接口",
    version="1.0",
    description="劳动关系协调员队伍建设管理的接口。每个请求带 Authorization: Bearer 令牌；错误为 application/problem+json。",
    openapi_url=None,
    docs_url=None,
    urls_namespace="api",
    auth=TokenAuth(),
    throttle=[RateLimit()],
)
api.add_router("", reading.router)
api.add_router("", sending.router)
errors.install(api)


@public
def openapi(request: HttpRequest) -> JsonResponse:
    """The description; it holds no data."""
    return JsonResponse(api.get_openapi_schema(path_prefix="/api/v1/"), json_dumps_params={"ensure_ascii": False})


app_name = "api"
# ninja's last pattern is its root page, which this house does not show.
operations = [route for route in api.urls[0] if getattr(route, "name", "") != "api-root"]
urlpatterns: list[URLPattern | URLResolver] = [path("v1/openapi.json", openapi, name="openapi"), path("v1/", include(operations))]
