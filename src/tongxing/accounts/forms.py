"""Forms of accounts, grants and leave cover."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tongxing.areas.models import Area
from tongxing.core.choosing import offer
from tongxing.core.values import clean_date

from .delegation import colleagues
from .models import User
from .organisations import find
from .roles import CHOICES, ROLES

AREA_CHOICES = 400


class DayField(forms.CharField):
    """A day as people write it."""

    widget = forms.TextInput(attrs={"data-date": "", "placeholder": "2026-01-01", "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return clean_date(text) if text else None


class UserForm(forms.Form):
    name = forms.CharField(label="姓名", max_length=60)
    job = forms.CharField(label="岗位名称", max_length=60, required=False, help_text="例如：劳动关系科科员")
    email = forms.EmailField(label="邮箱", required=False)


class NewUserForm(UserForm):
    username = forms.CharField(label="账号", max_length=60, help_text="3 至 60 位小写字母、数字、点、横线；建议用姓名拼音")
    field_order = ("username", "name", "job", "email")


class GrantForm(forms.Form):
    role = forms.ChoiceField(label="岗位", choices=[("", "请选择"), *CHOICES])
    area = forms.ModelChoiceField(
        queryset=Area.objects.none(), label="区划", required=False, empty_label="请选择", help_text="按区划授权的岗位填这一项"
    )
    organisation = forms.CharField(
        label="单位", max_length=120, required=False, help_text="协调员、单位经办填这一项：统一社会信用代码或单位全称"
    )
    since = DayField(label="自", required=False, help_text="不填则从今天起")
    until = DayField(label="至", required=False, help_text="含当天；不填则长期")
    reason = forms.CharField(label="依据", max_length=200, required=False)

    def __init__(self, *args: Any, by: User, **options: Any) -> None:
        super().__init__(*args, **options)
        codes = Area.objects.in_scope(by.scope("accounts.manage")).order_by("code").values("code")[:AREA_CHOICES]
        offer(self, "area", Area.objects.filter(code__in=codes).order_by("code"))

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or {}
        role = ROLES.get(facts.get("role", ""))
        facts["organisation_id"] = facts["organisation_area"] = None
        if role and role.by_organisation:
            facts["area"] = None
            found = find(facts.get("organisation", ""))
            if found is None:
                raise ValidationError({"organisation": "没有找到这个单位。请核对统一社会信用代码或全称，或先登记单位。"})
            facts["organisation_id"], facts["organisation_area"] = found
        elif role and not facts.get("area"):
            raise ValidationError({"area": "请选择岗位管到哪个区划。"})
        facts.pop("organisation", None)
        return facts


class ReasonForm(forms.Form):
    reason = forms.CharField(label="理由", max_length=200)


class DelegationForm(forms.Form):
    taker = forms.ModelChoiceField(queryset=User.objects.none(), label="代办人", empty_label="请选择")
    since = DayField(label="自")
    until = DayField(label="至", help_text="含当天，最长 180 天")
    reason = forms.CharField(label="事由", max_length=200, help_text="例如：年休假")

    def __init__(self, *args: Any, giver: User, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "taker", colleagues(giver), label=lambda user: f"{user.name}（{user.job or user.username}）")
