"""The way to the audit log, which stands above this room: the function is named in settings."""

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


def record(act: str, *, by: Any, **facts: Any) -> None:
    """`audit.log.record`, found through settings."""
    import_string(settings.AUDIT_EXPORT)(act, by=by, **facts)
