"""Forms about people. An edit form never holds ID number or phone in clear: empty means unchanged."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.registry.models import Person
from tongxing.registry.models.people import Education, IdType, Politics, Sex
from tongxing.registry.pasts import ALWAYS
from tongxing.registry.people import judged

from .people_fields import CHANGED_HELP, DayField, LeafField


class PersonFields(forms.Form):
    """The facts of a person, as every form that holds them asks for them."""

    name = forms.CharField(label="姓名", max_length=64)
    id_type = forms.ChoiceField(label="证件类型", choices=IdType.choices, initial=IdType.RESIDENT)
    id_number = forms.CharField(
        label="证件号码",
        max_length=40,
        help_text="居民身份证会自动带出性别和出生日期。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label="手机号", max_length=40, required=False, widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"})
    )
    sex = forms.TypedChoiceField(label="性别", choices=Sex.choices, coerce=int, initial=0)
    born_on = DayField(label="出生日期", required=False, help_text="证件号码里有的以证件为准。")
    education = forms.ChoiceField(label="学历", choices=[("", "请选择"), *Education.choices], required=False)
    politics = forms.ChoiceField(label="政治面貌", choices=[("", "请选择"), *Politics.choices], required=False)

    PERSON_FIELDS = ("name", "id_type", "id_number", "phone", "sex", "born_on", "education", "politics")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors:
            try:
                values |= judged(self.facts(values))
            except ValidationError as error:
                self.add_error(None, error)
        return values

    def facts(self, values: dict[str, Any]) -> dict[str, Any]:
        return {field: values[field] for field in self.PERSON_FIELDS if field in values}


class PersonForm(PersonFields):
    """A new person without an enrolment. Its draft never holds ID number or phone (core/static/core/js/drafts.js)."""

    draft_key = "registry.person:new"

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["area"] = LeafField(user=user, label="所属镇街、园区")

    sections: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("身份", ("name", "id_type", "id_number", "sex", "born_on")),
        ("联系与其他", ("phone", "area", "education", "politics")),
    )


class PersonEditForm(PersonForm):
    """A person as registered; ID number and phone stay closed. Without a draft: the record may have moved on by the time it is offered."""

    draft_key = ""
    education_since = DayField(label="学历自哪一天起", required=False, initial=timezone.localdate, help_text=CHANGED_HELP)
    sections = (*PersonForm.sections, ("学历的变动", ("education_since",)))

    def __init__(self, *args: Any, person: Person, **options: Any) -> None:
        initial = {field: getattr(person, field) for field in ("name", "id_type", "sex", "born_on", "education", "politics", "area")}
        super().__init__(*args, initial=initial, **options)
        self.instance = person
        if hasattr(person, "coordinator"):
            # The area of an enrolled person follows the main posting; typed here it would be overwritten by the next act.
            area: Any = self.fields["area"]
            area.queryset, area.disabled = Area.objects.filter(pk=person.area_id), True
            area.help_text = "已登记为协调员，随主要任职单位变化。"
        for field, masked, label in (("id_number", person.id_masked, "证件号码"), ("phone", person.phone_masked, "手机号")):
            self.fields[field].required = False
            self.fields[field].help_text = f"现为 {masked}。不改请留空。" if masked else f"还没有登记{label}。"

    def facts(self, values: dict[str, Any]) -> dict[str, Any]:
        kept = {"id_number": self.instance.id_number, "phone": self.instance.phone}
        return super().facts(values) | {field: values.get(field) or plain for field, plain in kept.items()}

    def changes(self) -> dict[str, Any]:
        facts = {field: self.cleaned_data[field] for field in self.PERSON_FIELDS}
        return facts | {"area_id": self.cleaned_data["area"].pk, "education_since": self.cleaned_data["education_since"] or ALWAYS}


class ReasonForm(forms.Form):
    reason = forms.CharField(label="用途", max_length=200, help_text="例如：电话核实培训报名。每次查看都会记入审计日志。")


class AccountForm(forms.Form):
    username = forms.CharField(label="账号", max_length=60, help_text="本人登录用的账号，须有“劳动关系协调员”岗位。")


class ConfirmForm(forms.Form):
    remark = forms.CharField(
        label="需要更正的内容", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="全部属实请留空。"
    )
