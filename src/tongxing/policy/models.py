"""Versions of provisions that a bureau added. What ships with the house stands in `<room>/provisions.toml` and is never copied here."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.utils import timezone


class BureauProvisionQuerySet(models.QuerySet["BureauProvision"]):
    def visible_to(self, user: Any) -> Self:
        """Policy is no secret inside the house: whoever may read provisions reads all of them."""
        return self.filter(withdrawn_at=None) if user.is_authenticated and user.may("policy.view") else self.none()

    def standing(self) -> Self:
        return self.filter(withdrawn_at=None)


class BureauProvision(models.Model):
    key = models.CharField("参数", max_length=80, db_index=True)
    value = models.JSONField("取值")
    valid_from = models.DateField("自")
    clause = models.CharField("条款", max_length=40, blank=True)
    source = models.CharField("依据文件", max_length=200)
    note = models.CharField("说明", max_length=300, blank=True)
    added_by = models.CharField("录入人", max_length=60)
    added_at = models.DateTimeField("录入时间", default=timezone.now)
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawn_by = models.CharField("撤回人", max_length=60, blank=True)

    objects = BureauProvisionQuerySet.as_manager()

    class Meta:
        ordering = ["key", "-valid_from", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["key", "valid_from"], condition=models.Q(withdrawn_at=None), name="policy_one_version_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.key} 自 {self.valid_from}"

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day
