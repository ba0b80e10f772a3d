"""Findings (问题): rectification with a deadline in working days, the body's answer, extensions, re-check."""

import uuid
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.registry.models import Organisation

from .anomalies import Anomaly
from .visits import Visit, VisitItem


class Severity(models.TextChoices):
    MINOR = "minor", "一般"
    SERIOUS = "serious", "较重"
    GRAVE = "grave", "严重"


class FindingState(models.TextChoices):
    ORDERED = "ordered", "整改中"
    ANSWERED = "answered", "待复查"
    CLOSED = "closed", "已办结"
    WITHDRAWN = "withdrawn", "已撤销"


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, user: Any) -> Self:
        """By area, and for whoever acts for the body its own."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(user.scope("supervision.view").as_q("area_id", "organisation_id"))

    def standing(self) -> Self:
        return self.filter(state__in=(FindingState.ORDERED, FindingState.ANSWERED))

    def overdue(self, today: date | None = None) -> Self:
        return self.filter(state=FindingState.ORDERED, due_on__lt=today or timezone.localdate())


class Finding(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField("问题编号", max_length=16, unique=True, null=True, editable=False)
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, blank=True, related_name="findings", verbose_name="现场检查")
    item = models.ForeignKey(VisitItem, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="检查项目")
    anomaly = models.ForeignKey(Anomaly, models.PROTECT, null=True, blank=True, related_name="findings", verbose_name="异常")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="机构")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区划", db_index=False)
    severity = models.CharField("程度", max_length=8, choices=Severity.choices)
    text = models.CharField("问题", max_length=500)
    raised_on = models.DateField("下达日期", default=timezone.localdate)
    raised_by = models.CharField("提出人", max_length=60)
    due_on = models.DateField("整改期限", help_text="含当天")
    state = models.CharField("状态", max_length=10, choices=FindingState.choices, default=FindingState.ORDERED)
    answered_by_id = models.BigIntegerField(null=True, editable=False)
    extended = models.PositiveSmallIntegerField("延期次数", default=0)
    failed = models.PositiveSmallIntegerField("复查不合格次数", default=0)
    closed_on = models.DateField("办结日期", null=True, blank=True)
    told_on = models.DateField("提醒逾期日期", null=True, blank=True)
    version = models.IntegerField(default=1)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        verbose_name = "督导问题"
        indexes = [
            models.Index(fields=["due_on", "id"], name="supervision_finding_due"),
            models.Index(fields=["state", "due_on"], name="supervision_finding_clock"),
            models.Index(fields=["area", "state"], name="supervision_finding_area"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(visit__isnull=False) | Q(anomaly__isnull=False), name="supervision_finding_ground"),
            models.UniqueConstraint(fields=["item"], condition=Q(item__isnull=False), name="supervision_finding_item"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text[:30]}"

    @property
    def area_code(self) -> int:
        return self.area_id

    @property
    def is_overdue(self) -> bool:
        return self.state == FindingState.ORDERED and self.due_on < timezone.localdate()


class FindingStep(models.Model):
    """What happened to a finding: the body's answers with their evidence, re-checks, returns."""

    finding = models.ForeignKey(Finding, models.CASCADE, related_name="steps")
    what = models.CharField("事项", max_length=20)
    text = models.CharField("内容", max_length=1000, blank=True)
    files = models.JSONField("材料", default=list)
    by = models.CharField("办理人", max_length=60)
    by_id = models.BigIntegerField(null=True)
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        ordering = ["at", "id"]
        verbose_name = "整改经过"


class Extension(models.Model):
    """A later deadline, why, and who agreed."""

    finding = models.ForeignKey(Finding, models.CASCADE, related_name="extensions")
    before = models.DateField("原期限")
    after = models.DateField("新期限")
    reason = models.CharField("延期原因", max_length=200)
    by = models.CharField("批准人", max_length=60)
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        ordering = ["id"]
        verbose_name = "整改延期"
