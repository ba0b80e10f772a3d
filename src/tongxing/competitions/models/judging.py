"""Judges and their marks. A paper sheet is keyed twice by two people; a judge with an account marks on the page."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.registry.models import Organisation, Person
from tongxing.registry.models.organisations import Party

from .competitions import Competition
from .entries import Entrant
from .scheme import Aspect, Round


class Duty(models.TextChoices):
    CHIEF = "chief", "裁判长"
    JUDGE = "judge", "裁判员"
    KEYER = "keyer", "录入员"


class JudgeQuerySet(models.QuerySet["Judge"]):
    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self.filter(user.scope("competitions.view").as_q("competition__area_id"))

    def serving(self) -> Self:
        return self.filter(released_on=None)

    def marking(self, one: Round) -> Self:
        """Those who mark the judged aspects of a round."""
        return self.serving().filter(rounds=one, duty__in=(Duty.CHIEF, Duty.JUDGE)).order_by("pk")


class Judge(models.Model):
    """Somebody who judges or keys. Without an account the judge hands in paper sheets, which keyers enter twice."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    competition = models.ForeignKey(Competition, models.CASCADE, related_name="judges")
    duty = models.CharField("分工", max_length=8, choices=Duty.choices)
    name = models.CharField("姓名", max_length=60)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="账号")
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人员")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="所在单位")
    party = models.CharField("代表哪一方", max_length=12, choices=Party.choices, blank=True)
    rounds = models.ManyToManyField(Round, related_name="judges", verbose_name="评判环节")
    released_on = models.DateField("退出日期", null=True, blank=True)
    released_reason = models.CharField("退出原因", max_length=200, blank=True)
    version = models.IntegerField(default=1)

    objects = JudgeQuerySet.as_manager()

    class Meta:
        ordering = ["competition_id", "duty", "id"]
        verbose_name = "竞赛裁判"
        constraints = [
            models.UniqueConstraint(
                fields=["competition", "user"], condition=~Q(user=None) & Q(released_on=None), name="competitions_judge_once"
            ),
            models.UniqueConstraint(fields=["competition"], condition=Q(duty=Duty.CHIEF, released_on=None), name="competitions_one_chief"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def area_code(self) -> int:
        return self.competition.area_id


class Conflict(models.Model):
    """An interest that was declared; those that the register shows are found by `interests.py`."""

    judge = models.ForeignKey(Judge, models.CASCADE, related_name="conflicts")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="应回避的单位")
    reason = models.CharField("回避原因", max_length=200)
    declared_by = models.CharField("登记人", max_length=60)
    declared_on = models.DateField("登记日期", default=timezone.localdate)

    class Meta:
        ordering = ["judge_id", "id"]
        verbose_name = "裁判回避登记"
        constraints = [models.UniqueConstraint(fields=["judge", "organisation"], name="competitions_conflict_once")]


class Barred(models.Model):
    """A judge who does not mark an entry: frozen when marking begins, so that later changes of the register move no mean."""

    judge = models.ForeignKey(Judge, models.CASCADE, related_name="barred")
    entry = models.ForeignKey(Entrant, models.CASCADE, related_name="barred")
    reason = models.CharField("回避原因", max_length=200)

    class Meta:
        ordering = ["judge_id", "id"]
        verbose_name = "裁判回避"
        constraints = [models.UniqueConstraint(fields=["judge", "entry"], name="competitions_barred_once")]


class Keying(models.Model):
    """One of the two entries of a value on a paper sheet; `judge` is whose sheet it is, none for a measured aspect."""

    entry = models.ForeignKey(Entrant, models.CASCADE, related_name="keyings")
    aspect = models.ForeignKey(Aspect, models.CASCADE, related_name="+")
    judge = models.ForeignKey(Judge, models.CASCADE, null=True, blank=True, related_name="+")
    turn = models.PositiveSmallIntegerField("第几遍")
    value = models.DecimalField("分数", max_digits=6, decimal_places=2)
    keyer = models.ForeignKey(Judge, models.CASCADE, related_name="+", verbose_name="录入人")
    at = models.DateTimeField("录入时间", default=timezone.now)

    class Meta:
        ordering = ["entry_id", "aspect_id", "turn"]
        verbose_name = "评分表录入"
        constraints = [
            models.CheckConstraint(condition=Q(turn__in=(1, 2)), name="competitions_two_turns"),
            models.UniqueConstraint(fields=["entry", "aspect", "judge", "turn"], name="competitions_keyed_once"),
            models.UniqueConstraint(fields=["entry", "aspect", "judge", "keyer"], name="competitions_keyed_by_two"),
            models.UniqueConstraint(fields=["entry", "aspect", "turn"], condition=Q(judge=None), name="competitions_measured_once"),
            models.UniqueConstraint(fields=["entry", "aspect", "keyer"], condition=Q(judge=None), name="competitions_measured_by_two"),
            models.CheckConstraint(condition=Q(value__gte=0), name="competitions_keying_range"),
        ]


class Source(models.TextChoices):
    DIRECT = "direct", "裁判在页面上评"
    AGREED = "agreed", "两遍录入一致"
    SETTLED = "settled", "第三人核定"
    ONLINE = "online", "在线考试"


class Mark(models.Model):
    """What counts of one judge for an aspect of an entry; of a measured aspect there is one, without a judge."""

    entry = models.ForeignKey(Entrant, models.CASCADE, related_name="marks")
    aspect = models.ForeignKey(Aspect, models.CASCADE, related_name="+")
    judge = models.ForeignKey(Judge, models.CASCADE, null=True, blank=True, related_name="+")
    value = models.DecimalField("分数", max_digits=6, decimal_places=2)
    source = models.CharField("来源", max_length=8, choices=Source.choices)
    by_name = models.CharField("确定人", max_length=60)
    reason = models.CharField("说明", max_length=200, blank=True)
    at = models.DateTimeField("确定时间", default=timezone.now)

    class Meta:
        ordering = ["entry_id", "aspect_id", "id"]
        verbose_name = "评分"
        constraints = [
            models.UniqueConstraint(fields=["entry", "aspect", "judge"], name="competitions_mark_once"),
            models.UniqueConstraint(fields=["entry", "aspect"], condition=Q(judge=None), name="competitions_one_measure"),
            models.CheckConstraint(condition=Q(value__gte=0), name="competitions_mark_range"),
        ]


class HandedIn(models.Model):
    """A judge's sheet of a round was signed: what stands on it changes no more, unless the chief asks for it again."""

    judge = models.ForeignKey(Judge, models.CASCADE, related_name="handed_in")
    round = models.ForeignKey(Round, models.CASCADE, related_name="+")
    at = models.DateTimeField("交表时间", default=timezone.now)

    class Meta:
        ordering = ["judge_id", "id"]
        verbose_name = "交评分表"
        constraints = [models.UniqueConstraint(fields=["judge", "round"], name="competitions_handed_once")]


class RulingKind(models.TextChoices):
    CONFIRMED = "confirmed", "裁判长确认分差"
    CORRECTED = "corrected", "申诉更正"


class Ruling(models.Model):
    """What was decided about an aspect of an entry besides the marks: a wide spread stands, or an appeal put another value."""

    entry = models.ForeignKey(Entrant, models.CASCADE, related_name="rulings")
    aspect = models.ForeignKey(Aspect, models.CASCADE, related_name="+")
    kind = models.CharField("类别", max_length=10, choices=RulingKind.choices)
    value = models.DecimalField("更正为", max_digits=6, decimal_places=2, null=True, blank=True)
    by_name = models.CharField("决定人", max_length=60)
    reason = models.CharField("理由", max_length=300)
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        ordering = ["entry_id", "id"]
        verbose_name = "评分裁定"
        constraints = [models.UniqueConstraint(fields=["entry", "aspect", "kind"], name="competitions_ruling_once")]
