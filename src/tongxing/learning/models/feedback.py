"""Feedback on a class. An answer names no person and no time; that somebody answered stands apart, so that the two cannot be joined."""

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from tongxing.training.models import Enrolment, TrainingClass

QUESTIONS = {
    "content": "内容对工作有用",
    "teaching": "老师讲得清楚",
    "practice": "案例和练习充分",
    "arrangement": "时间和安排合适",
    "overall": "总体满意",
}
"""Column → what is asked."""
MARK = (MinValueValidator(1), MaxValueValidator(5))


def _mark(name: str) -> "models.SmallIntegerField[int, int]":
    return models.SmallIntegerField(QUESTIONS[name], validators=MARK)


class Feedback(models.Model):
    """One trainee's answers, 1 (poor) to 5 (very good). The random key hides the order in which they came."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    training_class = models.ForeignKey(TrainingClass, models.CASCADE, related_name="+", verbose_name="培训班")
    content = _mark("content")
    teaching = _mark("teaching")
    practice = _mark("practice")
    arrangement = _mark("arrangement")
    overall = _mark("overall")
    words = models.TextField("意见和建议", blank=True, max_length=1000)
    is_released = models.BooleanField("已计入", default=False, help_text="与同时计入的几份一起显示，不会单独显示")

    class Meta:
        verbose_name = "课后评价"
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=models.Q(overall__gte=1, overall__lte=5), name="learning_feedback_marks")]


class FeedbackGiven(models.Model):
    """That a trainee has answered; never when, never what."""

    enrolment = models.OneToOneField(Enrolment, models.CASCADE, related_name="+", verbose_name="学员")

    class Meta:
        verbose_name = "已评价"
        ordering = ["enrolment_id"]
