"""What every page needs to draw its frame."""

from django.conf import settings
from django.http import HttpRequest


def workspace(request: HttpRequest) -> dict[str, object]:
    user = getattr(request, "user", None)
    large = request.COOKIES.get("tx_large") == "1" or bool(user and user.is_authenticated and user.large_print)
    return {
        "bureau_name": settings.BUREAU_NAME,
        "demo_mode": settings.DEMO,
        "large_print": large,
        "side_narrow": request.COOKIES.get("tx_side") == "narrow",
        # Set by the middleware that ends sessions; core does not know how.
        "session_seconds": getattr(request, "session_seconds", 0),
    }
