"""Visits (现场检查): who goes where, the checklist as it stood that day, photos, signatures."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.evaluation.models import Site
from tongxing.registry.models import Organisation
from tongxing.training.models import TrainingClass

from .inspectors import Inspector
from .plans import Draw, Plan


class VisitState(models.TextChoices):
    PLANNED = "planned", "待检查"
    BEGUN = "begun", "检查中"
    SIGNED = "signed", "待被检查方签字"
    DONE = "done", "已完成"
    CANCELLED = "cancelled", "已取消"


OPEN_VISITS = (VisitState.PLANNED, VisitState.BEGUN, VisitState.SIGNED)


class VisitQuerySet(models.QuerySet["Visit"]):
    def visible_to(self, user: Any) -> Self:
        """Those who run supervision see all of their area, an inspector the own visits, a body its own from the moment it is to sign: nobody is warned."""
        if not user.is_authenticated:
            return self.none()
        query = user.scope("supervision.plans").as_q("area_id")
        query |= user.scope("supervision.view").as_q("area_id", "organisation_id") & Q(state__in=(VisitState.SIGNED, VisitState.DONE))
        if user.may("supervision.inspect"):
            query |= Q(pk__in=VisitInspector.objects.filter(inspector__user_id=user.pk).values("visit_id"))
        return self.filter(query)

    def of_inspector(self, user: Any) -> Self:
        return self.filter(pk__in=VisitInspector.objects.filter(inspector__user_id=user.pk).values("visit_id"))


class Visit(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField("检查编号", max_length=16, unique=True, null=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="visits", verbose_name="抽查计划")
    draw = models.ForeignKey(Draw, models.PROTECT, null=True, blank=True, related_name="visits", verbose_name="抽取")
    added_reason = models.CharField("计划外原因", max_length=300, blank=True, help_text="不是抽中的，写明为什么去")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="被检查机构")
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="考点")
    training_class = models.ForeignKey(TrainingClass, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="培训班")
    place = models.CharField("检查对象", max_length=240)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区划", db_index=False)
    due_from = models.DateField("检查开始")
    due_until = models.DateField("检查截止")
    state = models.CharField("状态", max_length=10, choices=VisitState.choices, default=VisitState.PLANNED)
    begun_at = models.DateTimeField("到场时间", null=True, blank=True)
    summary = models.TextField("检查小结", blank=True)
    present_name = models.CharField("被检查方在场人员", max_length=60, blank=True)
    present_post = models.CharField("职务", max_length=60, blank=True)
    present_said = models.CharField("被检查方意见", max_length=300, blank=True)
    present_refused = models.BooleanField("拒绝签字", default=False)
    present_by = models.CharField("签字方式", max_length=60, blank=True)
    present_at = models.DateTimeField("签字时间", null=True, blank=True)
    cancel_reason = models.CharField("取消原因", max_length=200, blank=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)

    objects = VisitQuerySet.as_manager()

    class Meta:
        ordering = ["-due_until", "-id"]
        verbose_name = "现场检查"
        indexes = [
            models.Index(fields=["due_until", "id"], name="supervision_visit_due"),
            models.Index(fields=["area", "state"], name="supervision_visit_area"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(due_until__gte=F("due_from")), name="supervision_visit_dates"),
            models.CheckConstraint(condition=Q(draw__isnull=False) | ~Q(added_reason=""), name="supervision_visit_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.place}"

    @property
    def area_code(self) -> int:
        return self.area_id


class VisitInspector(models.Model):
    """One of those who go; the signature is an act of the own account."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="inspectors")
    inspector = models.ForeignKey(Inspector, models.PROTECT, related_name="+", verbose_name="督导员")
    signed_at = models.DateTimeField("签字时间", null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "检查人员"
        constraints = [models.UniqueConstraint(fields=["visit", "inspector"], name="supervision_sent_once")]


class Verdict(models.TextChoices):
    FIT = "fit", "符合"
    UNFIT = "unfit", "不符合"
    NONE = "none", "不适用"


class VisitItem(models.Model):
    """One line of the checklist, frozen from the provision of the day the visit was made, with what was found."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="items")
    key = models.CharField(max_length=40)
    section = models.CharField("方面", max_length=40)
    text = models.CharField("检查内容", max_length=200)
    source = models.CharField("依据", max_length=200, blank=True)
    confirmed = models.BooleanField("依据已核实", default=False)
    verdict = models.CharField("结果", max_length=6, choices=Verdict.choices, blank=True)
    note = models.CharField("情况", max_length=500, blank=True)
    filled_at = models.DateTimeField("填写时间", null=True, blank=True, help_text="手机上按下的时间")
    filled_by = models.CharField("填写人", max_length=60, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "检查项目"
        constraints = [models.UniqueConstraint(fields=["visit", "key"], name="supervision_item_once")]


class Photo(models.Model):
    """A picture taken on the spot. `client` is the device's own number for it, so that sending it twice keeps it once."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="photos")
    item = models.ForeignKey(VisitItem, models.SET_NULL, null=True, blank=True, related_name="photos", verbose_name="检查项目")
    client = models.UUIDField("设备编号", default=uuid.uuid4)
    file_id = models.BigIntegerField("文件")
    added_by = models.CharField("拍摄人", max_length=60)
    added_at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        ordering = ["id"]
        verbose_name = "现场照片"
        constraints = [models.UniqueConstraint(fields=["visit", "client"], name="supervision_photo_once")]
