"""Training classes (培训班): from draft over filing to the archive (facts §10: what a filing consists of)."""

import uuid
from datetime import date
from typing import Any, NamedTuple, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.areas.models import Area

from .courses import Course
from .providers import Provider, reach_of


class Mode(models.TextChoices):
    """notice:3.1.1 asks for online and offline training."""

    OFFLINE = "offline", "线下"
    ONLINE = "online", "线上"
    MIXED = "mixed", "线上线下结合"


class ClassState(models.TextChoices):
    DRAFT = "draft", "筹备"
    FILED = "filed", "已报备"
    RETURNED = "returned", "退回补正"
    APPROVED = "approved", "准予开班"
    RUNNING = "running", "开班中"
    FINISHED = "finished", "已结业"
    ARCHIVED = "archived", "已归档"
    CANCELLED = "cancelled", "已取消"
    POSTPONED = "postponed", "已延期"


class ClassMove(NamedTuple):
    """One way from state to state; `permission` is what the mover must hold over the class."""

    act: str
    label: str
    sources: frozenset[ClassState]
    target: ClassState
    permission: str


S = ClassState
CLASS_MOVES: tuple[ClassMove, ...] = (
    ClassMove("file", "提交报备", frozenset({S.DRAFT, S.RETURNED, S.POSTPONED}), S.FILED, "training.run"),
    ClassMove("return", "退回补正", frozenset({S.FILED}), S.RETURNED, "training.review"),
    ClassMove("approve", "准予开班", frozenset({S.FILED}), S.APPROVED, "training.review"),
    ClassMove("start", "开班", frozenset({S.APPROVED}), S.RUNNING, "training.run"),
    ClassMove("finish", "结业", frozenset({S.RUNNING}), S.FINISHED, "training.run"),
    ClassMove("archive", "归档", frozenset({S.FINISHED}), S.ARCHIVED, "training.manage"),
    ClassMove("postpone", "延期", frozenset({S.FILED, S.RETURNED, S.APPROVED}), S.POSTPONED, "training.run"),
    ClassMove("cancel", "取消", frozenset({S.DRAFT, S.FILED, S.RETURNED, S.APPROVED, S.POSTPONED, S.RUNNING}), S.CANCELLED, "training.run"),
)
TAKES_APPLICATIONS = frozenset({S.DRAFT, S.FILED, S.RETURNED, S.APPROVED, S.POSTPONED})
"""Until the first day: the roster is a part of the filing, so people are found before it."""
PLANNABLE = frozenset({S.DRAFT, S.RETURNED, S.POSTPONED, S.APPROVED, S.RUNNING})
"""States in which sessions may be planned and moved; while a filing is looked at it stays as it was filed."""
OVER = frozenset({S.FINISHED, S.ARCHIVED, S.CANCELLED})


def left_open(day: date) -> Q:
    """The condition on classes whose last day is past and that nobody has closed."""
    return Q(state=ClassState.RUNNING, ends_on__lt=day)


class ClassQuerySet(models.QuerySet["TrainingClass"]):
    def visible_to(self, user: Any) -> Self:
        """Classes of the user's areas and of the areas above them; for a provider's agent the provider's own."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(reach_of(user, "area_id", "provider__organisation_id"))

    def open_on(self, day: date) -> Self:
        """Classes to which people may still apply: anybody who takes part in the programme may see these."""
        return self.filter(state__in=TAKES_APPLICATIONS, is_announced=True, starts_on__gt=day)


class TrainingClass(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField("班级代码", max_length=8, unique=True, help_text="六位数字，签到时用")
    title = models.CharField("班名", max_length=100)
    course = models.ForeignKey(Course, models.PROTECT, related_name="+", verbose_name="课程")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+", verbose_name="培训机构")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="主管区划")
    mode = models.CharField("方式", max_length=8, choices=Mode.choices, default=Mode.OFFLINE)
    place = models.CharField("地点", max_length=200, blank=True)
    capacity = models.PositiveSmallIntegerField("名额")
    starts_on = models.DateField("开班日期")
    ends_on = models.DateField("结束日期")
    state = models.CharField("状态", max_length=10, choices=ClassState.choices, default=ClassState.DRAFT)
    state_reason = models.CharField("状态说明", max_length=300, blank=True)
    is_announced = models.BooleanField("接受报名", default=False, help_text="勾选后学员和用人单位能看到并报名")
    admits_at_once = models.BooleanField("报名即录取", default=False, help_text="不勾选时，报名后由机构逐个录取")
    teaching_plan = models.TextField("教学计划", blank=True)
    materials = models.TextField("教学资源", blank=True)
    test_plan = models.TextField("考核方案", blank=True)
    filed_on = models.DateField("报备日期", null=True, blank=True)
    filed_by_id = models.BigIntegerField("报备人", null=True, blank=True)
    review_due_on = models.DateField("审核期限", null=True, blank=True)
    reviewed_on = models.DateField("审核日期", null=True, blank=True)
    reviewed_by = models.CharField("审核人", max_length=60, blank=True)
    last_serial = models.PositiveSmallIntegerField("最大学号", default=0, editable=False)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = ClassQuerySet.as_manager()

    class Meta:
        verbose_name = "培训班"
        ordering = ["-starts_on", "-id"]
        indexes = [
            models.Index(fields=["state", "starts_on"], name="training_class_state"),
            models.Index(fields=["starts_on"], name="training_class_starts"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=models.F("starts_on")), name="training_class_dates"),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="training_class_capacity"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def area_code(self) -> int:
        return self.area_id

    @property
    def takes_applications(self) -> bool:
        return self.state in TAKES_APPLICATIONS and self.starts_on > timezone.localdate()
