"""Courses by skill level, with their syllabus. The class hours a level asks for are provisions (facts §1, §10: not confirmed)."""

import uuid

from django.db import models
from django.utils import timezone


class CourseLevel(models.IntegerChoices):
    """The four levels of notice:1.3 that a course leads to."""

    FIRST = 1, "一级"
    SECOND = 2, "二级"
    THIRD = 3, "三级"
    FOURTH = 4, "四级"


class Course(models.Model):
    """What is taught for one level; open to every provider whose scope holds the level."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField("课程名称", max_length=80)
    level = models.SmallIntegerField("培训等级", choices=CourseLevel.choices)
    summary = models.CharField("说明", max_length=300, blank=True)
    retired_on = models.DateField("停用日期", null=True, blank=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "课程"
        ordering = ["-level", "name"]
        indexes = [models.Index(fields=["level"], name="training_course_level")]
        constraints = [models.UniqueConstraint(fields=["name", "level"], name="training_course_once")]

    def __str__(self) -> str:
        return f"{self.name}（{self.get_level_display()}）"

    @property
    def hours(self) -> int:
        """Class hours of all topics."""
        return sum(topic.hours for topic in self.topics.all())


class Topic(models.Model):
    """One topic of a syllabus, with its class hours."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="topics", verbose_name="课程")
    position = models.PositiveSmallIntegerField("次序")
    title = models.CharField("内容", max_length=120)
    hours = models.PositiveSmallIntegerField("学时")
    is_practice = models.BooleanField("实操", default=False)

    class Meta:
        verbose_name = "课程内容"
        ordering = ["course_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["course", "position"], name="training_topic_place"),
            models.CheckConstraint(condition=models.Q(hours__gte=1), name="training_topic_hours"),
        ]

    def __str__(self) -> str:
        return self.title
