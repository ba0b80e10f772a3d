"""Forms of the calendar."""

from typing import Any

from django import forms

from tongxing.core.values import clean_date

from .models import DayKind


class DayForm(forms.Form):
    day = forms.CharField(label="日期", widget=forms.TextInput(attrs={"placeholder": "2026-01-01", "autocomplete": "off"}))
    kind = forms.ChoiceField(label="安排", choices=[("", "请选择"), *DayKind.choices])
    name = forms.CharField(label="名称", max_length=40, help_text="例如：春节")
    source = forms.CharField(label="依据", max_length=200, required=False)

    def clean_day(self) -> Any:
        return clean_date(self.cleaned_data["day"])


class YearForm(forms.Form):
    file = forms.FileField(label="年度节假日文件", help_text="JSON 格式，含 year 和 days；国务院办公厅公布后由数据维护方提供")
