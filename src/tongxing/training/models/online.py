"""Online lessons as training sees them: planned for a class with their minutes, credited to who has studied them (notice:3.1.1).

What a lesson is and how studying is measured is the matter of the room above; its key is all that is known of it here.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from .classes import TrainingClass
from .courses import Topic
from .enrolments import Enrolment


class OnlineLesson(models.Model):
    """One online lesson in the plan of a class: the counterpart of a session."""

    training_class = models.ForeignKey(TrainingClass, models.CASCADE, related_name="online_lessons", verbose_name="培训班")
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="+", verbose_name="内容")
    key = models.UUIDField("课件编号")
    title = models.CharField("课名", max_length=120)
    minutes = models.PositiveSmallIntegerField("分钟")
    planned_at = models.DateTimeField("列入时间", default=timezone.now)

    class Meta:
        verbose_name = "线上课"
        ordering = ["training_class_id", "topic__position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["training_class", "key"], name="training_online_once"),
            models.CheckConstraint(condition=Q(minutes__gte=1), name="training_online_minutes"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def area_code(self) -> int:
        return self.training_class.area_id


class OnlineCredit(models.Model):
    """That somebody studied a lesson: the counterpart of attendance. Once per lesson and enrolment."""

    lesson = models.ForeignKey(OnlineLesson, models.PROTECT, related_name="credits", verbose_name="线上课")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="online_credits", verbose_name="学员")
    minutes = models.PositiveSmallIntegerField("分钟")
    at = models.DateTimeField("计入时间", default=timezone.now)

    class Meta:
        verbose_name = "线上学时"
        ordering = ["lesson_id", "enrolment_id"]
        constraints = [models.UniqueConstraint(fields=["lesson", "enrolment"], name="training_credited_once")]
