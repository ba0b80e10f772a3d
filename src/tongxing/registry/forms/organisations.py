"""Forms of the organisations' pages. They read text, let `judged` judge it, and leave the deed to the acts."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from tongxing.areas.models import LEAF_KINDS, Area, Kind
from tongxing.core.choosing import offer
from tongxing.registry.industry import title
from tongxing.registry.models.organisations import Organisation, OrganisationKind, Party, Service, Size
from tongxing.registry.organisation_facts import facts_of, judged, plain
from tongxing.registry.whereabouts import ALWAYS

from .people_fields import DayField

AREA_CHOICES_AT_MOST = 400


def choosable_areas(user: Any, *, leaves_only: bool = False) -> QuerySet[Area]:
    """Where `user` may put an organisation: the leaves of the area (and counties, for those not yet placed)."""
    kinds = LEAF_KINDS if leaves_only else (Kind.COUNTY, *LEAF_KINDS)
    areas = Area.objects.valid_on(timezone.localdate()).in_scope(user.scope("registry.edit")).filter(kind__in=kinds).order_by("code")
    if areas.count() <= AREA_CHOICES_AT_MOST:
        return areas
    return areas.within(settings.PROGRAMME_AREA)


class AreaChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.short_name}（只知道到县，进入未归属）" if obj.kind == Kind.COUNTY else str(obj.short_name)


def _live(url: str, target: str, *names: str) -> dict[str, str]:
    """Attributes that ask `url` for the fragment `target` while these fields are typed in."""
    return {
        "hx-get": reverse(url),
        "hx-target": target,
        "hx-trigger": "change, input changed delay:400ms",
        "hx-include": ", ".join(f"[name={name}]" for name in names),
        "hx-sync": "closest form:replace",
    }


class OrganisationForm(forms.Form):
    sections = (
        ("基本信息", ("name", "credit_code", "no_code_reason", "kind", "party", "is_training_provider", "is_assessment_body")),
        ("所在地", ("area", "area_since", "address")),
        ("规模", ("industry", "employees", "revenue", "assets", "figures_year")),
        ("登记与联系", ("began_on", "registration_authority", "legal_representative", "contact_name", "contact_phone", "forget_phone")),
        ("提供的服务", ("services",)),
    )
    name = forms.CharField(label="单位名称", max_length=200, help_text="营业执照或登记证书上的全称。")
    credit_code = forms.CharField(label="统一社会信用代码", max_length=40, required=False, help_text="18 位，见营业执照。")
    no_code_reason = forms.CharField(
        label="无代码原因", max_length=200, required=False, help_text="没有信用代码时必填，例如“新设立，正在办理”。"
    )
    kind = forms.ChoiceField(label="单位类别", choices=[("", "请选择"), *OrganisationKind.choices])
    party = forms.ChoiceField(
        label="三方身份", choices=[("", "不属于三方"), *Party.choices], required=False, help_text="人社部门、工会、工商联等三方机构填写。"
    )
    is_training_provider = forms.BooleanField(label="兼培训机构", required=False)
    is_assessment_body = forms.BooleanField(label="兼评价机构", required=False)
    area = AreaChoice(label="所属镇街", queryset=Area.objects.none(), empty_label="请选择")
    area_since = DayField(
        label="迁入日期",
        max_length=20,
        required=False,
        help_text="改了所属镇街时填：从这一天起算在新的镇街，以前的日子仍算在原镇街。原来登记错了就留空，以前的日子也按新镇街算。",
    )
    address = forms.CharField(label="地址", max_length=300, required=False)
    industry = forms.CharField(
        label="行业", max_length=80, required=False, help_text="GB/T 4754-2017：输入代码或名称中的几个字，从提示中选择。"
    )
    employees = forms.CharField(label="从业人员数（人）", max_length=20, required=False)
    revenue = forms.CharField(label="营业收入（万元）", max_length=24, required=False)
    assets = forms.CharField(label="资产总额（万元）", max_length=24, required=False)
    figures_year = forms.CharField(label="数据年度", max_length=10, required=False, help_text="以上三项是哪一年的数据，如 2025。")
    began_on = DayField(label="成立日期", max_length=20, required=False, help_text="如 2015-06-30。")
    registration_authority = forms.CharField(
        label="登记管理机关", max_length=120, required=False, help_text="社会组织填写，如“济源示范区民政局”。"
    )
    legal_representative = forms.CharField(label="法定代表人", max_length=120, required=False)
    contact_name = forms.CharField(label="联系人", max_length=120, required=False)
    contact_phone = forms.CharField(label="联系电话", max_length=40, required=False, help_text="加密保存，名单中只显示首尾几位。")
    forget_phone = forms.BooleanField(label="删除现有的联系电话", required=False)
    services = forms.MultipleChoiceField(
        label="服务内容",
        choices=Service.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="协调劳动关系社会组织填写（通知 一）。",
    )

    def __init__(self, *args: Any, user: Any, instance: Organisation | None = None, **kwargs: Any) -> None:
        self.instance = instance
        self.draft_key = f"registry.organisation:{instance.uid if instance else 'new'}"
        if instance:
            kwargs.setdefault("initial", _initial(instance))
        super().__init__(*args, **kwargs)
        areas = choosable_areas(user)
        offer(self, "area", areas)
        if instance is None or instance.unplaced:
            del self.fields["area_since"]
        if instance is None and len(only := list(areas[:2])) == 1:
            self.initial.setdefault("area", only[0].code)
        masked = instance.contact_phone_masked if instance else ""
        if masked:
            self.fields["contact_phone"].help_text = f"现为 {masked}。不改请留空。"
        else:
            del self.fields["forget_phone"]
        for field in self.fields.values():
            verb = "选择" if isinstance(field, forms.ChoiceField | forms.ModelChoiceField) else "填写"
            field.error_messages["required"] = f"请{verb}{field.label}。"
        self._wire()

    def _wire(self) -> None:
        """Live fragments: likely doubles, the size decision, the industry picker."""
        for name in ("name", "credit_code"):
            self.fields[name].widget.attrs |= _live("registry:organisation-doubles", "#doubles", "name", "credit_code", "but")
        for name in ("kind", "employees", "revenue", "assets"):
            self.fields[name].widget.attrs |= _live(
                "registry:organisation-size-preview", "#size-decision", "kind", "industry", "employees", "revenue", "assets"
            )
        industry = _live("registry:industry-picker", "#industry-help", "kind", "industry", "employees", "revenue", "assets")
        self.fields["industry"].widget.attrs |= {"list": "industries", "autocomplete": "off", **industry}
        for name in ("employees", "revenue", "assets", "figures_year"):
            self.fields[name].widget.attrs |= {"inputmode": "decimal"}

    def clean(self) -> dict[str, Any]:
        found = dict(super().clean() or {})
        facts = {name: value for name, value in found.items() if name not in {"area", "area_since", "began_on", "forget_phone"}}
        try:
            judged(facts | {name: "" for name in ("name", "kind") if name not in facts})
        except ValidationError as errors:
            for field, messages in errors.message_dict.items():
                if field not in self.errors:
                    self.add_error(field, messages)
        return found

    def facts(self) -> dict[str, Any]:
        """Keyword arguments for the acts."""
        given = dict(self.cleaned_data)
        forgotten = given.pop("forget_phone", False)
        if self.instance and not given["contact_phone"]:
            # The number in force never stands in the page; who leaves the field empty keeps it.
            given["contact_phone"] = "" if forgotten else self.instance.contact_phone
        if "area_since" in self.fields:
            given["area_since"] = given["area_since"] or ALWAYS
        return given


def _initial(organisation: Organisation) -> dict[str, Any]:
    facts = {field: plain(value) for field, value in facts_of(organisation).items() if field != "contact_phone"}
    if organisation.industry:
        facts["industry"] = f"{organisation.industry} {title(organisation.industry)}"
    return facts | {"area": organisation.area_id, "area_since": timezone.localdate().isoformat()}


class StatusForm(forms.Form):
    on = DayField(label="日期", max_length=20, help_text="从这一天起生效。")
    reason = forms.CharField(label="说明", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class SizeForm(forms.Form):
    size = forms.ChoiceField(
        label="认定规模", choices=[(value, label) for value, label in Size.choices if value != Size.UNKNOWN], widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label="认定理由", max_length=200, widget=forms.Textarea(attrs={"rows": 2}), help_text="例如“统计部门 2025 年认定为中型”。"
    )


class PlaceForm(forms.Form):
    area = AreaChoice(label="归属到", queryset=Area.objects.none(), empty_label="请选择镇街或园区")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "area", choosable_areas(user, leaves_only=True))
        self.fields["area"].widget.attrs["class"] = "form-select"


class ContactForm(forms.Form):
    name = forms.CharField(label="姓名", max_length=60)
    job = forms.CharField(label="职务", max_length=60, required=False)
    phone = forms.CharField(label="电话", max_length=40, required=False)


class ReasonForm(forms.Form):
    reason = forms.CharField(label="用途", max_length=200, min_length=2)


__all__ = ["ContactForm", "OrganisationForm", "PlaceForm", "ReasonForm", "SizeForm", "StatusForm"]
