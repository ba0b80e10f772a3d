"""Template pieces that every room may use; loaded as builtins."""

import re
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, DateField, FileInput, Form, RadioSelect, Select
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from tongxing.core.clauses import cited, heading
from tongxing.core.middleware import request_id

register = template.Library()

KINDS = {
    "credit_code": "credit-code",
    "id_number": "resident-id",
    "resident_id": "resident-id",
    "phone": "phone",
    "contact_phone": "phone",
}
"""Fields that the browser groups and checks while typing (static/core/js/identifiers.js), by name."""


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


@register.inclusion_tag("core/offline_copy.html")
def offline_copy(for_all: bool = False) -> dict[str, object]:
    """Where a page of `settings.OFFLINE_PAGES` says that it is a copy. A page that is the same for everybody bears no number of a request."""
    return {"offline_hours": settings.OFFLINE_COPY_HOURS, "made": "" if for_all else request_id.get()}


class FixedNode(template.Node):
    """Renders its content once in a process, or once for each value of `per`."""

    MOST = 500

    def __init__(self, nodelist: template.NodeList, per: template.base.FilterExpression | None) -> None:
        self.nodelist, self.per = nodelist, per
        self.texts: dict[Any, SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        key = self.per.resolve(context) if self.per else None
        text = self.texts.get(key)
        if text is None:
            if len(self.texts) >= self.MOST:
                self.texts.clear()
            text = self.texts[key] = self.nodelist.render(context)
        return text


@register.tag
def fixed(parser: template.base.Parser, token: template.base.Token) -> FixedNode:
    """{% fixed %}…{% endfixed %}: what is the same on every page of this installation (addresses of files, icons), rendered only once.

    {% fixed per key %}: what follows from `key` alone. Nothing personal may stand in it: it is kept as long as the process lives.
    """
    match token.split_contents():
        case [_]:
            per = None
        case [_, "per", key]:
            per = parser.compile_filter(key)
        case _:
            raise template.TemplateSyntaxError("{% fixed %} or {% fixed per key %}")
    nodelist = parser.parse(("endfixed",))
    parser.delete_first_token()
    return FixedNode(nodelist, per)


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


@register.simple_tag
def clause(ids: str) -> SafeString:
    """The ground of a figure or rule as a quiet link: {% clause "notice:2.1" %} -> 依据：通知 二. Several ids are parted by blanks."""
    found = [item for item in str(ids or "").split() if item]
    if not found:
        return SafeString()
    text = "、".join(dict.fromkeys(cited(item) for item in found))
    title = "；".join(filter(None, (heading(item) for item in found)))
    address = _address("portal:programme")
    if address and found[0].startswith("notice:"):
        number = found[0].removeprefix("notice:")
        return format_html('<a class="clause" href="{}#notice-{}" title="{}">依据：{}</a>', address, number, title, text)
    return format_html('<span class="clause" title="{}">依据：{}</span>', title, text)


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


# --- forms
@register.simple_tag
def widget(field: BoundField) -> SafeString:
    """The field's control in the house's dress."""
    attributes: dict[str, Any] = {}
    kind = KINDS.get(field.name)
    if kind:
        attributes["data-kind"] = kind
    control = field.field.widget
    dress = "form-control"
    if isinstance(control, CheckboxInput):
        dress = "form-check-input"
    elif isinstance(control, RadioSelect | CheckboxSelectMultiple):
        return field.as_widget(attrs={"class": "form-check-input"})
    elif isinstance(control, Select):
        dress = "form-select"
    elif isinstance(control, FileInput):
        attributes["data-file"] = ""
    elif isinstance(field.field, DateField) and getattr(control, "input_type", "") == "text":
        attributes["data-date"] = ""
    own = control.attrs.get("class", "")
    attributes["class"] = f"{dress} {own} {'is-invalid' if field.errors else ''}".strip()
    return field.as_widget(attrs=attributes)


@register.filter
def drawn_as(field: BoundField) -> str:
    """How core/field.html draws a field: "check" (label after the box), "group" (fieldset of boxes) or "plain"."""
    control = field.field.widget
    if isinstance(control, CheckboxInput):
        return "check"
    return "group" if isinstance(control, RadioSelect | CheckboxSelectMultiple) else "plain"


@register.filter
def sections(form: Form) -> list[tuple[str, list[BoundField]]]:
    """The visible fields under headings: `form.sections = (("基本信息", ("name", …)), …)`; without it, one section with no heading."""
    declared = getattr(form, "sections", None)
    if not declared:
        return [("", form.visible_fields())]
    named = {name for _, names in declared for name in names}
    rest = [field for field in form.visible_fields() if field.name not in named]
    found = [(title, [form[name] for name in names if name in form.fields]) for title, names in declared]
    return [*found, ("", rest)] if rest else found


@register.filter
def read_version(form: Form) -> str:
    """The version of the record that this form was read from; a form posted again keeps the one it was read with."""
    if "version" in form.fields:
        return ""
    if form.is_bound and "version" in form.data:
        return str(form.data["version"])
    return str(getattr(getattr(form, "instance", None), "version", "") or "")
