"""Assessment bodies (评价机构): which levels a filing may evaluate and when, where, and by whom (notice:3.1.4, facts §2).

The filing number itself stands in `certificates.BodyFiling`; everything here hangs on it or on the body. `since` and `until` both count.
"""

import uuid
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.certificates.models import BodyFiling, Level
from tongxing.registry.models import Organisation, Person
from tongxing.registry.models.coordinators import holds_on
from tongxing.registry.models.suspensions import OrganisationSuspension


class Held(models.QuerySet[Any]):
    def on(self, day: date) -> Self:
        """Those that hold on a day."""
        return self.filter(holds_on(day))


class Entitlement(models.Model):
    """One level that a filing may evaluate from a day to a day. Level 1 is given to few: its row names the document that chose the body."""

    filing = models.ForeignKey(BodyFiling, models.PROTECT, related_name="+", verbose_name="备案号")
    level = models.SmallIntegerField("等级", choices=Level.choices)
    since = models.DateField("自")
    until = models.DateField("至", null=True, blank=True, help_text="含当天")
    document = models.CharField("依据文件", max_length=120, blank=True)
    ended_reason = models.CharField("终止原因", max_length=200, blank=True)
    recorded_by = models.CharField("登记人", max_length=60)
    recorded_at = models.DateTimeField("登记时间", default=timezone.now)

    objects = Held.as_manager()

    class Meta:
        ordering = ["filing_id", "level", "-since"]
        verbose_name = "评价等级范围"
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="evaluation_entitlement_dates"),
            models.UniqueConstraint(fields=["filing", "level"], condition=Q(until=None), name="evaluation_entitled_once"),
        ]

    def __str__(self) -> str:
        return f"{self.filing}：{self.get_level_display()}"


class Suspension(OrganisationSuspension):
    """A body may not evaluate for a time (facts §2: 属地监管)."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="评价机构")
    level = models.SmallIntegerField("等级", choices=Level.choices, null=True, blank=True, help_text="不填是全部等级")
    lifted_on = models.DateField("解除日期", null=True, blank=True, help_text="当天起可以评价")

    class Meta(OrganisationSuspension.Meta):
        verbose_name = "暂停评价"

    def __str__(self) -> str:
        return f"{self.organisation}：暂停{self.get_level_display() if self.level else '全部等级'}评价"


class Site(models.Model):
    """A place where a body examines (考点)."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="评价机构")
    name = models.CharField("考点名称", max_length=80)
    address = models.CharField("地址", max_length=200)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区划")
    capacity = models.PositiveIntegerField("最多容纳")
    since = models.DateField("启用日期")
    until = models.DateField("停用日期", null=True, blank=True, help_text="含当天")

    objects = Held.as_manager()

    class Meta:
        ordering = ["organisation_id", "name"]
        verbose_name = "考点"
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="evaluation_site_dates"),
            models.UniqueConstraint(fields=["organisation", "name"], condition=Q(until=None), name="evaluation_site_once"),
        ]

    def __str__(self) -> str:
        return self.name


class AssessorKind(models.TextChoices):
    ASSESSOR = "assessor", "考评员"
    MODERATOR = "moderator", "内部督导员"


class Assessor(models.Model):
    """Somebody who assesses for a body up to a level, or watches over its quality from inside."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="评价机构")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="人员")
    kind = models.CharField("类别", max_length=10, choices=AssessorKind.choices)
    level = models.SmallIntegerField("可考评的最高等级", choices=Level.choices)
    card = models.CharField("证卡编号", max_length=40, blank=True)
    since = models.DateField("聘用自")
    until = models.DateField("至", null=True, blank=True, help_text="含当天")

    objects = Held.as_manager()

    class Meta:
        ordering = ["organisation_id", "kind", "id"]
        verbose_name = "考评人员"
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="evaluation_assessor_dates"),
            models.UniqueConstraint(fields=["organisation", "person", "kind"], condition=Q(until=None), name="evaluation_assessor_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person.name}（{self.get_kind_display()}）"
