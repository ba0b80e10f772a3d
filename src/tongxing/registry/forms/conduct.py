"""Forms about conduct records (notice:A1.2, A2.2)."""

from django import forms

from tongxing.registry.models.conduct import ConductKind

from .people_fields import DayField, today_field

DOCUMENT_HELP = "处罚决定书、判决书或查询结果的扫描件、照片：PDF、图片或 Word。只有可以查看个人信息的岗位能打开，每次打开都会记入审计日志。"


def document_picker() -> forms.ClearableFileInput:
    """A phone offers its camera for these kinds."""
    return forms.ClearableFileInput(attrs={"accept": ".pdf,.ofd,.png,.jpg,.jpeg,.doc,.docx"})


class ConductForm(forms.Form):
    kind = forms.ChoiceField(label="类别", choices=ConductKind.choices)
    happened_on = DayField(label="日期", help_text="文书上的日期。")
    source = forms.CharField(label="来源", max_length=120, help_text="作出决定的机关或查询的平台。")
    document = forms.CharField(label="文书号", max_length=120, required=False)
    summary = forms.CharField(label="事由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    document_file = forms.FileField(label="附件", required=False, help_text=DOCUMENT_HELP, widget=document_picker())


class DocumentForm(forms.Form):
    document_file = forms.FileField(label="附件", help_text=DOCUMENT_HELP, widget=document_picker())


class LiftForm(forms.Form):
    on = today_field("撤销或修复日期")
    reason = forms.CharField(label="依据", max_length=200, help_text="文书号或说明。")


class StrikeForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=200, help_text="例如：录错了人、重复登记。")
