"""Targets (建设目标) as rows: a bureau adds another target of a known shape without code."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q


class Shape(models.TextChoices):
    """What is counted. The rule of each shape stands in `shapes.py`."""

    ORGANISATIONS = "organisations", "某些规模的单位都要有"
    TRIPARTITE = "tripartite", "三方各方都要有"
    AREAS = "areas", "每个镇街、园区都要有"
    SMALL_SHARE = "small_share", "某些规模的单位达到一定比例"
    YEARLY = "yearly", "每年达到一定数量"


ORGANISATION_SHAPES = (Shape.ORGANISATIONS, Shape.SMALL_SHARE)
COVERAGE_SHAPES = (*ORGANISATION_SHAPES, Shape.TRIPARTITE, Shape.AREAS)


class Way(models.TextChoices):
    """By what a coordinator covers a unit."""

    POSTING = "posting", "任职"
    ASSIGNMENT = "assignment", "包联"
    DUTY_AREA = "duty_area", "责任片区"


def words(text: str) -> list[str]:
    return [word for word in text.replace("，", ",").split(",") if word]


class TargetQuerySet(models.QuerySet["Target"]):
    def visible_to(self, user: Any) -> Self:
        """What the notice asks for is no secret inside the house."""
        return self if user.is_authenticated and user.may("targets.view") else self.none()

    def active_on(self, day: date) -> Self:
        return self.filter(Q(active_from=None) | Q(active_from__lte=day), Q(active_until=None) | Q(active_until__gte=day))

    def coverage(self) -> Self:
        return self.filter(shape__in=COVERAGE_SHAPES)


class Target(models.Model):
    """One target. Lists of words are comma-separated; a number with a `…_key` is the value of that provision on the day asked for."""

    key = models.SlugField("代号", max_length=40, unique=True)
    title = models.CharField("名称", max_length=60)
    noun = models.CharField("计数单位", max_length=40, help_text="例如：家大中型企业")
    shape = models.CharField("类型", max_length=16, choices=Shape.choices)
    kinds = models.CharField("单位类别", max_length=200, blank=True, default="enterprise")
    sizes = models.CharField("规模", max_length=80, blank=True)
    parties = models.CharField("三方", max_length=80, blank=True)
    area_kinds = models.CharField("区划类别", max_length=80, blank=True)
    ways = models.CharField("怎样算覆盖", max_length=60, blank=True, default="posting")
    counts = models.CharField("年度数量的来源", max_length=40, blank=True, help_text="由其他房间提供的计数")
    minimum = models.PositiveIntegerField("每个至少", default=1, help_text="每个单位至少几名协调员；年度目标为每年至少多少")
    minimum_key = models.CharField("最低数参数", max_length=80, blank=True)
    share = models.DecimalField("应达到的比例", max_digits=5, decimal_places=4, default=1, help_text="1 表示全部")
    share_key = models.CharField("比例参数", max_length=80, blank=True)
    deadline = models.DateField("期限", null=True, blank=True)
    deadline_key = models.CharField("期限参数", max_length=80, blank=True)
    clause = models.CharField("条款", max_length=40)
    source = models.CharField("依据文件", max_length=200)
    chased = models.BooleanField("缺口列入待办", default=True)
    shipped = models.BooleanField(default=False, editable=False)
    order = models.PositiveIntegerField("排序", default=100)
    active_from = models.DateField("启用日", null=True, blank=True)
    active_until = models.DateField("停用日", null=True, blank=True, help_text="含当天")
    version = models.IntegerField(default=1)

    objects = TargetQuerySet.as_manager()

    class Meta:
        ordering = ["order", "key"]
        constraints = [models.CheckConstraint(condition=Q(share__gt=0, share__lte=1), name="targets_share")]

    def __str__(self) -> str:
        return self.title

    @property
    def kind_list(self) -> list[str]:
        return words(self.kinds)

    @property
    def size_list(self) -> list[str]:
        return words(self.sizes)

    @property
    def party_list(self) -> list[str]:
        return words(self.parties)

    @property
    def area_kind_list(self) -> list[str]:
        return words(self.area_kinds)

    @property
    def way_list(self) -> list[str]:
        return words(self.ways)

    @property
    def is_yearly(self) -> bool:
        return self.shape == Shape.YEARLY

    @property
    def is_organisations(self) -> bool:
        return self.shape in ORGANISATION_SHAPES
