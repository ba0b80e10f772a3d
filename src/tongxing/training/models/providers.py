"""Training providers: organisations that are eligible for a year and some levels (notice:3.1.1), their trainers and rooms."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.registry.models import Organisation

from .courses import CourseLevel


class ProviderQuerySet(models.QuerySet["Provider"]):
    def visible_to(self, user: Any) -> Self:
        """Providers of the user's areas, of the areas above them (whose classes are theirs too), and the user's own."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(reach_of(user, "organisation__area_id", "organisation_id"))

    def eligible_in(self, year: int, level: int | None = None) -> Self:
        rows = Eligibility.objects.filter(year=year, withdrawn_on=None)
        return self.filter(pk__in=(rows.filter(level=level) if level else rows).values("provider_id"))


def reach_of(user: Any, area_field: str, organisation_field: str) -> Q:
    """What lies in or above the areas where the user may look at training, and what belongs to the provider the user acts for."""
    query: Q = user.scope("training.view").reaching_up(area_field)
    if own := user.scope("training.run").organisations:
        query |= Q(**{f"{organisation_field}__in": sorted(own)})
    return query


class Provider(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="+", verbose_name="培训机构")
    remark = models.CharField("备注", max_length=200, blank=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ProviderQuerySet.as_manager()

    class Meta:
        verbose_name = "培训机构"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.organisation.name

    @property
    def area_code(self) -> int:
        return self.organisation.area_id

    def eligible_in(self, year: int) -> frozenset[int]:
        """The levels that the provider may teach in a year; empty when it is not eligible."""
        rows = self.eligibilities.filter(year=year, withdrawn_on=None)
        return frozenset(rows.values_list("level", flat=True))


class Eligibility(models.Model):
    """That a provider may teach one level in one year, and by which document."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="eligibilities", verbose_name="培训机构")
    year = models.PositiveSmallIntegerField("年度")
    level = models.SmallIntegerField("等级", choices=CourseLevel.choices)
    document = models.CharField("认定文件", max_length=120, blank=True)
    withdrawn_on = models.DateField("取消日期", null=True, blank=True)
    reason = models.CharField("取消原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "年度资格"
        ordering = ["-year", "-level"]
        constraints = [models.UniqueConstraint(fields=["provider", "year", "level"], name="training_eligibility_once")]


class Trainer(models.Model):
    """Somebody who teaches for a provider (facts §11: 教师姓名、学历、职称)."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="trainers", verbose_name="培训机构")
    name = models.CharField("姓名", max_length=60)
    education = models.CharField("学历", max_length=30, blank=True)
    title = models.CharField("职称或职务", max_length=60, blank=True)
    qualification = models.CharField("资格", max_length=120, blank=True, help_text="教师资格、职业资格或技能等级证书")
    is_active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = "师资"
        ordering = ["provider_id", "name", "id"]

    def __str__(self) -> str:
        return self.name


class Room(models.Model):
    """Where a provider teaches."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="rooms", verbose_name="培训机构")
    name = models.CharField("教室", max_length=60)
    address = models.CharField("地址", max_length=200, blank=True)
    seats = models.PositiveSmallIntegerField("座位数")
    is_active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = "教室"
        ordering = ["provider_id", "name", "id"]
        constraints = [models.UniqueConstraint(fields=["provider", "name"], name="training_room_once")]

    def __str__(self) -> str:
        return self.name
