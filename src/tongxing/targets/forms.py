"""Forms of the targets room: each judges what was typed; the acts judge whether it may be done."""

from datetime import date
from typing import Any

from django import forms

from tongxing.accounts.models import Grant, User
from tongxing.accounts.roles import ROLES
from tongxing.areas.models import LEAF_KINDS
from tongxing.areas.scope import span_of
from tongxing.core.values import clean_date
from tongxing.policy.provisions import shipped
from tongxing.registry.models.organisations import OrganisationKind, Party, Size

from .models import Contact, Target, Way
from .models.definitions import Shape, words


class DayField(forms.DateField):
    """A day as people write it."""

    def to_python(self, value: Any) -> date | None:
        """The day that was typed; None for nothing, which is what the columns hold. ValidationError for what is no day."""
        if isinstance(value, date):
            return value
        return clean_date(str(value)) if value else None


def people_who_chase(area_codes: set[int]) -> list[User]:
    """Users who may chase gaps in all of these areas today."""
    roles = [key for key, role in ROLES.items() if "targets.chase" in role.permissions]
    spans: dict[User, list[tuple[int, int]]] = {}
    for grant in Grant.objects.current().filter(role__in=roles, area__isnull=False, user__is_active=True).select_related("user"):
        spans.setdefault(grant.user, []).append(span_of(grant.area_id or 0))
    fits = [user for user, held in spans.items() if all(any(low <= code <= high for low, high in held) for code in area_codes)]
    return sorted(fits, key=lambda user: user.name)


class AssignForm(forms.Form):
    owner = forms.ChoiceField(label="责任人")
    due_on = DayField(label="办结期限", required=False, help_text="不填则保留原来的期限")

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(user.pk): user for user in people}
        choices = [(key, f"{user.name}（{user.job or user.username}）") for key, user in self.people.items()]
        self.fields["owner"].choices = [("", "请选择"), *choices]  # type: ignore[attr-defined]

    def clean_owner(self) -> User:
        return self.people[self.cleaned_data["owner"]]


class DueForm(forms.Form):
    due_on = DayField(label="新的期限")
    reason = forms.CharField(label="理由", max_length=200, required=False)


class ContactForm(forms.Form):
    means = forms.ChoiceField(label="联系方式", choices=Contact.Means.choices)
    happened_on = DayField(label="联系日期", required=False, help_text="不填为今天")
    with_whom = forms.CharField(label="联系对象", max_length=60, required=False)
    result = forms.CharField(label="结果", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    next_step = forms.CharField(label="下一步", max_length=200, required=False)
    next_step_on = DayField(label="下一步日期", required=False)


class PlanForm(forms.Form):
    next_step = forms.CharField(label="下一步", max_length=200)
    next_step_on = DayField(label="下一步日期", required=False)
    note = forms.CharField(label="备注", max_length=300, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class ExemptionForm(forms.Form):
    reason = forms.CharField(
        label="免设理由", max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text="例如：停产整顿、正在注销、人员已定待到岗"
    )
    until = DayField(label="免设至", help_text="到期后自动恢复为缺口")


class DecisionForm(forms.Form):
    note = forms.CharField(label="意见", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class FreezeForm(forms.Form):
    title = forms.CharField(label="标题", max_length=120, required=False, help_text="不填则按区划和日期起名")
    on = DayField(label="截至日期")


class TargetForm(forms.ModelForm[Target]):
    """A target of one of the known shapes; what the shape does not use stays empty."""

    kinds = forms.MultipleChoiceField(
        label="单位类别", required=False, widget=forms.CheckboxSelectMultiple, help_text="类型是“某些规模的单位”时选"
    )
    sizes = forms.MultipleChoiceField(
        label="规模", required=False, widget=forms.CheckboxSelectMultiple, help_text="类型是“某些规模的单位”时选；不选为所有规模"
    )
    parties = forms.MultipleChoiceField(
        label="三方", required=False, widget=forms.CheckboxSelectMultiple, help_text="类型是“三方各方都要有”时选"
    )
    area_kinds = forms.MultipleChoiceField(
        label="区划类别", required=False, widget=forms.CheckboxSelectMultiple, help_text="类型是“每个镇街、园区都要有”时选"
    )
    ways = forms.MultipleChoiceField(label="怎样算覆盖", required=False, choices=Way.choices, widget=forms.CheckboxSelectMultiple)
    deadline = DayField(label="期限", required=False)
    active_from = DayField(label="启用日", required=False)
    active_until = DayField(label="停用日", required=False, help_text="含当天")
    LISTS = ("kinds", "sizes", "parties", "area_kinds", "ways")
    NEEDS = {
        Shape.ORGANISATIONS: ("kinds", "ways"),
        Shape.SMALL_SHARE: ("kinds", "ways"),
        Shape.TRIPARTITE: ("parties",),
        Shape.AREAS: ("area_kinds", "ways"),
        Shape.YEARLY: (),
    }

    class Meta:
        model = Target
        fields = (
            "key", "title", "noun", "shape", "kinds", "sizes", "parties", "area_kinds", "ways", "minimum", "share", "deadline", "clause",
            "source", "chased", "order", "active_from", "active_until",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("kinds", OrganisationKind.choices), ("sizes", Size.choices), ("parties", Party.choices)):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields["area_kinds"].choices = [(kind.value, kind.label) for kind in LEAF_KINDS]  # type: ignore[attr-defined]
        if self.instance.pk:
            del self.fields["key"]
            for name in self.LISTS:
                self.initial[name] = words(getattr(self.instance, name))
            for name in ("minimum", "share", "deadline"):
                if key := getattr(self.instance, f"{name}_key"):
                    self.fields[name].disabled = True
                    self.fields[name].help_text = f"由政策参数“{shipped()[key][0].title}”决定，请到政策参数中修改"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in self.NEEDS.get(data.get("shape", ""), ()):
            if not data.get(name):
                self.add_error(name, "这一类目标必须选择至少一项。")
        for name in self.LISTS:
            data[name] = ",".join(data.get(name) or [])
        return data
