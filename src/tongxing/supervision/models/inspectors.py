"""Inspectors (督导员): who may be sent, from when to when, and whom they must not look at."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.areas.models import Area
from tongxing.registry.models import Organisation, Person
from tongxing.registry.models.coordinators import holds_on


class InspectorQuerySet(models.QuerySet["Inspector"]):
    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self.filter(user.scope("supervision.plans").as_q("area_id"))

    def on(self, day: Any) -> Self:
        return self.filter(holds_on(day), user__is_active=True)

    def over(self, area_code: int) -> Self:
        """Those appointed for an area or for one above it."""
        return self.filter(area_id__in={area_code - area_code % width for width in (10**10, 10**8, 10**6, 10**3, 1)})


class Inspector(models.Model):
    """Somebody who inspects in an area. `person` and `organisation` say where interests may lie; the account fills the checklist."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="账号")
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人员")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="所在单位")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="督导范围")
    since = models.DateField("聘用自")
    until = models.DateField("至", null=True, blank=True, help_text="含当天")
    remark = models.CharField("专长或备注", max_length=200, blank=True)
    version = models.IntegerField(default=1)

    objects = InspectorQuerySet.as_manager()

    class Meta:
        ordering = ["since", "id"]
        verbose_name = "督导员"
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="supervision_inspector_dates"),
            models.UniqueConstraint(fields=["user"], condition=Q(until=None), name="supervision_inspector_once"),
        ]
        indexes = [models.Index(fields=["since", "id"], name="supervision_inspector_since")]

    def __str__(self) -> str:
        return self.user.name

    @property
    def area_code(self) -> int:
        return self.area_id


class Interest(models.Model):
    """An interest that was declared; those that the registers show are found by `interests.py`."""

    inspector = models.ForeignKey(Inspector, models.CASCADE, related_name="interests")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="应回避的机构")
    reason = models.CharField("回避原因", max_length=200)
    declared_by = models.CharField("登记人", max_length=60)
    declared_on = models.DateField("登记日期", default=timezone.localdate)

    class Meta:
        ordering = ["id"]
        verbose_name = "回避登记"
        constraints = [models.UniqueConstraint(fields=["inspector", "organisation"], name="supervision_interest_once")]
