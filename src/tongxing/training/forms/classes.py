"""Forms about classes, their sessions and the people in them."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from tongxing.areas.models import LEAF_KINDS, Area, Kind
from tongxing.registry.forms.people_fields import DayField, OrganisationField
from tongxing.registry.models.people import IdType
from tongxing.training.models import Course, Funding, Mode, Provider, Session, TrainingClass

COUNTY_WIDTH = 10**6


def areas_for(user: Any) -> QuerySet[Area]:
    """Where the user may hold classes: the own areas; for a provider's agent the provider's county."""
    own = Provider.objects.visible_to(user).values_list("organisation__area_id", flat=True)
    counties = {code - code % COUNTY_WIDTH for code in own} if user.scope("training.run").organisations else set()
    valid = Area.objects.valid_on(timezone.localdate())
    wider = valid.in_scope(user.scope("training.run")).filter(kind__in=(Kind.COUNTY, *LEAF_KINDS))
    return (wider | valid.filter(code__in=counties)).distinct().order_by("code")


class ClassFields(forms.Form):
    sections = (
        ("培训班", ("course", "provider", "area", "title", "mode", "capacity", "admits_at_once")),
        ("时间地点", ("starts_on", "ends_on", "place")),
        ("报备材料", ("teaching_plan", "materials", "test_plan")),
    )
    title = forms.CharField(label="班名", max_length=100, help_text="例如：2026 年第 2 期四级劳动关系协调员培训班。")
    mode = forms.ChoiceField(label="方式", choices=Mode.choices)
    capacity = forms.IntegerField(label="名额", min_value=1, max_value=2000, initial=50)
    admits_at_once = forms.BooleanField(label="报名即录取", required=False, help_text="不勾选时，报名后逐个录取；名额满了进候补。")
    starts_on = DayField(label="开班日期")
    ends_on = DayField(label="结束日期")
    place = forms.CharField(label="地点", max_length=200, required=False, help_text="线下培训必填。")
    teaching_plan = forms.CharField(label="教学计划", max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    materials = forms.CharField(
        label="教学资源", max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="教材、设备、线上资源。"
    )
    test_plan = forms.CharField(label="考核方案", max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    FACTS = ("title", "mode", "capacity", "admits_at_once", "starts_on", "ends_on", "place", "teaching_plan", "materials", "test_plan")

    def facts(self) -> dict[str, Any]:
        return {field: self.cleaned_data[field] for field in self.FACTS}


class ClassForm(ClassFields):
    """A new class: the course, who holds it, and for which area."""

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        providers = Provider.objects.visible_to(user).select_related("organisation")
        open_courses = Course.objects.filter(retired_on=None)
        self.fields["course"] = forms.ModelChoiceField(open_courses, label="课程", empty_label="请选择")
        self.fields["provider"] = forms.ModelChoiceField(providers, label="承办机构", empty_label="请选择")
        self.fields["area"] = forms.ModelChoiceField(areas_for(user), label="主管区划", empty_label="请选择")


class ClassEditForm(ClassFields):
    def __init__(self, *args: Any, training_class: TrainingClass, **options: Any) -> None:
        options["initial"] = {field: getattr(training_class, field) for field in self.FACTS}
        super().__init__(*args, **options)
        self.instance = training_class


class PostponeForm(forms.Form):
    starts_on = DayField(label="新的开班日期")
    ends_on = DayField(label="新的结束日期")
    reason = forms.CharField(label="原因", max_length=200, help_text="会通知到每个学员和报送单位。")


class TimeField(forms.TimeField):
    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
        super().__init__(input_formats=["%H:%M", "%H:%M:%S", "%H.%M", "%H：%M"], **options)


class SessionForm(forms.Form):
    on = DayField(label="日期")
    begins = TimeField(label="开始")
    ends = TimeField(label="结束")
    hours = forms.IntegerField(label="学时", min_value=1, max_value=20, help_text="每学时 45 分钟，不能超过起止时间所能容纳的学时。")
    is_online = forms.BooleanField(label="线上", required=False)
    reason = forms.CharField(label="调课原因", max_length=200, required=False, help_text="已准予开班的，会通知学员。")

    FACTS = ("on", "begins", "ends", "hours", "topic", "trainer", "room", "is_online")

    def __init__(self, *args: Any, training_class: TrainingClass, session: Session | None = None, **options: Any) -> None:
        if session:
            options["initial"] = {field: getattr(session, field) for field in self.FACTS}
        super().__init__(*args, **options)
        provider = training_class.provider
        topics, trainers = training_class.course.topics.all(), provider.trainers.filter(is_active=True)
        self.fields["topic"] = forms.ModelChoiceField(topics, label="内容", required=False, empty_label="综合")
        self.fields["trainer"] = forms.ModelChoiceField(trainers, label="教师", required=False, empty_label="未定")
        rooms = provider.rooms.filter(is_active=True)
        self.fields["room"] = forms.ModelChoiceField(rooms, label="教室", required=False, empty_label="线上或未定")
        self.order_fields(self.FACTS)
        if session is None:
            del self.fields["reason"]

    def facts(self) -> dict[str, Any]:
        return {field: self.cleaned_data[field] for field in self.FACTS}


class EntryForm(forms.Form):
    """Somebody to be entered for a class."""

    name = forms.CharField(label="姓名", max_length=64)
    id_number = forms.CharField(label="证件号码", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    id_type = forms.ChoiceField(label="证件类型", choices=IdType.choices)
    phone = forms.CharField(label="手机号", max_length=20, required=False, help_text="登记册里没有此人时一并登记。")
    funding = forms.ChoiceField(label="费用", choices=Funding.choices, help_text="不符合补贴条件、愿意参加的，选市场化自费。")

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if user.may("registry.view"):
            self.fields["organisation"] = OrganisationField(user=user, label="报送单位", required=False)


class FundingForm(forms.Form):
    funding = forms.ChoiceField(label="费用", choices=Funding.choices)
    reason = forms.CharField(label="原因", max_length=200)
