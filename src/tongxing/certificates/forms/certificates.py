"""Forms about certificates. The act judges number, level, day and body together; the form reads what was typed."""

from typing import Any

from django import forms
from django.db.models import Q

from tongxing.certificates.models import Certificate, EndGround, Level
from tongxing.certificates.register import VOID_GROUNDS
from tongxing.registry.forms.people_fields import DayField, OrganisationField, today_field
from tongxing.registry.models import Organisation


class CertificateFields(forms.Form):
    """What stands on the paper."""

    number = forms.CharField(
        label="证书编号",
        max_length=40,
        help_text="22 位：1 个字母加 21 位数字；旧职业资格证书 16 位数字。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    level = forms.TypedChoiceField(label="等级", choices=[("", "请选择"), *Level.choices], coerce=int)
    issued_on = DayField(label="发证日期")
    body_name = forms.CharField(label="评价机构", max_length=128, required=False, help_text="照证书上印的名称填写。")
    doubt = forms.CharField(
        label="编号与其他内容不一致的说明", max_length=200, required=False, help_text="只有核对过原件、确认原件就是这样时才填写。"
    )

    CERTIFICATE_FIELDS = ("number", "level", "issued_on", "body_name", "doubt")

    def paper(self) -> dict[str, Any]:
        return {field: self.cleaned_data[field] for field in self.CERTIFICATE_FIELDS}


class CertificateForm(CertificateFields):
    """A certificate, with the assessment body as registered here where it is."""

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        bodies = Organisation.objects.visible_to(user).filter(Q(is_assessment_body=True) | Q(kind="assessment"))
        self.fields["body"] = OrganisationField(
            user=user, among=bodies, label="登记的评价机构", required=False, help_text="选了就按其备案号核对编号前 13 位。"
        )
        self.order_fields(("number", "level", "issued_on", "body_name", "body", "doubt"))

    def paper(self) -> dict[str, Any]:
        return super().paper() | {"body": self.cleaned_data["body"]}


class ReasonedCertificateForm(CertificateForm):
    """For correcting and replacing: the same facts, and why."""

    reason = forms.CharField(label="原因", max_length=200)


class CorrectForm(ReasonedCertificateForm):
    def __init__(self, *args: Any, certificate: Certificate, **options: Any) -> None:
        initial = {field: getattr(certificate, field) for field in ("number", "level", "issued_on", "body_name", "body")}
        super().__init__(*args, initial=initial, **options)
        self.instance = certificate


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=200)


class VoidForm(ReasonForm):
    on = today_field("自哪一天起作废")
    ground = forms.ChoiceField(
        label="原因类别",
        choices=[("", "请选择"), *((value, label) for value, label in EndGround.choices if value in VOID_GROUNDS)],
        help_text="公众查验时只看到类别和日期。",
    )
    field_order = ("on", "ground", "reason")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].help_text = "只在内部显示，不公开。"


class CheckForm(forms.Form):
    """What a person saw at the national look-up site."""

    checked_on = today_field("查询日期")
    found = forms.TypedChoiceField(
        label="查询结果",
        choices=[("", "请选择"), ("1", "查到，与登记一致"), ("0", "没有查到，或不一致")],
        coerce=lambda value: value == "1",
    )
    remark = forms.CharField(label="说明", max_length=200, required=False, help_text="没有查到或不一致时必填。")
    screenshot = forms.FileField(label="截图", required=False, help_text="PNG、JPG 或 PDF。")


class FilingForm(forms.Form):
    """The filing number of an assessment body."""

    number = forms.CharField(label="备案号", max_length=20, help_text="1 个字母加 12 位数字，即证书编号前 13 位。")
    since = DayField(label="备案日期", required=False)
    until = DayField(label="备案到期", required=False)

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["organisation"] = OrganisationField(user=user, label="评价机构")
        self.order_fields(("organisation", "number", "since", "until"))
