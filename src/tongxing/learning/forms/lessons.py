"""Forms about lessons: making one, a question on the way, planning for a class."""

from typing import Any

from django import forms

from tongxing.areas.models import Area
from tongxing.core.choosing import offer
from tongxing.learning.models import ANSWERED, Lesson, LessonKind, Question, QuestionState
from tongxing.training.models import Provider, Topic, TrainingClass

TEXT_HINT = "一行一段；“# ”开头是标题，“- ”开头是列表。"


class LessonForm(forms.Form):
    """`provider` is offered where the user acts for one; officers make lessons for all."""

    title = forms.CharField(label="课名", max_length=120)
    topic = forms.ModelChoiceField(Topic.objects.none(), label="课程内容", empty_label="请选择", help_text="计入哪门课程的哪项内容。")
    provider = forms.ModelChoiceField(Provider.objects.none(), label="培训机构", empty_label="请选择")
    kind = forms.ChoiceField(label="形式", choices=LessonKind.choices)
    minutes = forms.IntegerField(label="计入分钟", min_value=1, max_value=600, help_text="每 45 分钟合一学时。视频课不能超过片长。")
    upload = forms.FileField(
        label="文件", required=False, help_text="视频：MP4（H.264）、WebM 或 M4A 录音。课件：PDF，最多 80 页，逐页转成图片。"
    )
    text = forms.CharField(
        label="正文",
        required=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=f"图文课填写。{TEXT_HINT}",
    )

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        topics = Topic.objects.filter(course__retired_on=None).select_related("course").order_by("course__name", "position")
        offer(self, "topic", topics, label=lambda topic: f"{topic.course}：{topic.title}")
        own = user.scope("learning.teach").organisations
        offer(self, "provider", Provider.objects.filter(organisation_id__in=own).select_related("organisation"))
        if not own:
            del self.fields["provider"]

    def facts(self, area: Area) -> dict[str, Any]:
        """The act's facts; a provider's lesson stands in the provider's county."""
        values = self.cleaned_data
        provider = values.get("provider")
        return {
            "area": area_of(provider) if provider else area,
            "provider": provider,
            "title": values["title"],
            "kind": values["kind"],
            "minutes": values["minutes"],
            "text": values["text"],
            "upload": values["upload"],
        }


def area_of(provider: Provider) -> Area:
    code = provider.organisation.area_id
    return Area.objects.get(code=code - code % 10**6)


def county_of(user: Any, permission: str, fallback: int) -> Area:
    """The area in which an officer works: the widest that the permission covers."""
    roots = user.scope(permission).roots
    return Area.objects.get(code=min(roots, default=fallback))


class LessonEditForm(forms.Form):
    title = forms.CharField(label="课名", max_length=120)
    text = forms.CharField(label="正文", max_length=60_000, widget=forms.Textarea(attrs={"rows": 14}), help_text=TEXT_HINT)

    def __init__(self, *args: Any, lesson: Lesson, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial = {"title": lesson.title, "text": lesson.text}
        if lesson.kind != LessonKind.TEXT:
            del self.fields["text"]


class CheckpointForm(forms.Form):
    minute = forms.IntegerField(label="分", min_value=0, max_value=600)
    second = forms.IntegerField(label="秒", min_value=0, max_value=59, initial=0)
    question = forms.ModelChoiceField(Question.objects.none(), label="题目", empty_label="请选择", help_text="从题库的在用题里选。")

    def __init__(self, *args: Any, lesson: Lesson, **options: Any) -> None:
        super().__init__(*args, **options)
        level = str(lesson.topic.course.level)
        rows = Question.objects.newest().filter(state=QuestionState.IN_USE, kind__in=ANSWERED, case=None, levels__contains=level)
        offer(self, "question", rows.order_by("function", "number"), label=lambda q: f"{q.get_function_display()} {q.code} {q.stem[:40]}")


class PlanForm(forms.Form):
    lesson = forms.ModelChoiceField(Lesson.objects.none(), label="线上课", empty_label="请选择", help_text="本班课程大纲里的、在用的课件。")

    def __init__(self, *args: Any, user: Any, training_class: TrainingClass, **options: Any) -> None:
        super().__init__(*args, **options)
        planned = training_class.online_lessons.values("key")
        rows = Lesson.objects.visible_to(user).filter(topic__course=training_class.course, retired_on=None).exclude(uid__in=planned)
        own = rows.filter(provider=None) | rows.filter(provider=training_class.provider)
        offer(self, "lesson", own.select_related("topic"), label=lambda one: f"{one.topic.title}：{one.title}（{one.minutes} 分钟）")
