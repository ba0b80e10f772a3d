"""Forms about conduct records (notice:A1.2, A2.2)."""

from django import forms

from tongxing.registry.models.conduct import ConductKind

from .people_fields import DayField, today_field


class ConductForm(forms.Form):
    kind = forms.ChoiceField(label="类别", choices=ConductKind.choices)
    happened_on = DayField(label="日期", help_text="文书上的日期。")
    source = forms.CharField(label="来源", max_length=120, help_text="作出决定的机关或查询的平台。")
    document = forms.CharField(label="文书号", max_length=120, required=False)
    summary = forms.CharField(label="事由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class LiftForm(forms.Form):
    on = today_field("撤销或修复日期")
    reason = forms.CharField(label="依据", max_length=200, help_text="文书号或说明。")
