"""Mock examinations (模拟考试): the blueprint from which papers are drawn, the seed, and when people may sit."""

import uuid
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.training.models import CourseLevel, TrainingClass

from .bank import Difficulty, Function, Kind


class ExamState(models.TextChoices):
    DRAFT = "draft", "筹备"
    OPEN = "open", "开放"
    CLOSED = "closed", "已结束"


class ExamQuerySet(models.QuerySet["Exam"]):
    def visible_to(self, user: Any) -> Self:
        """Of the user's areas; for a provider's agent those of the provider's classes."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(user.scope("learning.view").as_q("area_id", "training_class__provider__organisation_id"))


class Exam(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField("名称", max_length=100)
    level = models.SmallIntegerField("等级", choices=CourseLevel.choices)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区划")
    training_class = models.ForeignKey(TrainingClass, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="培训班")
    minutes = models.PositiveSmallIntegerField("时限（分钟）")
    pass_percent = models.PositiveSmallIntegerField("合格线（%）")
    attempts = models.PositiveSmallIntegerField("可考次数", default=0, help_text="0 为不限")
    closes_on = models.DateField("截止日期", null=True, blank=True, help_text="含当天")
    state = models.CharField("状态", max_length=8, choices=ExamState.choices, default=ExamState.DRAFT)
    seed = models.CharField("抽题种子", max_length=40, blank=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField("建立时间", default=timezone.now)

    objects = ExamQuerySet.as_manager()

    class Meta:
        verbose_name = "模拟考试"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["created_at"], name="learning_exam_created")]
        constraints = [models.CheckConstraint(condition=Q(minutes__gte=1, pass_percent__lte=100), name="learning_exam_limits")]

    def __str__(self) -> str:
        return self.title

    def is_open_on(self, day: date) -> bool:
        return self.state == ExamState.OPEN and (self.closes_on is None or day <= self.closes_on)


class BlueprintLine(models.Model):
    """So many questions of a kind, of one function and difficulty or of any, each worth so many points (a case: each of its questions)."""

    exam = models.ForeignKey(Exam, models.CASCADE, related_name="blueprint", verbose_name="模拟考试")
    kind = models.CharField("题型", max_length=8, choices=Kind.choices)
    function = models.CharField("职业功能", max_length=12, choices=Function.choices, blank=True)
    difficulty = models.SmallIntegerField("难度", choices=Difficulty.choices, null=True, blank=True)
    count = models.PositiveSmallIntegerField("题数")
    points = models.PositiveSmallIntegerField("每题分数")

    class Meta:
        verbose_name = "命题蓝图"
        ordering = ["exam_id", "id"]
        constraints = [models.CheckConstraint(condition=Q(count__gte=1, points__gte=1), name="learning_blueprint_counts")]
