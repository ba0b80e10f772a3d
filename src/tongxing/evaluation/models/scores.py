"""Scores: two entries by two people for each part, and the result that was settled from them."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from .exams import Candidate


class Part(models.TextChoices):
    """The parts of the examination; levels 2 and 1 have the review besides (facts §1)."""

    THEORY = "theory", "理论知识"
    PRACTICE = "practice", "技能操作"
    REVIEW = "review", "综合评审"


class ScoreEntry(models.Model):
    """One of the two independent entries; `value` is None where the candidate did not take the part."""

    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="entries")
    part = models.CharField("科目", max_length=10, choices=Part.choices)
    turn = models.PositiveSmallIntegerField("第几遍")
    value = models.DecimalField("分数", max_digits=4, decimal_places=1, null=True)
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField("录入人", max_length=60)
    at = models.DateTimeField("录入时间", default=timezone.now)

    class Meta:
        ordering = ["candidate_id", "part", "turn"]
        verbose_name = "分数录入"
        constraints = [
            models.UniqueConstraint(fields=["candidate", "part", "turn"], name="evaluation_entered_once"),
            models.CheckConstraint(condition=Q(turn__in=(1, 2)), name="evaluation_two_turns"),
            models.CheckConstraint(condition=Q(value=None) | Q(value__gte=0, value__lte=100), name="evaluation_entry_range"),
        ]


class PartResult(models.Model):
    """The settled score of a part. `kept_from` is the earlier result that still holds, when the part was not taken again."""

    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="parts")
    part = models.CharField("科目", max_length=10, choices=Part.choices)
    value = models.DecimalField("分数", max_digits=4, decimal_places=1, null=True)
    kept_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="沿用")
    settled_by = models.CharField("确定人", max_length=60)
    reason = models.CharField("说明", max_length=200, blank=True)
    at = models.DateTimeField("确定时间", default=timezone.now)

    class Meta:
        ordering = ["candidate_id", "part"]
        verbose_name = "科目成绩"
        constraints = [
            models.UniqueConstraint(fields=["candidate", "part"], name="evaluation_part_once"),
            models.CheckConstraint(condition=Q(value=None) | Q(value__gte=0, value__lte=100), name="evaluation_result_range"),
            models.CheckConstraint(condition=~Q(kept_from=F("id")), name="evaluation_kept_elsewhere"),
        ]
