"""What every page of the workspace needs to draw its frame."""

from django.conf import settings
from django.http import HttpRequest


def workspace(request: HttpRequest) -> dict[str, object]:
    return {"bureau_name": settings.BUREAU_NAME, "demo_mode": settings.DEMO}
