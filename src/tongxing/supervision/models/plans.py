"""Inspection plans (抽查计划) and their draws: what was frozen, what was promised, what came out. A draw is never deleted."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.evaluation.models import Site
from tongxing.registry.models import Organisation
from tongxing.registry.models.fields import VaultColumn
from tongxing.training.models import TrainingClass

from .inspectors import Inspector


class PlanState(models.TextChoices):
    DRAFT = "draft", "筹备"
    ANNOUNCED = "announced", "已公告，待抽取"
    DRAWN = "drawn", "已抽取，检查中"
    PUBLISHED = "published", "结果已公布"
    CANCELLED = "cancelled", "已取消"


class PlanQuerySet(models.QuerySet["Plan"]):
    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self.filter(user.scope("supervision.plans").as_q("area_id"))

    def public(self) -> Self:
        """Those that stand on the public page: announced at least once. One that was given up stays, or it would be a redraw that nobody sees."""
        promised = Q(pk__in=Draw.objects.values("plan_id"))
        return self.filter(promised, ~Q(state=PlanState.DRAFT))


class Plan(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField("计划编号", max_length=16, unique=True, null=True, editable=False)
    title = models.CharField("名称", max_length=80)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区划")
    takes_sites = models.BooleanField("抽查考点", default=True)
    takes_classes = models.BooleanField("抽查培训班", default=False)
    period_from = models.DateField("业务期间自", help_text="这段时间里有评价批次的考点、开班的培训班列入候选")
    period_until = models.DateField("业务期间至", help_text="含当天")
    number = models.PositiveSmallIntegerField("抽查个数", null=True, blank=True)
    share = models.PositiveSmallIntegerField("抽查比例（%）", null=True, blank=True)
    per_visit = models.PositiveSmallIntegerField("每次检查人数", default=2)
    weighted = models.BooleanField("按风险加签", default=False, help_text="有未办结异常或逾期问题的机构多几张签")
    visit_from = models.DateField("检查开始")
    visit_until = models.DateField("检查截止", help_text="含当天")
    beacon_source = models.CharField("公开数字", max_length=120)
    beacon_on = models.DateField("公开数字的日期", help_text="须在公告之后，谁也不能预先知道")
    note = models.TextField("说明", blank=True)
    state = models.CharField("状态", max_length=10, choices=PlanState.choices, default=PlanState.DRAFT)
    cancel_reason = models.CharField("取消原因", max_length=200, blank=True)
    made_by = models.CharField("制定人", max_length=60)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["-visit_from", "-id"]
        verbose_name = "抽查计划"
        indexes = [models.Index(fields=["visit_from", "id"], name="supervision_plan_visit")]
        constraints = [
            models.CheckConstraint(
                condition=Q(period_until__gte=F("period_from"), visit_until__gte=F("visit_from")), name="supervision_plan_dates"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, share=None) | Q(number=None, share__gte=1, share__lte=100), name="supervision_plan_quota"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def area_code(self) -> int:
        return self.area_id


class Draw(models.Model):
    """One draw of a plan, from the promise to the result. A voided one stays, with its reason."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="draws", verbose_name="抽查计划")
    number = models.PositiveSmallIntegerField("第几次")
    algorithm = models.CharField("算法", max_length=16)
    seed_digest = models.CharField("种子摘要", max_length=64)
    secret_sealed = VaultColumn("种子", help_text="公布以前加密保存")
    candidates_text = models.TextField("候选名单")
    candidates_digest = models.CharField("名单摘要", max_length=64)
    committed_by = models.CharField("公告人", max_length=60)
    committed_at = models.DateTimeField("公告时间", default=timezone.now)
    beacon_source = models.CharField("公开数字", max_length=120)
    beacon_on = models.DateField("公开数字的日期")
    beacon = models.CharField("公布的数字", max_length=120, blank=True)
    result = models.JSONField("结果", default=list, help_text="抽中的对象和督导员的编号，按抽取次序，照当时原样")
    drawn_by = models.CharField("抽取人", max_length=60, blank=True)
    drawn_at = models.DateTimeField("抽取时间", null=True, blank=True)
    published_at = models.DateTimeField("公布时间", null=True, blank=True)
    voided_by = models.CharField("作废人", max_length=60, blank=True)
    voided_at = models.DateTimeField("作废时间", null=True, blank=True)
    void_reason = models.CharField("作废原因", max_length=200, blank=True)

    class Meta:
        ordering = ["plan_id", "number"]
        verbose_name = "抽取"
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="supervision_draw_number"),
            models.UniqueConstraint(fields=["plan"], condition=Q(voided_at=None), name="supervision_draw_standing"),
        ]

    def __str__(self) -> str:
        return f"{self.plan} 第 {self.number} 次抽取"

    @property
    def secret(self) -> str:
        """In clear: only for drawing and for what is published."""
        return VaultColumn.open(self, "secret_sealed")


class Candidate(models.Model):
    """A site or a class that may be drawn; `place` is its turn when it was."""

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="candidates")
    key = models.CharField(max_length=48)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="机构")
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="考点")
    training_class = models.ForeignKey(TrainingClass, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="培训班")
    name = models.CharField("名称", max_length=240)
    tickets = models.PositiveSmallIntegerField("签数", default=1)
    place = models.PositiveSmallIntegerField("抽中次序", null=True, blank=True)

    class Meta:
        ordering = ["draw_id", "key"]
        verbose_name = "候选对象"
        constraints = [models.UniqueConstraint(fields=["draw", "key"], name="supervision_candidate_once")]


class PooledInspector(models.Model):
    """An inspector who may be drawn, and the candidates that an interest bars."""

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="pool")
    key = models.CharField(max_length=48)
    inspector = models.ForeignKey(Inspector, models.PROTECT, related_name="+", verbose_name="督导员")
    barred = models.JSONField("回避", default=list)

    class Meta:
        ordering = ["draw_id", "key"]
        verbose_name = "候选督导员"
        constraints = [models.UniqueConstraint(fields=["draw", "key"], name="supervision_pooled_once")]
