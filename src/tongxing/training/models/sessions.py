"""Sessions (课次): when, where and by whom a part of a class is taught."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from .classes import TrainingClass
from .courses import Topic
from .providers import Room, Trainer


class Session(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    training_class = models.ForeignKey(TrainingClass, models.CASCADE, related_name="sessions", verbose_name="培训班")
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="内容")
    on = models.DateField("日期")
    begins = models.TimeField("开始")
    ends = models.TimeField("结束")
    hours = models.PositiveSmallIntegerField("学时")
    trainer = models.ForeignKey(Trainer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="教师")
    room = models.ForeignKey(Room, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="教室")
    is_online = models.BooleanField("线上", default=False)

    class Meta:
        verbose_name = "课次"
        ordering = ["on", "begins", "id"]
        indexes = [
            models.Index(fields=["on", "trainer"], name="training_session_trainer"),
            models.Index(fields=["on", "room"], name="training_session_room"),
        ]
        constraints = [models.CheckConstraint(condition=Q(ends__gt=F("begins")), name="training_session_times")]

    def __str__(self) -> str:
        return f"{self.on} {self.begins:%H:%M}–{self.ends:%H:%M}"

    @property
    def area_code(self) -> int:
        return self.training_class.area_id

    @property
    def begins_at(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.on, self.begins))

    @property
    def ends_at(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.on, self.ends))
