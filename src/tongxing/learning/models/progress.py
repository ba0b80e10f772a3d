"""How far somebody got in a lesson. Times are the server's; milliseconds, so that rounding takes nothing and gives nothing."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from tongxing.registry.models import Person
from tongxing.training.models import Enrolment

from .lessons import Checkpoint, Lesson


class Progress(models.Model):
    """One trainee in one lesson. `earned_ms` never passes `furthest_ms`, and that never the lesson's length."""

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="+", verbose_name="学员")
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="progress", verbose_name="课件")
    position_ms = models.PositiveBigIntegerField("上次位置", default=0)
    furthest_ms = models.PositiveBigIntegerField("学到", default=0)
    earned_ms = models.PositiveBigIntegerField("有效学习", default=0)
    begun_at = models.DateTimeField("开始时间", default=timezone.now)
    studied_at = models.DateTimeField("最近学习", default=timezone.now)
    done_at = models.DateTimeField("学完时间", null=True, blank=True)

    class Meta:
        verbose_name = "学习进度"
        ordering = ["enrolment_id", "lesson_id"]
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "lesson"], name="learning_progress_once"),
            models.CheckConstraint(condition=Q(earned_ms__lte=F("furthest_ms")), name="learning_earned_was_seen"),
        ]


class CheckpointAnswer(models.Model):
    progress = models.ForeignKey(Progress, models.CASCADE, related_name="answers", verbose_name="学习进度")
    checkpoint = models.ForeignKey(Checkpoint, models.CASCADE, related_name="+", verbose_name="随堂题")
    tries = models.PositiveSmallIntegerField("答题次数", default=0)
    passed_at = models.DateTimeField("答对时间", null=True, blank=True)

    class Meta:
        verbose_name = "随堂答题"
        ordering = ["progress_id", "checkpoint_id"]
        constraints = [models.UniqueConstraint(fields=["progress", "checkpoint"], name="learning_answered_once")]


class StudyDay(models.Model):
    """What was earned in a lesson on a day: the record that can be looked up, and what the cap of a day adds up."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name="学员")
    progress = models.ForeignKey(Progress, models.CASCADE, related_name="days", verbose_name="学习进度")
    on = models.DateField("日期")
    earned_ms = models.PositiveBigIntegerField("有效学习", default=0)
    first_at = models.DateTimeField("第一次", default=timezone.now)
    last_at = models.DateTimeField("最后一次", default=timezone.now)

    class Meta:
        verbose_name = "学习日记录"
        ordering = ["progress_id", "on"]
        indexes = [models.Index(fields=["person", "on"], name="learning_day_of_person")]
        constraints = [models.UniqueConstraint(fields=["progress", "on"], name="learning_day_once")]

    @property
    def minutes(self) -> int:
        return self.earned_ms // 60_000


class Seat(models.Model):
    """Where a person studies now: one tab at a time, whatever the lesson. Its row is the lock under which time is earned."""

    person = models.OneToOneField(Person, models.CASCADE, related_name="+", verbose_name="学员")
    tab = models.CharField("页面", max_length=40, blank=True)
    progress = models.ForeignKey(Progress, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="学习进度")
    beat_at = models.DateTimeField("上次报到", null=True, blank=True)
    touched_at = models.DateTimeField("上次操作", null=True, blank=True)
    doubled_at = models.DateTimeField("同时打开", null=True, blank=True, help_text="最近一次发现两个页面同时在学")

    class Meta:
        verbose_name = "学习席位"
        ordering = ["person_id"]
