"""Forms of the division tree."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from tongxing.areas.models import LEAF_KINDS, Area


class ParkForm(forms.Form):
    name = forms.CharField(label="全称", max_length=120)
    short_name = forms.CharField(label="简称", max_length=60, required=False, help_text="列表里显示的名称；不填时与全称相同")
    valid_from = forms.DateField(label="启用日", required=False, help_text="不填表示一直有效")


class RenameForm(forms.Form):
    name = forms.CharField(label="全称", max_length=120)
    short_name = forms.CharField(label="简称", max_length=60)
    reason = forms.CharField(label="依据或理由", max_length=200)


class CloseForm(forms.Form):
    on = forms.DateField(label="停用日", initial=timezone.localdate, help_text="这一天起不再使用；以前日期的统计不变")
    successor = forms.ModelChoiceField(Area.objects.none(), label="并入", required=False, help_text="撤并到哪个镇街或园区；没有可以不选")
    reason = forms.CharField(label="依据或理由", max_length=200)

    def __init__(self, *args: Any, area: Area, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        siblings = Area.objects.filter(parent_id=area.parent_id, kind__in=LEAF_KINDS, valid_until=None).exclude(code=area.code)
        self.fields["successor"].queryset = siblings  # type: ignore[attr-defined]

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        return day
