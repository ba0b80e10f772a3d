"""A skills competition of an area in a year, and the states it goes through (notice:3.2.1)."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from tongxing.areas.models import Area


class Rank(models.TextChoices):
    COUNTY = "county", "县级"
    PREFECTURE = "prefecture", "市级"
    PROVINCE = "province", "省级"


PROVINCIAL = frozenset({Rank.PROVINCE})


class CompetitionState(models.TextChoices):
    DRAFT = "draft", "筹备"
    OPEN = "open", "报名"
    DRAWN = "drawn", "已抽密号"
    MARKING = "marking", "评分"
    RANKED = "ranked", "成绩公示"
    PUBLISHED = "published", "已公布"
    CANCELLED = "cancelled", "已取消"


MOVES: dict[str, tuple[frozenset[str], str]] = {
    "open": (frozenset({CompetitionState.DRAFT}), CompetitionState.OPEN),
    "draw": (frozenset({CompetitionState.OPEN}), CompetitionState.DRAWN),
    "begin": (frozenset({CompetitionState.DRAWN}), CompetitionState.MARKING),
    "rank": (frozenset({CompetitionState.MARKING}), CompetitionState.RANKED),
    "publish": (frozenset({CompetitionState.RANKED}), CompetitionState.PUBLISHED),
    "cancel": (frozenset(CompetitionState) - {CompetitionState.PUBLISHED, CompetitionState.CANCELLED}, CompetitionState.CANCELLED),
}
"""Move → the states it starts from, and where it leads."""
NAMED = frozenset({CompetitionState.RANKED, CompetitionState.PUBLISHED})
"""States in which codes and names may stand side by side for everybody who sees the competition."""


class CompetitionQuerySet(models.QuerySet["Competition"]):
    def visible_to(self, user: Any) -> Self:
        """Of the user's areas and of those above them; whoever judges or keys sees the own ones."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(user.scope("competitions.view").reaching_up("area_id") | Q(pk__in=self._judged(user)))

    def judged_by(self, user: Any) -> Self:
        """Those in which the user marks, keys or leads."""
        return self.filter(pk__in=self._judged(user)) if user.is_authenticated else self.none()

    @staticmethod
    def _judged(user: Any) -> "models.QuerySet[Any, Any]":
        from .judging import Judge

        rows = Judge.objects.serving().filter(user=user) if user.may("competitions.judge") else Judge.objects.none()
        return rows.values("competition_id")

    def with_open_appeals(self) -> Self:
        from .results import Appeal, AppealState

        return self.filter(Exists(Appeal.objects.filter(entry__competition=OuterRef("pk"), state=AppealState.OPEN)))


class Competition(models.Model):
    """`secret` makes the seed of the blind codes: kept to itself until the ranking, its digest shown from the draw on."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="举办区划")
    title = models.CharField("名称", max_length=80)
    year = models.PositiveSmallIntegerField("年度")
    rank = models.CharField("级别", max_length=12, choices=Rank.choices, default=Rank.COUNTY)
    opens_on = models.DateField("报名开始")
    closes_on = models.DateField("报名截止", help_text="含当天")
    held_on = models.DateField("竞赛日期")
    awarded_by = models.CharField("授奖单位", max_length=120)
    note = models.TextField("说明", blank=True)
    state = models.CharField("状态", max_length=10, choices=CompetitionState.choices, default=CompetitionState.DRAFT)
    secret = models.CharField("密号种子", max_length=64, blank=True, editable=False)
    secret_digest = models.CharField("密号种子摘要", max_length=64, blank=True)
    entries_digest = models.CharField("参赛名单摘要", max_length=64, blank=True)
    ranked_on = models.DateField("成绩公示", null=True, blank=True)
    appeals_until = models.DateField("申诉截止", null=True, blank=True, help_text="含当天")
    published_on = models.DateField("公布日期", null=True, blank=True)
    document = models.CharField("公布文号", max_length=120, blank=True)
    cancel_reason = models.CharField("取消原因", max_length=200, blank=True)
    made_by = models.CharField("制定人", max_length=60)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = CompetitionQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "-id"]
        verbose_name = "技能竞赛"
        indexes = [models.Index(fields=["year", "id"], name="competitions_year")]
        constraints = [
            models.UniqueConstraint(
                fields=["area", "year", "title"], condition=~Q(state=CompetitionState.CANCELLED), name="competitions_once"
            ),
            models.CheckConstraint(condition=Q(opens_on__lte=F("closes_on"), closes_on__lte=F("held_on")), name="competitions_days"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def area_code(self) -> int:
        return self.area_id

    @property
    def shows_names(self) -> bool:
        """Whether codes and names may stand side by side."""
        return self.state in NAMED
