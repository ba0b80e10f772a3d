"""Exemptions (免设): a unit that need not have a coordinator for a while; somebody asks, somebody else decides."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class ExemptionState(models.TextChoices):
    REQUESTED = "requested", "待审批"
    APPROVED = "approved", "已批准"
    REFUSED = "refused", "未批准"


class ExemptionQuerySet(models.QuerySet["Exemption"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(user.scope("targets.view").as_q("area_code")) if user.is_authenticated else self.none()

    def in_force(self, day: date) -> Self:
        return self.filter(Q(revoked_on=None) | Q(revoked_on__gt=day), state=ExemptionState.APPROVED, since__lte=day, until__gte=day)


class Exemption(models.Model):
    target_key = models.CharField("目标", max_length=40)
    unit_kind = models.CharField(max_length=12)
    unit_id = models.BigIntegerField()
    unit_name = models.CharField("对象", max_length=128)
    area_code = models.BigIntegerField("区划", db_index=True)
    reason = models.CharField("理由", max_length=300)
    since = models.DateField("自", default=timezone.localdate)
    until = models.DateField("至", help_text="含当天；到期后自动恢复为缺口")
    state = models.CharField("状态", max_length=10, choices=ExemptionState.choices, default=ExemptionState.REQUESTED)
    requested_by = models.CharField("申请人", max_length=60)
    requested_by_id = models.BigIntegerField(null=True)
    requested_at = models.DateTimeField("申请时间", default=timezone.now)
    decided_by = models.CharField("审批人", max_length=60, blank=True)
    decided_at = models.DateTimeField("审批时间", null=True)
    decision_note = models.CharField("审批意见", max_length=300, blank=True)
    revoked_on = models.DateField("收回日", null=True, help_text="这一天起不再免设")

    objects = ExemptionQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-id"]
        indexes = [models.Index(fields=["target_key", "unit_kind", "unit_id"], name="targets_exemption_unit")]
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="targets_exemption_dates"),
            models.UniqueConstraint(
                fields=["target_key", "unit_kind", "unit_id"], condition=Q(state="requested"), name="targets_one_open_request"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_name} 免设至 {self.until}"

    def holds_on(self, day: date) -> bool:
        """The same rule as `in_force`, for one row."""
        standing = self.revoked_on is None or self.revoked_on > day
        return self.state == ExemptionState.APPROVED and self.since <= day <= self.until and standing
