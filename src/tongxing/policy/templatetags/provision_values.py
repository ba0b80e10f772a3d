"""Values of provisions as officers read them."""

from typing import Any

from django import template

register = template.Library()


@register.filter
def yesno_value(value: Any) -> str:
    """True -> 是, 1000 -> 1,000, a list -> its items."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return f"{value:,}"
    if isinstance(value, list):
        return "、".join(yesno_value(item) for item in value)
    if isinstance(value, dict):
        return "；".join(f"{key}：{yesno_value(item)}" for key, item in value.items())
    return str(value)
