"""What the tree template asks."""

from typing import Any

from django import template

register = template.Library()


@register.simple_tag
def below(opened: Any, code: int) -> list[Any]:
    """The children of `code` that came with the page; empty where they are fetched on opening."""
    return opened.get(code, []) if isinstance(opened, dict) else []
