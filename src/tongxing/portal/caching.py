"""Public pages in caches: for how long, and an ETag, so that an unchanged page is not sent twice."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, set_response_etag


def cached(seconds: int) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponseBase | None]]:
    """Let browsers and proxies keep the page for `seconds`. A signed-in reader's copy may carry a cookie: it is nobody else's."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase | None]:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase | None:
            response = view(request, *args, **kwargs)
            if response.has_header("Cache-Control"):
                return response
            whose = {"private": True} if request.user.is_authenticated else {"public": True}
            patch_cache_control(response, max_age=seconds, **whose)
            set_response_etag(response)
            return get_conditional_response(request, etag=response["ETag"], response=response)

        return inner

    return decorate
