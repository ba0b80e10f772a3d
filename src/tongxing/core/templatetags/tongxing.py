"""Template pieces that every room may use; loaded as builtins."""

import re
from functools import lru_cache

from django import template
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@lru_cache(maxsize=256)
def _icon_svg(name: str) -> str:
    source = (settings.FRONT_DIR / "@tabler/icons/icons/outline" / f"{name}.svg").read_text()
    body = re.sub(r"<!--.*?-->", "", source, flags=re.DOTALL)
    return re.sub(r'class="[^"]*"', 'class="icon" aria-hidden="true" focusable="false"', body, count=1).strip()


@register.simple_tag
def icon(name: str) -> SafeString:
    """The outline icon `name` of Tabler Icons as inline SVG; decorative, so hidden from screen readers."""
    if not re.fullmatch(r"[a-z0-9-]+", name):
        raise template.TemplateSyntaxError(f"icon name {name!r}")
    return mark_safe(_icon_svg(name))  # noqa: S308 - the file comes from the locked package, the name is checked


@register.filter
def percent(value: float | None, places: int = 1) -> str:
    """0.853 -> 85.3%; None -> 暂无数据."""
    return "暂无数据" if value is None else f"{value * 100:.{places}f}%"


@register.simple_tag(takes_context=True)
def url_with(context: template.Context, **changes: object) -> str:
    """The present address with query parameters changed; None or an empty value takes a parameter away."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}" if query else "?"


@register.simple_tag(takes_context=True)
def may(context: template.Context, permission: str) -> bool:
    """Whether the signed-in user holds `permission` anywhere: for hiding what would be refused."""
    user = context["request"].user
    return bool(user.is_authenticated and user.may(permission))
