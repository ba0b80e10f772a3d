"""Anomalies (异常线索): what the rules of the watch saw, each once, with its figures and what to do next."""

import uuid
from typing import Any, Self

from django.db import models
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.registry.models import Organisation


class Rule(models.TextChoices):
    VOLUME = "volume", "发证量异常"
    SEATS = "seats", "发证超过座位"
    PASSES = "passes", "合格率异常"
    ACCOUNT = "account", "同一账号多人收款"
    PHONE = "phone", "同一电话多人申请"
    ADDRESS = "address", "同一地址多家收款"
    TWO_SITES = "two_sites", "同日两处考评"
    SAME_SCORES = "same_scores", "分数雷同"
    FLAT_SCORES = "flat_scores", "分数过于集中"
    LAST_DIGIT = "last_digit", "尾数异常"
    RUSH = "rush", "短时集中报名"
    ABSENT = "absent", "未到考有成绩"
    UNTAUGHT = "untaught", "未到课已结业"


class AnomalyState(models.TextChoices):
    OPEN = "open", "待核查"
    DISMISSED = "dismissed", "已排除"
    VISIT = "visit", "已转现场检查"
    ISSUE = "issue", "已转问题整改"


class AnomalyQuerySet(models.QuerySet["Anomaly"]):
    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self.filter(user.scope("supervision.watch").as_q("area_id"))


class Anomaly(models.Model):
    """`reference` names the thing within its rule (body and week, batch, account): the same finding is not raised twice."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    rule = models.CharField("规则", max_length=12, choices=Rule.choices)
    reference = models.CharField(max_length=80, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="机构")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区划", db_index=False)
    text = models.CharField("发现", max_length=500)
    advice = models.CharField("下一步", max_length=200)
    figures = models.JSONField("数字", default=dict)
    seen_on = models.DateField("发现日期", default=timezone.localdate)
    gone_on = models.DateField("不再出现", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=AnomalyState.choices, default=AnomalyState.OPEN)
    settled_by = models.CharField("办理人", max_length=60, blank=True)
    settled_on = models.DateField("办理日期", null=True, blank=True)
    settled_reason = models.CharField("理由", max_length=300, blank=True)
    visit = models.ForeignKey("supervision.Visit", models.PROTECT, null=True, blank=True, related_name="anomalies", verbose_name="现场检查")

    objects = AnomalyQuerySet.as_manager()

    class Meta:
        ordering = ["-seen_on", "-id"]
        verbose_name = "异常线索"
        indexes = [
            models.Index(fields=["seen_on", "id"], name="supervision_anomaly_day"),
            models.Index(fields=["area", "state"], name="supervision_anomaly_area"),
        ]
        constraints = [models.UniqueConstraint(fields=["rule", "reference"], name="supervision_anomaly_once")]

    def __str__(self) -> str:
        return f"{self.get_rule_display()}：{self.text[:30]}"

    @property
    def area_code(self) -> int:
        return self.area_id
