"""Gaps (缺口) as a work list: who chases which vacant unit by when."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.accounts.models import User


class GapState(models.TextChoices):
    OPEN = "open", "待认领"
    CHASED = "chased", "跟进中"
    CLOSED = "closed", "已销号"


class GapQuerySet(models.QuerySet["Gap"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(user.scope("targets.view").as_q("area_code")) if user.is_authenticated else self.none()

    def standing(self) -> Self:
        return self.filter(closed_on=None)


class Gap(models.Model):
    """One vacant unit of one target, from the day it was seen to the day it was closed. A unit that falls vacant again gets a new row."""

    target_key = models.CharField("目标", max_length=40)
    unit_kind = models.CharField(max_length=12)
    unit_id = models.BigIntegerField()
    unit_name = models.CharField("对象", max_length=128)
    area_code = models.BigIntegerField("区划")
    round = models.PositiveIntegerField("第几次", default=1)
    vacant_since = models.DateField("空缺自", null=True)
    opened_on = models.DateField("发现日")
    closed_on = models.DateField("销号日", null=True)
    closed_reason = models.CharField("销号原因", max_length=60, blank=True)
    state = models.CharField("状态", max_length=8, choices=GapState.choices, default=GapState.OPEN)
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="责任人")
    due_on = models.DateField("期限", null=True)
    last_contact_on = models.DateField("最近联系", null=True)
    next_step = models.CharField("下一步", max_length=200, blank=True)
    next_step_on = models.DateField("下一步日期", null=True)
    note = models.CharField("备注", max_length=300, blank=True)
    reminded_at = models.DateTimeField("最近催办", null=True)
    escalated_level = models.PositiveSmallIntegerField("升级层级", default=0)
    escalated_on = models.DateField("升级日", null=True)
    version = models.IntegerField(default=1)

    objects = GapQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["area_code", "target_key", "closed_on"], name="targets_gap_area"),
            models.Index(fields=["owner", "closed_on", "due_on"], name="targets_gap_owner"),
            models.Index(fields=["due_on", "id"], name="targets_gap_due"),
            models.Index(fields=["unit_kind", "unit_id", "target_key"], name="targets_gap_unit"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["target_key", "unit_kind", "unit_id"], condition=Q(closed_on=None), name="targets_one_open_gap")
        ]

    def __str__(self) -> str:
        return self.unit_name

    @property
    def is_open(self) -> bool:
        return self.closed_on is None

    @property
    def is_overdue(self) -> bool:
        return self.closed_on is None and self.due_on is not None and self.due_on < timezone.localdate()


class Contact(models.Model):
    """One contact with the unit about its gap."""

    class Means(models.TextChoices):
        PHONE = "phone", "电话"
        VISIT = "visit", "上门"
        MESSAGE = "message", "短信或微信"
        MEETING = "meeting", "会议"
        OTHER = "other", "其他"

    gap = models.ForeignKey(Gap, models.CASCADE, related_name="contacts")
    happened_on = models.DateField("联系日期", default=timezone.localdate)
    means = models.CharField("方式", max_length=10, choices=Means.choices)
    with_whom = models.CharField("联系对象", max_length=60, blank=True)
    result = models.CharField("结果", max_length=300)
    by = models.CharField("记录人", max_length=60)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-happened_on", "-id"]
