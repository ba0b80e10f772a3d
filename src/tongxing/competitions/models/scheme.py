"""The scheme of a competition: rounds with weights, what is marked in them, how many may enter, how many prizes there are."""

import uuid

from django.db import models
from django.db.models import Q

from tongxing.areas.models import Area
from tongxing.learning.models import Exam
from tongxing.registry.models import Organisation

from .competitions import Competition


class RoundKind(models.TextChoices):
    ONLINE = "online", "理论（在线考试）"
    PAPER = "paper", "理论（纸笔）"
    PRACTICE = "practice", "实操案例"


PRACTICE = frozenset({RoundKind.PRACTICE})


class Round(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    competition = models.ForeignKey(Competition, models.CASCADE, related_name="rounds")
    title = models.CharField("名称", max_length=40)
    kind = models.CharField("形式", max_length=10, choices=RoundKind.choices)
    weight = models.PositiveSmallIntegerField("权重（%）")
    place = models.PositiveSmallIntegerField("次序")
    exam = models.ForeignKey(Exam, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="在线考试")

    class Meta:
        ordering = ["competition_id", "place", "id"]
        verbose_name = "竞赛环节"
        constraints = [
            models.CheckConstraint(condition=Q(weight__gte=1, weight__lte=100), name="competitions_round_weight"),
            models.UniqueConstraint(fields=["competition", "title"], name="competitions_round_title"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def area_code(self) -> int:
        return self.competition.area_id


class AspectKind(models.TextChoices):
    """Measured is read off a paper or a rule and keyed twice; judged is what several judges think of it."""

    MEASURED = "measured", "客观分"
    JUDGED = "judged", "裁判分"


class Aspect(models.Model):
    """One line of the marking scheme. `tie_place`: its turn among the aspects that part those who stay level."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, models.CASCADE, related_name="aspects")
    title = models.CharField("评分项", max_length=60)
    kind = models.CharField("类别", max_length=10, choices=AspectKind.choices)
    full = models.DecimalField("满分", max_digits=6, decimal_places=2)
    place = models.PositiveSmallIntegerField("次序")
    tie_place = models.PositiveSmallIntegerField("同分比较次序", null=True, blank=True)

    class Meta:
        ordering = ["round_id", "place", "id"]
        verbose_name = "评分项"
        constraints = [
            models.CheckConstraint(condition=Q(full__gt=0), name="competitions_aspect_full"),
            models.UniqueConstraint(fields=["round", "title"], name="competitions_aspect_title"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def full_text(self) -> str:
        """The full score without zeros that say nothing."""
        return f"{self.full.normalize():f}"


class Quota(models.Model):
    """How many of an area, or of one organisation, may enter."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    competition = models.ForeignKey(Competition, models.CASCADE, related_name="quotas")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="区划")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="单位")
    number = models.PositiveSmallIntegerField("名额")

    class Meta:
        ordering = ["competition_id", "id"]
        verbose_name = "参赛名额"
        constraints = [
            models.CheckConstraint(condition=Q(area=None) ^ Q(organisation=None), name="competitions_quota_of_one"),
            models.UniqueConstraint(fields=["competition", "area"], condition=~Q(area=None), name="competitions_quota_area"),
            models.UniqueConstraint(
                fields=["competition", "organisation"], condition=~Q(organisation=None), name="competitions_quota_body"
            ),
        ]

    def __str__(self) -> str:
        return self.area.short_name if self.area else str(self.organisation)


class Prize(models.IntegerChoices):
    FIRST = 1, "一等奖"
    SECOND = 2, "二等奖"
    THIRD = 3, "三等奖"


class PrizeLine(models.Model):
    """How many first, second or third prizes are given."""

    competition = models.ForeignKey(Competition, models.CASCADE, related_name="prize_lines")
    prize = models.PositiveSmallIntegerField("奖项", choices=Prize.choices)
    number = models.PositiveSmallIntegerField("名额")

    class Meta:
        ordering = ["competition_id", "prize"]
        verbose_name = "奖项设置"
        constraints = [models.UniqueConstraint(fields=["competition", "prize"], name="competitions_prize_once")]
