"""Who was there: one record per session and enrolment, with every change of it."""

from django.db import models
from django.utils import timezone

from .enrolments import Enrolment
from .sessions import Session


class AttendanceState(models.TextChoices):
    PRESENT = "present", "到课"
    LATE = "late", "迟到"
    LEAVE = "leave", "请假"
    ABSENT = "absent", "缺课"


EARNING = frozenset({AttendanceState.PRESENT, AttendanceState.LATE})
"""States in which a session's class hours are earned; leave is excused, not attended."""


class Source(models.TextChoices):
    """How it was taken down."""

    TAP = "tap", "点名"
    QR = "qr", "扫码"
    OFFLINE = "offline", "离线点名"
    SHEET = "sheet", "表格导入"
    PAPER = "paper", "签到表补录"
    CORRECTION = "correction", "更正"


class Attendance(models.Model):
    session = models.ForeignKey(Session, models.PROTECT, related_name="attendance", verbose_name="课次")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="attendance", verbose_name="学员")
    state = models.CharField("考勤", max_length=8, choices=AttendanceState.choices)
    source = models.CharField("来源", max_length=10, choices=Source.choices)
    at = models.DateTimeField("时间", help_text="点名或扫码的时间；离线点名为当时的时间")
    recorded_at = models.DateTimeField("收到时间", default=timezone.now)
    by = models.CharField("记录人", max_length=60)
    device = models.CharField("设备", max_length=32, blank=True, help_text="扫码手机的代号，不含个人信息")
    remark = models.CharField("备注", max_length=200, blank=True)

    class Meta:
        verbose_name = "考勤"
        ordering = ["session_id", "enrolment_id"]
        constraints = [models.UniqueConstraint(fields=["session", "enrolment"], name="training_attendance_once")]


class AttendanceChange(models.Model):
    """What a record said before it was changed, and why: nothing is written over.

    `claimed` is what came in afterwards, in any way, and contradicted the record: the record stayed (`before` is `after`), flags.py shows it.
    """

    attendance = models.ForeignKey(Attendance, models.CASCADE, related_name="changes", verbose_name="考勤")
    before = models.CharField("原为", max_length=8, choices=AttendanceState.choices)
    after = models.CharField("改为", max_length=8, choices=AttendanceState.choices)
    source_before = models.CharField("原来源", max_length=10, choices=Source.choices)
    source = models.CharField("来源", max_length=10, choices=Source.choices)
    claimed = models.CharField("另记为", max_length=8, choices=AttendanceState.choices, blank=True)
    reason = models.CharField("原因", max_length=200, blank=True)
    by = models.CharField("更改人", max_length=60)
    at = models.DateTimeField("更改时间", default=timezone.now)

    class Meta:
        verbose_name = "考勤更改"
        ordering = ["at", "id"]


class HoursWarning(models.Model):
    """That somebody was warned that completing is in danger; the number of warnings is capped by a provision."""

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="warnings", verbose_name="学员")
    text = models.CharField("内容", max_length=300)
    missed = models.PositiveSmallIntegerField("当时缺学时")
    at = models.DateTimeField("提醒时间", default=timezone.now)

    class Meta:
        verbose_name = "学时提醒"
        ordering = ["at", "id"]
