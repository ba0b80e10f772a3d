"""The assessment batch (评价批次): one level at one site on one day, with its table of moves (facts §2, flow)."""

import uuid
from typing import Any, NamedTuple, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.certificates.models import BodyFiling, Level

from .bodies import Site


class BatchState(models.TextChoices):
    PLANNED = "planned", "计划"
    ANNOUNCED = "announced", "报名中"
    CLOSED = "closed", "报名截止"
    FIXED = "fixed", "考生已定"
    EXAMINED = "examined", "已考试"
    SCORED = "scored", "成绩已定"
    PUBLISHED = "published", "结果公示"
    ISSUED = "issued", "已发证"
    ARCHIVED = "archived", "已归档"
    CANCELLED = "cancelled", "已取消"


class Move(NamedTuple):
    act: str
    label: str
    sources: frozenset[str]
    target: str


S = BatchState
MOVES: dict[str, Move] = {
    move.act: move
    for move in (
        Move("announce", "发布公告", frozenset({S.PLANNED}), S.ANNOUNCED),
        Move("close", "截止报名", frozenset({S.ANNOUNCED}), S.CLOSED),
        Move("fix", "确定考生", frozenset({S.CLOSED}), S.FIXED),
        Move("examine", "结束考试", frozenset({S.FIXED}), S.EXAMINED),
        Move("settle", "确定成绩", frozenset({S.EXAMINED}), S.SCORED),
        Move("publish", "公示结果", frozenset({S.SCORED}), S.PUBLISHED),
        Move("issue", "发证", frozenset({S.PUBLISHED}), S.ISSUED),
        Move("archive", "归档", frozenset({S.ISSUED}), S.ARCHIVED),
        Move("cancel", "取消批次", frozenset({S.PLANNED, S.ANNOUNCED, S.CLOSED, S.FIXED}), S.CANCELLED),
    )
}
APPLYING = frozenset({S.ANNOUNCED, S.CLOSED})
"""While applications are checked; new ones only while announced."""
SHOWN_TO_ALL = frozenset({S.ANNOUNCED, S.CLOSED, S.FIXED, S.EXAMINED, S.SCORED, S.PUBLISHED, S.ISSUED, S.ARCHIVED})
RESULTS = frozenset({S.PUBLISHED, S.ISSUED, S.ARCHIVED})


class AssessmentBatchQuerySet(models.QuerySet["AssessmentBatch"]):
    def visible_to(self, user: Any) -> Self:
        """Batches of the user's areas, and of the assessment body the user works for."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(user.scope("evaluation.view").as_q("area_id", "filing__organisation_id"))


class AssessmentBatch(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField("批次编号", max_length=16, unique=True, null=True, editable=False)
    title = models.CharField("名称", max_length=80)
    filing = models.ForeignKey(BodyFiling, models.PROTECT, related_name="+", verbose_name="备案号")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区划")
    level = models.SmallIntegerField("等级", choices=Level.choices)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name="考点")
    apply_from = models.DateField("报名开始")
    apply_until = models.DateField("报名截止", help_text="含当天；工作年限和取证年限算到这一天")
    exam_on = models.DateField("考试日期")
    capacity = models.PositiveIntegerField("计划人数")
    announcement = models.TextField("公告内容", blank=True)
    state = models.CharField("状态", max_length=10, choices=BatchState.choices, default=BatchState.PLANNED)
    state_on = models.DateField("进入现状态的日期", default=timezone.localdate)
    seat_seed = models.CharField("抽签种子", max_length=40, blank=True)
    notice_from = models.DateField("公示开始", null=True, blank=True)
    notice_until = models.DateField("公示截止", null=True, blank=True, help_text="含当天")
    issued_on = models.DateField("发证日期", null=True, blank=True)
    archived_on = models.DateField("归档日期", null=True, blank=True)
    archived_at = models.CharField("存放地点", max_length=120, blank=True)
    cancel_reason = models.CharField("取消原因", max_length=200, blank=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = AssessmentBatchQuerySet.as_manager()

    class Meta:
        ordering = ["-exam_on", "-id"]
        verbose_name = "评价批次"
        indexes = [
            models.Index(fields=["state", "exam_on"], name="evaluation_batch_state"),
            models.Index(fields=["exam_on", "id"], name="evaluation_batch_exam"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(apply_until__gte=F("apply_from"), exam_on__gt=F("apply_until")), name="evaluation_batch_dates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def area_code(self) -> int:
        return self.area_id

    @property
    def organisation_id(self) -> int:
        return self.filing.organisation_id
