"""Values of subsidy provisions as officers read them: levels, kinds and categories by their names."""

from typing import Any

from django import template

from tongxing.certificates.models import Level
from tongxing.policy.templatetags.provision_values import yesno_value
from tongxing.subsidies.models import Category, ClaimKind

register = template.Library()
NAMES = {
    **{key: str(label) for key, label in (*ClaimKind.choices, *Category.choices)},
    **{str(level): str(label).partition("/")[0] for level, label in Level.choices},
}


@register.filter
def subsidy_value(value: Any) -> str:
    """{"4": 240} -> 四级 240; ["poor"] -> 贫困家庭子女; everything else as provisions are read."""
    if isinstance(value, dict):
        return "、".join(f"{NAMES.get(key, key)} {yesno_value(item)}" for key, item in value.items())
    if isinstance(value, list):
        return "、".join(NAMES.get(item, yesno_value(item)) for item in value)
    return yesno_value(value)
