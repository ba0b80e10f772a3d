"""What came of it: results with ranks and prizes, appeals against them, and the team for the competition above."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from .competitions import NAMED, Competition
from .entries import Entrant
from .scheme import Aspect, Prize


class ResultQuerySet(models.QuerySet["Result"]):
    def visible_to(self, user: Any) -> Self:
        """Of the competitions that the user sees, once names and codes may stand side by side."""
        if not user.is_authenticated:
            return self.none()
        seen = Competition.objects.filter(user.scope("competitions.view").reaching_up("area_id"), state__in=NAMED)
        return self.filter(entry__competition__in=seen)


class Result(models.Model):
    entry = models.OneToOneField(Entrant, models.CASCADE, related_name="result")
    practice = models.DecimalField("实操成绩", max_digits=6, decimal_places=2)
    theory = models.DecimalField("理论成绩", max_digits=6, decimal_places=2)
    total = models.DecimalField("总分", max_digits=6, decimal_places=2)
    rank = models.PositiveIntegerField("名次")
    ahead = models.PositiveIntegerField("前面的人数")
    shared = models.BooleanField("并列", default=False)
    decided_by = models.CharField("同分依据", max_length=60, blank=True)
    prize = models.PositiveSmallIntegerField("奖项", choices=Prize.choices, null=True, blank=True)

    objects = ResultQuerySet.as_manager()

    class Meta:
        ordering = ["rank", "id"]
        verbose_name = "竞赛成绩"
        indexes = [models.Index(fields=["rank", "id"], name="competitions_rank")]

    def __str__(self) -> str:
        return f"{self.entry} 第 {self.rank} 名"


class AppealState(models.TextChoices):
    OPEN = "open", "待处理"
    UPHELD = "upheld", "成立"
    REJECTED = "rejected", "不成立"


class AppealQuerySet(models.QuerySet["Appeal"]):
    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self.filter(user.scope("competitions.view").as_q("entry__competition__area_id"))


class Appeal(models.Model):
    """An appeal against the marks of an entry; where it is upheld it may put another value for one aspect."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    entry = models.ForeignKey(Entrant, models.CASCADE, related_name="appeals", verbose_name="选手")
    text = models.CharField("申诉内容", max_length=500)
    raised_on = models.DateField("申诉日期")
    recorded_by = models.CharField("登记人", max_length=60)
    state = models.CharField("状态", max_length=10, choices=AppealState.choices, default=AppealState.OPEN)
    finding = models.CharField("处理结论", max_length=300, blank=True)
    aspect = models.ForeignKey(Aspect, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="更正的评分项")
    value = models.DecimalField("更正为", max_digits=6, decimal_places=2, null=True, blank=True)
    settled_by = models.CharField("处理人", max_length=60, blank=True)
    settled_on = models.DateField("处理日期", null=True, blank=True)
    version = models.IntegerField(default=1)

    objects = AppealQuerySet.as_manager()

    class Meta:
        ordering = ["entry_id", "id"]
        verbose_name = "竞赛申诉"
        constraints = [
            models.UniqueConstraint(fields=["entry"], condition=Q(state=AppealState.OPEN), name="competitions_one_open_appeal"),
            models.CheckConstraint(
                condition=Q(aspect=None, value=None) | Q(aspect__isnull=False, value__isnull=False), name="competitions_appeal_value"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry}的申诉"

    @property
    def area_code(self) -> int:
        return self.entry.competition.area_id


class Team(models.Model):
    """Who goes to the competition above for this area; `reason` says why it is not simply the first of the ranking."""

    competition = models.OneToOneField(Competition, models.CASCADE, related_name="team")
    reason = models.CharField("不按名次的理由", max_length=300, blank=True)
    chosen_by = models.CharField("确定人", max_length=60)
    chosen_on = models.DateField("确定日期", default=timezone.localdate)
    version = models.IntegerField(default=1)

    class Meta:
        verbose_name = "代表队"

    def __str__(self) -> str:
        return f"{self.competition} 代表队"

    @property
    def area_code(self) -> int:
        return self.competition.area_id


class TeamMember(models.Model):
    team = models.ForeignKey(Team, models.CASCADE, related_name="members")
    entry = models.ForeignKey(Entrant, models.PROTECT, related_name="+")
    is_substitute = models.BooleanField("替补", default=False)

    class Meta:
        ordering = ["team_id", "is_substitute", "id"]
        verbose_name = "代表队成员"
        constraints = [models.UniqueConstraint(fields=["team", "entry"], name="competitions_member_once")]
