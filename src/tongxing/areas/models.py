"""The division tree. A code is a number and a subtree is a range, so scope is `code BETWEEN a AND b` (design §4.1)."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from .scope import Scope, span_of


class Kind(models.TextChoices):
    COUNTRY = "country", "国家"
    PROVINCE = "province", "省级"
    PREFECTURE = "prefecture", "地级"
    COUNTY = "county", "县级"
    STREET = "street", "街道"
    TOWN = "town", "镇"
    TOWNSHIP = "township", "乡"
    PARK = "park", "园区/片区"
    OTHER = "other", "其他"


TOWNSHIP_KINDS = (Kind.STREET, Kind.TOWN, Kind.TOWNSHIP)
LEAF_KINDS = (*TOWNSHIP_KINDS, Kind.PARK)


class AreaQuerySet(models.QuerySet["Area"]):
    def valid_on(self, day: date) -> Self:
        return self.filter(Q(valid_from__lte=day) | Q(valid_from=None), Q(valid_until__gt=day) | Q(valid_until=None))

    def within(self, code: int) -> Self:
        """The area itself and everything below it."""
        low, high = span_of(code)
        return self.filter(code__range=(low, high))

    def in_scope(self, scope: Scope) -> Self:
        return self.filter(scope.as_q("code"))

    def visible_to(self, user: Any) -> Self:
        """Area names are no secret: whoever may sign in and holds any role reads all of them; the anonymous see none here."""
        return self if user.is_authenticated and user.may("areas.view") else self.none()


class Area(models.Model):
    code = models.BigIntegerField("区划代码", primary_key=True)
    name = models.CharField("全称", max_length=120)
    short_name = models.CharField("简称", max_length=60)
    kind = models.CharField("类别", max_length=12, choices=Kind.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级")
    valid_from = models.DateField("启用日", null=True, blank=True)
    valid_until = models.DateField("停用日", null=True, blank=True, help_text="这一天起不再使用")
    local = models.BooleanField("本地代码", default=False, help_text="国家代码表中没有的园区、片区")

    objects = AreaQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        # Which areas are no longer used is asked by every start page; of forty thousand they are few.
        indexes = [models.Index(fields=["valid_until"], condition=Q(valid_until__isnull=False), name="areas_ended")]
        constraints = [
            models.CheckConstraint(condition=Q(code__gte=0, code__lt=1_000_000_000_000), name="areas_code_12_digits"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_from=None) | Q(valid_until__gt=F("valid_from")), name="areas_dates"
            ),
        ]

    def __str__(self) -> str:
        return self.short_name

    @property
    def span(self) -> tuple[int, int]:
        """First and last code of the subtree, both included."""
        return span_of(self.code)

    @property
    def is_leaf(self) -> bool:
        return self.kind in LEAF_KINDS


class FormerName(models.Model):
    """A name an area bore until a day: rosters and old papers still write it."""

    area = models.ForeignKey(Area, models.CASCADE, related_name="former_names")
    name = models.CharField("曾用全称", max_length=120)
    short_name = models.CharField("曾用简称", max_length=60)
    until = models.DateField("更名日", help_text="这一天起用新名")
    reason = models.CharField("依据", max_length=200, blank=True)

    class Meta:
        ordering = ["-until", "-id"]


class Succession(models.Model):
    """One area follows another from a day on, wholly (the old one ends) or in part (it goes on, smaller)."""

    old = models.ForeignKey(Area, models.PROTECT, related_name="successions")
    new = models.ForeignKey(Area, models.PROTECT, related_name="origins")
    on = models.DateField("生效日")
    reason = models.CharField("依据", max_length=200, blank=True)

    class Meta:
        ordering = ["on", "id"]
        constraints = [models.UniqueConstraint(fields=["old", "new"], name="areas_succession_once")]


class AreaOutline(models.Model):
    """The outline of one area as GeoJSON geometry (GCJ-02 as published); kept apart because it is large and rarely read."""

    area = models.OneToOneField(Area, models.CASCADE, primary_key=True, related_name="outline")
    geometry = models.JSONField()
    source = models.CharField(max_length=200)


class TouchedLeaf(models.Model):
    """Ledger of leaf areas whose figures may have changed: written by acts in their own transaction, consumed by `targets` (design §4.7).

    It stands here, below all rooms that write it, and knows no figure.
    """

    area_code = models.BigIntegerField(db_index=True)

    class Meta:
        verbose_name = "待重算区划"
