"""`/api/v1/`: the operations, and their description as OpenAPI 3.1."""

from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, URLResolver, include, path

from tongxing.core.access import public

from . import errors, reading, sending
from .describing import Api, described

api = Api()
api.add_router("", reading.router)
api.add_router("", sending.router)
errors.install(api)


@public
def openapi(request: HttpRequest) -> JsonResponse:
    """The description; it holds no data."""
    return JsonResponse(described(api), json_dumps_params={"ensure_ascii": False})


app_name = "api"
# ninja's last pattern is its root page, which this house does not show.
operations = [route for route in api.urls[0] if getattr(route, "name", "") != "api-root"]
urlpatterns: list[URLPattern | URLResolver] = [path("v1/openapi.json", openapi, name="openapi"), path("v1/", include(operations))]
