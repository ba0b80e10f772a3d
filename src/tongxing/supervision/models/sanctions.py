"""Sanctions (处理): proposed, told to the body with its right to answer and be heard, decided by somebody else; a suspension is lifted by an act."""

import uuid
from typing import Any, NamedTuple, Self

from django.db import models
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.evaluation.models import Suspension
from tongxing.registry.models import Organisation
from tongxing.training.models import Suspension as TrainingSuspension

from .findings import Finding


class SanctionKind(models.TextChoices):
    WARNING = "warning", "警示约谈"
    CRITICISM = "criticism", "通报批评"
    SUSPENSION = "suspension", "暂停评价"
    TRAINING = "training", "暂停承办培训"
    REMOVAL = "removal", "建议移出目录"


SUSPENDING = frozenset({SanctionKind.SUSPENSION, SanctionKind.TRAINING})
"""Kinds that stop the work of a body or of a provider for a time."""


class SanctionState(models.TextChoices):
    PROPOSED = "proposed", "已提出"
    NOTIFIED = "notified", "已告知，听取陈述"
    HEARING = "hearing", "听证中"
    HEARD = "heard", "已听取意见，待决定"
    DECIDED = "decided", "已决定"
    LIFTED = "lifted", "已解除"
    DROPPED = "dropped", "不予处理"


class SanctionMove(NamedTuple):
    label: str
    sources: frozenset[str]
    target: str


S = SanctionState
SANCTION_MOVES: dict[str, SanctionMove] = {
    "notify": SanctionMove("告知机构", frozenset({S.PROPOSED}), S.NOTIFIED),
    "state": SanctionMove("提交陈述申辩", frozenset({S.NOTIFIED}), S.HEARD),
    "waive": SanctionMove("记录放弃陈述", frozenset({S.NOTIFIED}), S.HEARD),
    "ask_hearing": SanctionMove("要求听证", frozenset({S.NOTIFIED}), S.HEARING),
    "hear": SanctionMove("登记听证情况", frozenset({S.HEARING}), S.HEARD),
    "decide": SanctionMove("作出决定", frozenset({S.HEARD}), S.DECIDED),
    "drop": SanctionMove("不予处理", frozenset({S.PROPOSED, S.NOTIFIED, S.HEARING, S.HEARD}), S.DROPPED),
    "lift": SanctionMove("解除", frozenset({S.DECIDED}), S.LIFTED),
}


class SanctionQuerySet(models.QuerySet["Sanction"]):
    def visible_to(self, user: Any) -> Self:
        """By area; the body sees its own from the day it was told."""
        if not user.is_authenticated:
            return self.none()
        scope = user.scope("supervision.view")
        own = models.Q(organisation_id__in=scope.organisations) & ~models.Q(told_on=None)
        return self.filter(scope.as_q("area_id") | own)


class Sanction(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField("处理编号", max_length=16, unique=True, null=True, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="机构")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区划", db_index=False)
    kind = models.CharField("种类", max_length=10, choices=SanctionKind.choices)
    findings = models.ManyToManyField(Finding, related_name="sanctions", verbose_name="事实依据")
    facts = models.TextField("事实和理由")
    source = models.CharField("法律依据", max_length=300)
    source_confirmed = models.BooleanField("依据已核实", default=False)
    level = models.SmallIntegerField("等级", null=True, blank=True, help_text="暂停评价时：哪一级；不填是全部")
    days = models.PositiveSmallIntegerField("暂停天数", null=True, blank=True, help_text="不填是到解除为止")
    state = models.CharField("状态", max_length=10, choices=SanctionState.choices, default=SanctionState.PROPOSED)
    proposed_by = models.CharField("提出人", max_length=60)
    proposed_by_id = models.BigIntegerField(null=True)
    proposed_on = models.DateField("提出日期", default=timezone.localdate)
    told_on = models.DateField("告知日期", null=True, blank=True)
    answer_until = models.DateField("陈述期限", null=True, blank=True, help_text="含当天")
    document = models.CharField("决定文号", max_length=120, blank=True)
    decided_by = models.CharField("决定人", max_length=60, blank=True)
    decided_on = models.DateField("决定日期", null=True, blank=True)
    suspension = models.OneToOneField(Suspension, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="暂停评价")
    training_suspension = models.OneToOneField(
        TrainingSuspension, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="暂停承办培训"
    )
    version = models.IntegerField(default=1)

    objects = SanctionQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_on", "-id"]
        verbose_name = "督导处理"
        indexes = [
            models.Index(fields=["area", "state"], name="supervision_sanction_area"),
            models.Index(fields=["proposed_on", "id"], name="supervision_sanction_day"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.get_kind_display()}"

    @property
    def area_code(self) -> int:
        return self.area_id

    @property
    def effect(self) -> Suspension | TrainingSuspension | None:
        """The suspension that the decision put into force, of either kind."""
        return self.suspension or self.training_suspension


class SanctionStep(models.Model):
    sanction = models.ForeignKey(Sanction, models.CASCADE, related_name="steps")
    what = models.CharField("事项", max_length=20)
    text = models.CharField("内容", max_length=2000, blank=True)
    by = models.CharField("办理人", max_length=60)
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        ordering = ["at", "id"]
        verbose_name = "处理经过"
