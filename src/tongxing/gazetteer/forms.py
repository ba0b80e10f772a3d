"""Forms of the division tree."""

from typing import Any

from django import forms
from django.utils import timezone

from tongxing.areas.models import LEAF_KINDS, Area
from tongxing.core.choosing import offer

from .successions import Newcomer


class ParkForm(forms.Form):
    name = forms.CharField(label="全称", max_length=120)
    short_name = forms.CharField(label="简称", max_length=60, required=False, help_text="列表里显示的名称；不填时与全称相同")
    valid_from = forms.DateField(label="启用日", required=False, help_text="不填表示一直有效")


class RenameForm(forms.Form):
    name = forms.CharField(label="全称", max_length=120)
    short_name = forms.CharField(label="简称", max_length=60)
    on = forms.DateField(label="更名日", initial=timezone.localdate, help_text="这一天起用新名称；原名称仍可查到，名册里写原名称也认得")
    reason = forms.CharField(label="依据或理由", max_length=200)


class CloseForm(forms.Form):
    on = forms.DateField(label="停用日", initial=timezone.localdate, help_text="这一天起不再使用；以前日期的统计不变")
    reason = forms.CharField(label="依据或理由", max_length=200)


class NewcomersField(forms.CharField):
    """New areas, one a line: a name, or a name and its 12-digit code."""

    widget = forms.Textarea(attrs={"rows": 3})

    def clean(self, value: Any) -> list[Newcomer]:
        found = []
        for line in super().clean(value).splitlines():
            name, _, code = line.strip().partition(" ")
            code = code.strip()
            if code and not (code.isascii() and code.isdecimal() and len(code) == 12):
                raise forms.ValidationError(f"“{line.strip()}”看不懂，请写成“名称”或“名称 12位代码”。", code="unreadable_line")
            if name:
                found.append(Newcomer(name, int(code) if code else None))
        if len({newcomer.name for newcomer in found}) < len(found):
            raise forms.ValidationError("同一个名称写了两次，请改正。", code="same_name")
        return found


LINES = "每行一个，写“名称”或“名称 12位国家代码”；没有国家代码的由系统分配本地代码"


class MergeForm(forms.Form):
    areas = forms.ModelMultipleChoiceField(
        Area.objects.none(), label="合并哪些区划", widget=forms.CheckboxSelectMultiple, help_text="勾选的区划从生效日起停用"
    )
    into = forms.ModelChoiceField(Area.objects.none(), label="并入已有区划", required=False, empty_label="不，合并为一个新区划")
    newcomer = NewcomersField(label="新区划名称", required=False, help_text="合并为新区划时填写：“名称”或“名称 12位国家代码”")
    on = forms.DateField(label="生效日", initial=timezone.localdate, help_text="以前日期的统计仍按原区划")
    reason = forms.CharField(label="依据", max_length=200, help_text="例如批复文号")

    def __init__(self, *args: Any, area: Area, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        beside = Area.objects.filter(parent_id=area.parent_id, kind__in=LEAF_KINDS, valid_until=None)
        offer(self, "areas", beside)
        offer(self, "into", beside)
        self.fields["newcomer"].widget = forms.TextInput()

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or {}
        newcomers = facts.pop("newcomer", [])
        if bool(facts.get("into")) == bool(newcomers) and "newcomer" not in self.errors:
            self.add_error("into", "请选择一个已有区划，或填写新区划名称，二者选一。")
        elif newcomers:
            facts["into"] = newcomers[0]
        return facts


class SplitForm(forms.Form):
    into = NewcomersField(label="拆分出的新区划", help_text=LINES)
    keep = forms.BooleanField(label="原区划保留（只划出一部分）", required=False, help_text="不勾选时，原区划从生效日起停用")
    on = forms.DateField(label="生效日", initial=timezone.localdate, help_text="以前日期的统计仍按原区划")
    reason = forms.CharField(label="依据", max_length=200, help_text="例如批复文号")
