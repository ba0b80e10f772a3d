"""The form for a later version of a provision."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tongxing.core.values import clean_date

from .provisions import Provision


class DayField(forms.CharField):
    """A day as people write it."""

    widget = forms.TextInput(attrs={"data-date": "", "placeholder": "2026-01-01", "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return clean_date(text) if text else None


class VersionForm(forms.Form):
    value = forms.CharField(label="取值", max_length=200)
    valid_from = DayField(label="自", help_text="从这一天起按新值计算；以前的日子仍按旧值")
    source = forms.CharField(label="依据文件", max_length=200, help_text="例如：豫人社〔2026〕12号；没有文号写会议纪要的日期")
    clause = forms.CharField(label="条款", max_length=40, required=False)
    note = forms.CharField(label="说明", max_length=300, required=False)

    def __init__(self, *args: Any, provision: Provision, **options: Any) -> None:
        super().__init__(*args, **options)
        self.provision = provision
        now = "是" if provision.value is True else "否" if provision.value is False else provision.value
        self.fields["value"].help_text = f"现在是 {now}{provision.unit}" + ("；填“是”或“否”" if isinstance(provision.value, bool) else "")

    def clean_value(self) -> Any:
        """The text as the shape of the present value: yes or no, number, list, text."""
        raw, present = self.cleaned_data["value"].strip(), self.provision.value
        if isinstance(present, bool):
            if raw not in {"是", "否"}:
                raise ValidationError("请填“是”或“否”。", code="wrong_shape")
            return raw == "是"
        if isinstance(present, str):
            return raw
        try:
            found = json.loads(raw.replace("，", ",") if isinstance(present, list | dict) else raw)
        except ValueError:
            raise ValidationError("请按原来的格式填写，例如原值是数字就只填数字。", code="wrong_shape") from None
        return found
