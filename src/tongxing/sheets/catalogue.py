"""The explicit list of sheets (settings.SHEETS): name → class."""

from functools import lru_cache

from django.conf import settings
from django.utils.module_loading import import_string

from tongxing.core.errors import Refused

from .sheet import Sheet


@lru_cache(maxsize=32)
def _load(path: str) -> type[Sheet]:
    found: type[Sheet] = import_string(path)
    return found


def sheet_class(name: str) -> type[Sheet]:
    if name not in settings.SHEETS:
        raise Refused(f"没有名为“{name}”的导入表，可用的有：{'、'.join(settings.SHEETS)}。", code="unknown_sheet", status=404)
    return _load(settings.SHEETS[name])


def open_sheet(name: str) -> Sheet:
    """A fresh sheet; it keeps the spellings it has judged, so one serves one batch."""
    return sheet_class(name)()


def all_sheets() -> list[type[Sheet]]:
    return [_load(path) for path in settings.SHEETS.values()]
