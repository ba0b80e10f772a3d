"""The examination of a batch: rooms, candidates with ticket and seat, who invigilates and assesses."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q

from tongxing.certificates.models import Certificate
from tongxing.registry.models import Person

from .applications import Application
from .batches import AssessmentBatch
from .bodies import Assessor


class ExamRoom(models.Model):
    batch = models.ForeignKey(AssessmentBatch, models.CASCADE, related_name="rooms")
    name = models.CharField("考场", max_length=40)
    capacity = models.PositiveSmallIntegerField("座位数")

    class Meta:
        ordering = ["id"]
        verbose_name = "考场"
        constraints = [models.UniqueConstraint(fields=["batch", "name"], name="evaluation_room_once")]

    def __str__(self) -> str:
        return self.name


class Attendance(models.TextChoices):
    EXPECTED = "expected", "未登记"
    PRESENT = "present", "到考"
    ABSENT = "absent", "缺考"
    VIOLATION = "violation", "违纪"


class CandidateQuerySet(models.QuerySet["Candidate"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(application__in=Application.objects.visible_to(user))


class Candidate(models.Model):
    """An accepted applicant of a fixed batch. `passed` is known when scores are settled, `certificate` when it is issued."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.ForeignKey(AssessmentBatch, models.PROTECT, related_name="candidates", verbose_name="批次")
    application = models.OneToOneField(Application, models.PROTECT, related_name="candidate", verbose_name="报名")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="考生")
    ticket = models.CharField("准考证号", max_length=16, unique=True)
    room = models.ForeignKey(ExamRoom, models.PROTECT, null=True, blank=True, related_name="seated", verbose_name="考场")
    seat = models.PositiveSmallIntegerField("座位号", null=True, blank=True)
    attendance = models.CharField("到考", max_length=10, choices=Attendance.choices, default=Attendance.EXPECTED)
    attendance_note = models.CharField("情况说明", max_length=200, blank=True)
    passed = models.BooleanField("合格", null=True)
    outcome = models.JSONField("合格判断", default=dict)
    notice_until = models.DateField("公示截止", null=True, blank=True, help_text="含当天；异议处理后可能晚于本批次")
    held_reason = models.CharField("暂不发证的原因", max_length=200, blank=True)
    certificate = models.OneToOneField(Certificate, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="证书")

    objects = CandidateQuerySet.as_manager()

    class Meta:
        ordering = ["ticket"]
        verbose_name = "考生"
        constraints = [
            models.UniqueConstraint(fields=["room", "seat"], condition=Q(seat__isnull=False), name="evaluation_seat_once"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket} {self.person.name}"


class DutyKind(models.TextChoices):
    CHIEF = "chief", "考评组长"
    ASSESSOR = "assessor", "考评员"
    REVIEWER = "reviewer", "综合评审委员"
    MODERATOR = "moderator", "内部督导员"
    INVIGILATOR = "invigilator", "监考"


class Duty(models.Model):
    """What an assessor or moderator does in a batch; invigilators are named people of the body too."""

    batch = models.ForeignKey(AssessmentBatch, models.CASCADE, related_name="duties")
    assessor = models.ForeignKey(Assessor, models.PROTECT, related_name="+", verbose_name="考评人员")
    kind = models.CharField("分工", max_length=12, choices=DutyKind.choices)
    room = models.ForeignKey(ExamRoom, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="考场")

    class Meta:
        ordering = ["kind", "id"]
        verbose_name = "考务分工"
        constraints = [models.UniqueConstraint(fields=["batch", "assessor", "kind"], name="evaluation_duty_once")]

    def __str__(self) -> str:
        return f"{self.assessor.person.name}：{self.get_kind_display()}"
