"""Forms of the division tree."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tongxing.core.values import clean_date

from .models import LEAF_KINDS, Area, Kind
from .picker import AreaField


class DayField(forms.CharField):
    """A day as people write it."""

    widget = forms.TextInput(attrs={"placeholder": "2026-01-01", "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return clean_date(text) if text else None


class AddForm(forms.Form):
    name = forms.CharField(label="全称", max_length=120)
    short_name = forms.CharField(label="简称", max_length=60, required=False, help_text="不填则与全称相同")
    kind = forms.ChoiceField(
        label="类别", choices=[(Kind.PARK.value, Kind.PARK.label), *[item for item in Kind.choices if item[0] != Kind.PARK]]
    )
    code = forms.IntegerField(
        label="国家代码",
        required=False,
        min_value=1,
        max_value=999_999_999_999,
        help_text="12 位；国家代码表中没有的园区、片区留空，由系统分配本地代码",
    )
    valid_from = DayField(label="启用日", required=False)


class RenameForm(forms.Form):
    name = forms.CharField(label="新全称", max_length=120)
    short_name = forms.CharField(label="新简称", max_length=60)
    on = DayField(label="更名日", required=False, help_text="不填则为今天")
    reason = forms.CharField(label="依据", max_length=200, required=False, help_text="例如批复文号")
    version = forms.IntegerField(widget=forms.HiddenInput)


class CloseForm(forms.Form):
    on = DayField(label="停用日", help_text="这一天起不再使用")
    reason = forms.CharField(label="依据", max_length=200, help_text="例如批复文号")
    successor = AreaField(label="并入", required=False)


class MergeForm(forms.Form):
    areas = forms.ModelMultipleChoiceField(queryset=Area.objects.none(), label="并入的区划", widget=forms.CheckboxSelectMultiple)
    on = DayField(label="生效日")
    reason = forms.CharField(label="依据", max_length=200, help_text="例如批复文号")

    def __init__(self, *args: Any, into: Area, **options: Any) -> None:
        super().__init__(*args, **options)
        beside = Area.objects.standing().filter(parent_id=into.parent_id, kind__in=LEAF_KINDS).exclude(pk=into.pk)
        self.fields["areas"].queryset = beside  # type: ignore[attr-defined]


class SplitForm(forms.Form):
    into = forms.CharField(
        label="拆分为",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="每行一个：名称，或“名称 12位国家代码”；没有国家代码的由系统分配本地代码",
    )
    on = DayField(label="生效日")
    reason = forms.CharField(label="依据", max_length=200, help_text="例如批复文号")

    def clean_into(self) -> list[tuple[str, int | None]]:
        found: list[tuple[str, int | None]] = []
        for line in self.cleaned_data["into"].splitlines():
            words = line.split()
            if not words:
                continue
            if len(words) > 2 or (len(words) == 2 and not (words[1].isdigit() and len(words[1]) == 12)):
                raise ValidationError(f"“{line.strip()}”看不懂，请写成“名称”或“名称 12位国家代码”。", code="split_line")
            found.append((words[0], int(words[1]) if len(words) == 2 else None))
        return found
