"""Forms about assessment bodies."""

from typing import Any

from django import forms
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.certificates.models import BodyFiling, Level
from tongxing.core.choosing import offer
from tongxing.evaluation.models import AssessorKind
from tongxing.registry.forms.people_fields import DayField, today_field
from tongxing.registry.models import Organisation

from .people import PersonFields

LEVELS = [("", "请选择"), *Level.choices]


class EntitlementForm(forms.Form):
    filing = forms.ModelChoiceField(BodyFiling.objects.none(), label="备案号", empty_label="请选择")
    level = forms.TypedChoiceField(label="等级", choices=LEVELS, coerce=int)
    since = today_field("自")
    until = DayField(label="至", required=False, help_text="含当天；长期有效的不填。")
    document = forms.CharField(label="依据文件", max_length=120, required=False, help_text="一级必填：择优选定的文件。")

    def __init__(self, *args: Any, organisation: Organisation, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "filing", BodyFiling.objects.filter(organisation=organisation))


class EndForm(forms.Form):
    """The last day of something, and why."""

    on = today_field("最后一天")
    reason = forms.CharField(label="原因", max_length=200)


class SiteForm(forms.Form):
    name = forms.CharField(label="考点名称", max_length=80)
    address = forms.CharField(label="地址", max_length=200, help_text="印在准考证上。")
    area = forms.ModelChoiceField(Area.objects.none(), label="所在区划", empty_label="请选择")
    capacity = forms.IntegerField(label="最多容纳人数", min_value=1, max_value=5000)
    since = today_field("启用日期")
    until = DayField(label="停用日期", required=False, help_text="含当天。")

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        areas = Area.objects.in_scope(user.scope("evaluation.bodies")).valid_on(timezone.localdate())
        offer(self, "area", areas)


class AssessorForm(PersonFields):
    kind = forms.ChoiceField(label="类别", choices=AssessorKind.choices)
    level = forms.TypedChoiceField(label="可考评的最高等级", choices=LEVELS, coerce=int)
    card = forms.CharField(label="证卡编号", max_length=40, required=False)
    since = today_field("聘用自")
    until = DayField(label="至", required=False, help_text="含当天。")

    def facts(self) -> dict[str, Any]:
        return {field: self.cleaned_data[field] for field in ("kind", "level", "card", "since", "until")}
