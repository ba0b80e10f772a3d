"""Online lessons: a video, pages made of a PDF, or a text, with stated minutes and questions on the way (facts §10: 有记录、可查询、可追溯)."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.files.models import StoredFile
from tongxing.training.models import Provider, Topic

from .bank import Question


class LessonKind(models.TextChoices):
    VIDEO = "video", "视频"
    PAGES = "pages", "课件（PDF）"
    TEXT = "text", "图文"


class LessonQuerySet(models.QuerySet["Lesson"]):
    def visible_to(self, user: Any) -> Self:
        """Lessons of the user's areas; for a provider's agent the provider's own and those of the bureau."""
        if not user.is_authenticated:
            return self.none()
        scope = user.scope("learning.view")
        query = scope.as_q("area_id", "provider__organisation_id")
        if scope.organisations:
            query |= Q(provider=None)
        return self.filter(query)


class Lesson(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="+", verbose_name="课程内容")
    provider = models.ForeignKey(Provider, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="培训机构")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区划")
    title = models.CharField("课名", max_length=120)
    kind = models.CharField("形式", max_length=8, choices=LessonKind.choices)
    text = models.TextField("正文", blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="文件")
    minutes = models.PositiveSmallIntegerField("计入分钟")
    seconds = models.PositiveIntegerField("学习时长（秒）", help_text="视频为片长，其他为计入分钟")
    retired_on = models.DateField("停用日期", null=True, blank=True)
    version = models.IntegerField(default=1)
    made_by = models.CharField("制作人", max_length=60)
    created_at = models.DateTimeField(default=timezone.now)

    objects = LessonQuerySet.as_manager()

    class Meta:
        verbose_name = "线上课件"
        ordering = ["title", "id"]
        indexes = [models.Index(fields=["title"], name="learning_lesson_title")]
        constraints = [models.CheckConstraint(condition=Q(minutes__gte=1, seconds__gte=1), name="learning_lesson_length")]

    def __str__(self) -> str:
        return self.title


class LessonPage(models.Model):
    """One page of a PDF as a picture: it can be read on any phone, and leaves the screen of the lesson for nothing."""

    lesson = models.ForeignKey(Lesson, models.CASCADE, related_name="pages", verbose_name="课件")
    number = models.PositiveSmallIntegerField("页")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="图片")

    class Meta:
        verbose_name = "课件页"
        ordering = ["lesson_id", "number"]
        constraints = [models.UniqueConstraint(fields=["lesson", "number"], name="learning_page_once")]


class Checkpoint(models.Model):
    """A question that must be answered rightly at a position before going on."""

    lesson = models.ForeignKey(Lesson, models.CASCADE, related_name="checkpoints", verbose_name="课件")
    second = models.PositiveIntegerField("位置（秒）")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+", verbose_name="题目")

    class Meta:
        verbose_name = "随堂题"
        ordering = ["lesson_id", "second"]
        constraints = [models.UniqueConstraint(fields=["lesson", "second"], name="learning_checkpoint_place")]
