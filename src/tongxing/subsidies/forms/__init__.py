"""Forms of subsidies; the acts judge, the forms read what was typed."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.core.choosing import offer
from tongxing.policy import provisions
from tongxing.registry.forms.people_fields import DayField, OrganisationField, today_field
from tongxing.registry.models import Organisation
from tongxing.subsidies import bank_accounts
from tongxing.subsidies.models import Category, ComparisonKind, Fund
from tongxing.subsidies.reading_files import clean_amount


class ReasonForm(forms.Form):
    reason = forms.CharField(label="理由", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class AuditForm(forms.Form):
    since = DayField(label="申请日期自", initial=lambda: timezone.localdate().replace(month=1, day=1))
    until = today_field("至")
    reason = forms.CharField(label="用途", max_length=200, help_text="例如：2026 年度就业资金审计。记入审计日志。")


class AccountFields(forms.Form):
    """Where the money goes."""

    account_name = forms.CharField(label="户名", max_length=128, help_text="与银行卡或开户许可证一致。")
    bank = forms.CharField(label="开户银行", max_length=80, help_text="写到支行，例如：中国工商银行济源分行。")
    account = forms.CharField(label="账号", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}))

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        wanted = [typed.get(name, "") for name in ("account", "account_name", "bank")]
        if all(wanted):
            try:
                typed["judged"] = bank_accounts.judged(*wanted)
            except ValidationError as error:
                self.add_error(None, error)
        return typed


class CorrectAccountForm(AccountFields):
    reason = forms.CharField(label="更正依据", max_length=300)


class OpenForm(AccountFields):
    """What is the same for all certificates that were picked."""

    category = forms.ChoiceField(label="人员类别", choices=Category.choices, initial=Category.EMPLOYEE)
    direct = forms.BooleanField(label="以直接认定方式取得证书", required=False)
    on_payroll = forms.BooleanField(label="财政供养人员", required=False)
    draws_pension = forms.BooleanField(label="已领取职工养老金", required=False)
    evidence = forms.FileField(label="证明材料", required=False, help_text="PDF 或图片；部分人员类别必须附身份证明。")


def payee_field(user: Any, **options: Any) -> forms.Field:
    """An officer finds any organisation of the area; who acts for organisations chooses among these."""
    scope = user.scope("subsidies.claim")
    if scope.ranges:
        return OrganisationField(user=user, among=Organisation.objects.visible_to(user), **options)
    own = Organisation.objects.standing().filter(pk__in=scope.organisations)
    return forms.ModelChoiceField(
        own, empty_label=None, initial=own.first(), label=options["label"], required=options.get("required", True)
    )


class EvaluationForm(OpenForm):
    """Evaluation subsidies go to the body that issued."""

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["payee"] = payee_field(user, label="评价机构", help_text="发证的评价机构。")
        self.order_fields(("payee", "account_name", "bank", "account", "category"))


class OwnForm(OpenForm):
    """What a person says about the own training."""

    completed_on = DayField(label="结业日期", required=False, help_text="登记里有培训记录的自动取用；在别处培训的才填写，并附结业证明。")
    hours = forms.DecimalField(label="完成学时", min_value=1, max_value=2000, decimal_places=1, required=False)
    field_order = ("completed_on", "hours", "account_name", "bank", "account", "category")


class TrainingForm(OwnForm):
    """Training subsidies go to the person, or to the body that trained without a fee; a body asks only for itself."""

    to = forms.ChoiceField(label="拨给", choices=[("person", "本人"), ("body", "免费培训的机构")], initial="person")

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if user.scope("subsidies.claim").ranges:
            self.fields["payee"] = payee_field(user, label="培训机构", required=False, help_text="拨给机构时填写。")
        else:
            self.fields["to"] = forms.CharField(widget=forms.HiddenInput, initial="body", disabled=True)
            self.fields["payee"] = payee_field(user, label="培训机构")
        self.order_fields(("to", "payee", "completed_on", "hours", "account_name", "bank", "account", "category"))

    def clean(self) -> dict[str, Any]:
        typed = super().clean()
        if typed.get("to") == "body" and not typed.get("payee"):
            self.add_error("payee", "请选择培训机构。")
        return typed


class AmendForm(AccountFields):
    """Only what is put right; an account left empty stays."""

    category = forms.ChoiceField(label="人员类别", choices=Category.choices)
    direct = forms.BooleanField(label="以直接认定方式取得证书", required=False)
    on_payroll = forms.BooleanField(label="财政供养人员", required=False)
    draws_pension = forms.BooleanField(label="已领取职工养老金", required=False)
    evidence = forms.FileField(label="补充材料", required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("account_name", "bank", "account"):
            self.fields[name].required = False
        self.fields["account"].help_text = "不改账号就留空。"
        self.order_fields(("category", "direct", "on_payroll", "draws_pension", "evidence"))


class ApproveForm(forms.Form):
    fund = forms.ModelChoiceField(Fund.objects.none(), label="列支资金", empty_label="请选择")

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "fund", Fund.objects.visible_to(user))


class PayForm(ApproveForm):
    note = forms.CharField(label="说明", max_length=200, required=False)


class RoundForm(forms.Form):
    title = forms.CharField(label="标题", max_length=120)
    text = forms.CharField(label="正文", required=False, widget=forms.Textarea(attrs={"rows": 6}))
    contact = forms.CharField(label="受理异议的联系方式", max_length=200, help_text="单位座机、邮箱和地址；手机号不能公开。")
    attachment = forms.FileField(label="附件", required=False, help_text="Word（docx）、Excel、PDF 或文本；发布前自动检查有没有个人信息。")


class ObjectionForm(forms.Form):
    text = forms.CharField(label="异议内容", max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))
    name = forms.CharField(label="提出人", max_length=60, required=False)
    contact = forms.CharField(label="联系方式", max_length=100, required=False, help_text="加密保存，只用于答复。")


class SettleForm(forms.Form):
    upheld = forms.TypedChoiceField(
        label="结论", choices=[("", "请选择"), ("1", "成立，不予补贴"), ("0", "不成立，公示期继续计算")], coerce=lambda value: value == "1"
    )
    finding = forms.CharField(label="核查情况", max_length=500, widget=forms.Textarea(attrs={"rows": 4}))


class FundForm(forms.Form):
    year = forms.IntegerField(label="年度", min_value=2020, max_value=2100)
    source = forms.CharField(label="资金渠道", max_length=60, help_text="例如：专账资金、就业补助资金、失业保险基金。")
    budget = forms.CharField(label="预算（元）", max_length=20)
    note = forms.CharField(label="说明", max_length=200, required=False)

    def __init__(self, *args: Any, user: Any, fund: Fund | None = None, **options: Any) -> None:
        started = {"year": timezone.localdate().year}
        if fund:
            started = {"year": fund.year, "source": fund.source, "budget": str(fund.budget), "note": fund.note}  # type: ignore[dict-item]
        super().__init__(*args, **{"initial": started, **options})
        self.instance = fund
        if fund:
            for name in ("year", "source"):
                self.fields[name].disabled = True
        else:
            areas = Area.objects.filter(code__in=user.scope("subsidies.approve").roots)
            self.fields["area"] = forms.ModelChoiceField(areas, label="区划", initial=areas.first(), empty_label=None)
            self.order_fields(("area", "year", "source", "budget", "note"))

    def clean_budget(self) -> Any:
        return clean_amount(self.cleaned_data["budget"])


class ComparisonForm(forms.Form):
    kind = forms.ChoiceField(label="名单种类", choices=ComparisonKind.choices)
    source = forms.CharField(label="来源", max_length=120, help_text="哪个部门、哪个项目提供。")
    as_of = today_field("数据截至")
    file = forms.FileField(label="名单文件", help_text="Excel 或 CSV，须有“身份证号”列；只保存比对用的摘要，不保存号码。")


class AnswerForm(forms.Form):
    file = forms.FileField(label="银行回单", help_text="Excel 或 CSV，须有受理号（附言）、金额、处理结果三列。")


class BounceForm(forms.Form):
    said = forms.CharField(label="银行退回原因", max_length=200)


class RecoveredForm(forms.Form):
    on = today_field("到账日期")
    voucher = forms.CharField(label="收款凭证号", max_length=60)


def official_contact() -> str:
    """What a notice says first about where objections go; a provision, so that it is typed once."""
    return str(provisions.value("subsidies.contact"))
