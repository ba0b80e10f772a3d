"""That an organisation may not do some of its work for a time: what the tables of the rooms whose work that is have in common."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from .organisations import Organisation


class SuspensionQuerySet(models.QuerySet[Any]):
    def holding(self, organisation_id: int, level: int | None, day: date) -> Self:
        """Those that hold for an organisation on a day, for one level or (None) for any."""
        rows = self.filter(Q(until=None) | Q(until__gte=day), organisation=organisation_id, since__lte=day)
        rows = rows.filter(Q(lifted_on=None) | Q(lifted_on__gt=day))
        return rows if level is None else rows.filter(Q(level=None) | Q(level=level))


class OrganisationSuspension(models.Model):
    """Ordered by whoever supervises the work, lifted by an act (facts §2: 属地监管). `since` and `until` both count; without a level it is for all."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="机构")
    level = models.SmallIntegerField("等级", null=True, blank=True, help_text="不填是全部等级")
    since = models.DateField("自")
    until = models.DateField("至", null=True, blank=True, help_text="含当天；不填是到解除为止")
    document = models.CharField("决定文书", max_length=120)
    lifted_on = models.DateField("解除日期", null=True, blank=True)
    lifted_reason = models.CharField("解除原因", max_length=200, blank=True)
    recorded_by = models.CharField("登记人", max_length=60)
    recorded_at = models.DateTimeField("登记时间", default=timezone.now)

    objects = SuspensionQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["organisation_id", "-since", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="%(app_label)s_suspension_dates"),
            models.CheckConstraint(condition=Q(lifted_on=None) | Q(lifted_on__gte=F("since")), name="%(app_label)s_suspension_lifted"),
        ]
