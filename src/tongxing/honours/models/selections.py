"""The yearly selection (选树) of an area and the steps of its plan (notice:3.3.1, 3.3.2)."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.areas.models import Area


class Stage(models.TextChoices):
    """The steps in their order; a selection stands at the first that is not done."""

    CALL = "call", "发布通知"
    NOMINATION = "nomination", "推荐申报"
    CHECK = "check", "资格审核"
    VISIT = "visit", "走访核实"
    REVIEW = "review", "评审"
    MEETING = "meeting", "会议研究"
    NOTICE = "notice", "公示"
    DOCUMENTS = "documents", "整理材料"
    DISPATCH = "dispatch", "报送省级"


class SelectionState(models.TextChoices):
    RUNNING = "running", "进行中"
    DONE = "done", "已报送"
    CANCELLED = "cancelled", "已取消"


class SelectionQuerySet(models.QuerySet["Selection"]):
    def visible_to(self, user: Any) -> Self:
        """Of the user's areas and of the areas above them: townships look at what the county selects."""
        return self.filter(user.scope("honours.view").reaching_up("area_id")) if user.is_authenticated else self.none()


class Selection(models.Model):
    """One year's selection. Its stage is kept beside the steps, so that lists can filter by it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区划")
    year = models.PositiveSmallIntegerField("年度")
    title = models.CharField("名称", max_length=80)
    due_on = models.DateField("报送截止")
    judged_on = models.DateField("资格基准日", help_text="资格条件按这一天的登记核对")
    note = models.TextField("说明", blank=True)
    state = models.CharField("状态", max_length=10, choices=SelectionState.choices, default=SelectionState.RUNNING)
    stage = models.CharField("环节", max_length=10, choices=Stage.choices, default=Stage.CALL)
    cancel_reason = models.CharField("取消原因", max_length=200, blank=True)
    made_by = models.CharField("制定人", max_length=60)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = SelectionQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "-id"]
        verbose_name = "年度选树"
        indexes = [models.Index(fields=["year", "id"], name="honours_selection_year")]
        constraints = [
            models.UniqueConstraint(fields=["area", "year"], condition=~Q(state=SelectionState.CANCELLED), name="honours_selection_once")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def area_code(self) -> int:
        return self.area_id


class Step(models.Model):
    """One step of a selection's plan: how many working days it is given, and on which day it was done."""

    selection = models.ForeignKey(Selection, models.CASCADE, related_name="steps")
    stage = models.CharField("环节", max_length=10, choices=Stage.choices)
    place = models.PositiveSmallIntegerField("次序")
    days = models.PositiveSmallIntegerField("工作日")
    begun_on = models.DateField("开始", null=True, blank=True)
    done_on = models.DateField("完成", null=True, blank=True)
    done_by = models.CharField("办结人", max_length=60, blank=True)
    remark = models.CharField("办理情况", max_length=200, blank=True)
    reminded = models.SmallIntegerField("已提醒", null=True, blank=True, help_text="提醒到期限前几个工作日那一档；-1：已提醒逾期")

    class Meta:
        ordering = ["selection_id", "place"]
        verbose_name = "选树环节"
        constraints = [
            models.UniqueConstraint(fields=["selection", "stage"], name="honours_step_once"),
            models.CheckConstraint(condition=Q(days__gte=1), name="honours_step_days"),
        ]

    def __str__(self) -> str:
        return f"{self.selection} {self.get_stage_display()}"
