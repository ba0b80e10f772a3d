"""After the scores: objections to published results, the serial of certificate numbers, what was archived."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.certificates.models import BodyFiling, Level
from tongxing.registry.models.fields import VaultColumn

from .batches import AssessmentBatch
from .exams import Candidate


class ObjectionState(models.TextChoices):
    OPEN = "open", "核查中"
    UPHELD = "upheld", "成立，已更正"
    DISMISSED = "dismissed", "不成立"


class ObjectionQuerySet(models.QuerySet["Objection"]):
    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self.filter(user.scope("evaluation.view").as_q("candidate__batch__area_id", "candidate__batch__filing__organisation_id"))


class Objection(models.Model):
    """A doubt about one published result: the clock of that name stands still until it is decided."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    candidate = models.ForeignKey(Candidate, models.PROTECT, related_name="objections", verbose_name="考生")
    raised_on = models.DateField("提出日期")
    raised_by = models.CharField("提出人", max_length=60)
    text = models.TextField("异议内容")
    contact_sealed = VaultColumn("联系方式")
    days_left = models.PositiveSmallIntegerField("停钟时剩余工作日")
    state = models.CharField("状态", max_length=10, choices=ObjectionState.choices, default=ObjectionState.OPEN)
    recorded_by = models.CharField("登记人", max_length=60)
    recorded_by_id = models.BigIntegerField(null=True)
    answer = models.CharField("核查结论", max_length=500, blank=True)
    decided_by = models.CharField("处理人", max_length=60, blank=True)
    decided_on = models.DateField("处理日期", null=True, blank=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_on", "-id"]
        verbose_name = "结果异议"
        constraints = [models.UniqueConstraint(fields=["candidate"], condition=Q(state="open"), name="evaluation_one_open_objection")]

    def __str__(self) -> str:
        return f"{self.candidate}：{self.text[:20]}"


class SerialCounter(models.Model):
    """The last serial (positions 17–22) given under a filing number in a year for a level; locked in the transaction that issues."""

    filing = models.ForeignKey(BodyFiling, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    level = models.SmallIntegerField(choices=Level.choices)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "证书流水号"
        constraints = [models.UniqueConstraint(fields=["filing", "year", "level"], name="evaluation_counter_once")]


class ArchivedItem(models.Model):
    """One line of the archive checklist of a batch (facts §2)."""

    batch = models.ForeignKey(AssessmentBatch, models.CASCADE, related_name="archived")
    key = models.CharField("材料", max_length=24)
    paper = models.BooleanField("有纸质")
    electronic = models.BooleanField("有电子")
    remark = models.CharField("说明", max_length=120, blank=True)
    by = models.CharField("登记人", max_length=60)
    at = models.DateTimeField("登记时间", default=timezone.now)

    class Meta:
        ordering = ["id"]
        verbose_name = "归档材料"
        constraints = [models.UniqueConstraint(fields=["batch", "key"], name="evaluation_archived_once")]
