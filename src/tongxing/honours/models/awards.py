"""Prizes and titles (获奖与荣誉称号) of people: what satisfies the sixth deed by itself (notice:A1.3.6)."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.registry.models import Person


class AwardKind(models.TextChoices):
    PRIZE = "prize", "协调员技能竞赛获奖"
    TITLE = "title", "和谐劳动关系先进个人称号"


class Rank(models.TextChoices):
    COUNTY = "county", "县级"
    PREFECTURE = "prefecture", "市级"
    PROVINCE = "province", "省级"
    NATION = "nation", "国家级"


PROVINCIAL = frozenset({Rank.PROVINCE, Rank.NATION})


class AwardQuerySet(models.QuerySet["Award"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(user.scope("honours.view").as_q("person__area_id")) if user.is_authenticated else self.none()

    def standing(self) -> Self:
        """Entered rightly: one that was struck out counts nowhere."""
        return self.filter(struck_on=None)


class Award(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="人员")
    kind = models.CharField("类别", max_length=8, choices=AwardKind.choices)
    name = models.CharField("奖项或称号", max_length=120)
    rank = models.CharField("级别", max_length=12, choices=Rank.choices)
    awarded_on = models.DateField("授予日期")
    awarded_by = models.CharField("授予单位", max_length=120)
    document = models.CharField("文号", max_length=120, blank=True)
    struck_on = models.DateField("作废日期", null=True, blank=True)
    struck_reason = models.CharField("作废原因", max_length=200, blank=True)
    recorded_by = models.CharField("登记人", max_length=60)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)

    objects = AwardQuerySet.as_manager()

    class Meta:
        ordering = ["-awarded_on", "-id"]
        verbose_name = "获奖与称号"
        indexes = [models.Index(fields=["awarded_on", "id"], name="honours_award_day")]
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "name", "awarded_on"], condition=Q(struck_on=None), name="honours_award_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_rank_display()} {self.name}"

    @property
    def area_code(self) -> int:
        return self.person.area_id
