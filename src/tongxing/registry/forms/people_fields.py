"""Form fields that the pages about people share: days as people write them, areas in scope, an organisation found by name or code."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from tongxing.areas.models import LEAF_KINDS, Area
from tongxing.core.identifiers import squeeze
from tongxing.core.values import clean_date
from tongxing.registry.models import Organisation
from tongxing.registry.models.organisations import OrganisationQuerySet
from tongxing.registry.names import name_key


class DayField(forms.CharField):
    """A day typed or picked, judged by the same function as a spreadsheet's cell."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"data-date": "", "autocomplete": "off"}))
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return clean_date(text) if text else None

    def prepare_value(self, value: Any) -> Any:
        return value.isoformat() if hasattr(value, "isoformat") else value


CHANGED_HELP = "改了才用到：以前的日子仍按原来的统计。原来登记错了就清空，以前的日子也按改后的统计。"


def today_field(label: str = "日期", **options: Any) -> DayField:
    return DayField(label=label, initial=timezone.localdate, **options)


class LeafField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A street, town, township or park where the user keeps the register."""

    def __init__(self, *, user: Any, **options: Any) -> None:
        areas = Area.objects.in_scope(user.scope("registry.edit")).valid_on(timezone.localdate()).filter(kind__in=LEAF_KINDS)
        super().__init__(areas, empty_label="请选择", **options)


class OrganisationPicker(forms.TextInput):
    """A text field whose list of proposals is filled by htmx while typing; without a script the exact name or code does."""

    template_name = "registry/widgets/organisation.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        identifier = context["widget"]["attrs"].get("id", f"id_{name}")
        context["widget"] |= {"list": f"{identifier}_list", "url": reverse("registry:pick-organisation")}
        context["widget"]["attrs"] |= {
            "list": f"{identifier}_list",
            "autocomplete": "off",
            "placeholder": "输入名称的两个字以上，或统一社会信用代码",
        }
        return context


class OrganisationField(forms.CharField):
    """An organisation that the user may see, named by code, by exact name, or as the proposals write it: 名称（代码）."""

    widget = OrganisationPicker

    def __init__(self, *, user: Any, among: OrganisationQuerySet | None = None, **options: Any) -> None:
        self.user, self.among = user, among
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return self.found(text) if text else None

    def found(self, text: str) -> Organisation:
        rows = (Organisation.objects.visible_to(self.user) if self.among is None else self.among).standing()
        code = re.search(r"（([0-9A-Z]{18})）$", text)
        by_code = squeeze(code.group(1) if code else text)
        if re.fullmatch(r"[0-9A-Z]{18}", by_code) and (organisation := rows.filter(credit_code=by_code).first()):
            return organisation
        named = list(rows.filter(name_key=name_key(text))[:3])
        if len(named) == 1:
            return named[0]
        if named:
            raise ValidationError("有多家同名单位，请从列表中选带信用代码的一项，或直接填写统一社会信用代码。", code="ambiguous")
        raise ValidationError("没有找到这家单位。请从列表中选择，或先到“单位”登记。", code="unknown_organisation")

    def prepare_value(self, value: Any) -> Any:
        return proposal(value) if isinstance(value, Organisation) else value


def proposal(organisation: Organisation) -> str:
    """How an organisation stands in the list of proposals, and how the field reads it back."""
    return f"{organisation.name}（{organisation.credit_code}）" if organisation.credit_code else organisation.name
