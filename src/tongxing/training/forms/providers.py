"""Forms about providers and courses."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from tongxing.core.values import clean_count, half_width
from tongxing.registry.forms.people_fields import OrganisationField
from tongxing.registry.models import Organisation
from tongxing.training.courses import TopicLine
from tongxing.training.models import Course, CourseLevel

MOST_TOPICS = 100


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=200)


class ProviderForm(forms.Form):
    remark = forms.CharField(label="备注", max_length=200, required=False)

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        schools = Organisation.objects.visible_to(user).filter(Q(is_training_provider=True) | Q(kind="training"))
        help_text = "先在“单位名录”登记，并选“培训机构”或勾选“兼培训机构”。"
        self.fields["organisation"] = OrganisationField(user=user, among=schools, label="培训机构", help_text=help_text)
        self.order_fields(("organisation", "remark"))


class EligibilityForm(forms.Form):
    year = forms.IntegerField(label="年度", min_value=2000, max_value=2199, initial=lambda: timezone.localdate().year)
    levels = forms.TypedMultipleChoiceField(
        label="可承办的等级", choices=CourseLevel.choices, coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    document = forms.CharField(label="认定文件", max_length=120, required=False, help_text="文号或名称。")


class TrainerForm(forms.Form):
    name = forms.CharField(label="姓名", max_length=60)
    education = forms.CharField(label="学历", max_length=30, required=False)
    title = forms.CharField(label="职称或职务", max_length=60, required=False)
    qualification = forms.CharField(label="资格", max_length=120, required=False, help_text="教师资格、职业资格或技能等级证书。")


class RoomForm(forms.Form):
    name = forms.CharField(label="教室名称", max_length=60)
    seats = forms.IntegerField(label="座位数", min_value=1, max_value=5000)
    address = forms.CharField(label="地址", max_length=200, required=False)


def read_topics(text: str) -> list[TopicLine]:
    """The lines of a syllabus: 内容，学时 and, where it is practice, 实操. Raises ValidationError with the number of the line."""
    found = []
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_TOPICS:
        raise ValidationError(f"大纲最多 {MOST_TOPICS} 行，现在是 {len(lines)} 行，请合并。", code="too_many")
    for number, line in enumerate(lines, start=1):
        parts = [part.strip() for part in re.split(r"[,，、;；\t|]", line) if part.strip()]
        practice = len(parts) > 2 and "实" in parts[-1]
        hours = re.sub(r"学时|课时|节$", "", half_width(parts[-2] if practice else parts[-1]))
        title = "，".join(parts[: -2 if practice else -1])
        if not title or not hours.isdecimal():
            raise ValidationError(
                f"第 {number} 行看不懂：“{line[:40]}”。请写成“内容，学时”，实操课写成“内容，学时，实操”。", code="topic_form"
            )
        if len(title) > 120:
            raise ValidationError(f"第 {number} 行的内容超过 120 个字，请缩短。", code="too_long")
        found.append(TopicLine(title, clean_count(hours, most=400), practice))
    return found


def topics_as_text(course: Course) -> str:
    lines = [f"{topic.title}，{topic.hours}{'，实操' if topic.is_practice else ''}" for topic in course.topics.all()]
    return "\n".join(lines)


class SyllabusForm(forms.Form):
    """What may be changed of a course."""

    summary = forms.CharField(label="说明", max_length=300, required=False)
    topics = forms.CharField(
        label="大纲",
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="一行一项：内容，学时。实操课在后面加“，实操”。可以从 Excel 复制两三列粘贴。",
    )

    def clean_topics(self) -> list[TopicLine]:
        return read_topics(self.cleaned_data["topics"])


class CourseForm(SyllabusForm):
    name = forms.CharField(label="课程名称", max_length=80)
    level = forms.TypedChoiceField(label="培训等级", choices=[("", "请选择"), *CourseLevel.choices], coerce=int)
    field_order = ("name", "level", "summary", "topics")
