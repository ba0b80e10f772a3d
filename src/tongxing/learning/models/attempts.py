"""Sitting a mock examination: one attempt, its paper and answers, and what was answered wrongly and is to be practised."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.registry.models import Person

from .bank import Question
from .exams import Exam


class Attempt(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    exam = models.ForeignKey(Exam, models.PROTECT, related_name="sittings", verbose_name="模拟考试")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="考生")
    number = models.PositiveSmallIntegerField("第几次")
    seed = models.CharField("抽题种子", max_length=60)
    bank_version = models.PositiveBigIntegerField("题库版本")
    started_at = models.DateTimeField("开始", default=timezone.now)
    due_at = models.DateTimeField("最晚交卷")
    submitted_at = models.DateTimeField("交卷", null=True, blank=True)
    was_late = models.BooleanField("到时自动交卷", default=False)
    points = models.DecimalField("得分", max_digits=6, decimal_places=1, null=True, blank=True)
    total = models.PositiveSmallIntegerField("满分")
    passed = models.BooleanField("合格", null=True, blank=True)

    class Meta:
        verbose_name = "答卷"
        ordering = ["-started_at", "-id"]
        indexes = [
            models.Index(fields=["started_at"], name="learning_attempt_started"),
            models.Index(fields=["due_at"], condition=Q(submitted_at=None), name="learning_attempt_due"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["exam", "person", "number"], name="learning_attempt_number"),
            models.UniqueConstraint(fields=["exam", "person"], condition=Q(submitted_at=None), name="learning_attempt_running"),
        ]

    @property
    def percent(self) -> float:
        return float(self.points or 0) * 100 / self.total if self.total else 0.0

    @property
    def area_code(self) -> int:
        return self.exam.area_id


class AttemptItem(models.Model):
    """One question on the paper. `stamp` is the page's count of the answer: an answer that was sent again never undoes a later one."""

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="items", verbose_name="答卷")
    position = models.PositiveSmallIntegerField("题序")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+", verbose_name="题目")
    points = models.PositiveSmallIntegerField("分数")
    answer = models.CharField("答案", max_length=8, blank=True)
    stamp = models.BigIntegerField(default=0)
    earned = models.DecimalField("得分", max_digits=5, decimal_places=1, null=True, blank=True)

    class Meta:
        verbose_name = "答题"
        ordering = ["attempt_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "position"], name="learning_item_place"),
            models.UniqueConstraint(fields=["attempt", "question"], name="learning_item_once"),
        ]


class WrongAnswer(models.Model):
    """A question in a person's book of wrong answers; it leaves when it was answered rightly so many times in a row."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name="学员")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+", verbose_name="题目")
    wrong = models.PositiveSmallIntegerField("答错次数", default=1)
    right_in_a_row = models.PositiveSmallIntegerField("连续答对", default=0)
    last_at = models.DateTimeField("最近一次", default=timezone.now)
    mastered_at = models.DateTimeField("掌握时间", null=True, blank=True)

    class Meta:
        verbose_name = "错题"
        ordering = ["last_at", "id"]
        constraints = [models.UniqueConstraint(fields=["person", "question"], name="learning_wrong_once")]
