"""The area field of forms: radio buttons that a search brings in, so that a whole country needs no long list and no script of its own."""

from typing import Any

from django import forms
from django.urls import reverse

from .models import Area


class AreaPicker(forms.Widget):
    """Shows the chosen area and a search box; what is found are radio buttons of the same name (`areas:pick`)."""

    template_name = "areas/picker.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        code = int(value) if str(value or "").isdigit() else None
        context["widget"]["chosen"] = Area.objects.select_related("parent").filter(code=code).first() if code else None
        context["widget"]["search"] = reverse("areas:pick")
        return context

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_search" if id_ else ""


class AreaField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One area; pass `queryset` to say which may be chosen."""

    widget = AreaPicker

    def __init__(self, *, queryset: Any = None, label: str = "区划", **options: Any) -> None:
        super().__init__(queryset=Area.objects.standing() if queryset is None else queryset, label=label, **options)
        self.error_messages["invalid_choice"] = "请从列表中选择一个在用的、您管理范围内的区划。"
