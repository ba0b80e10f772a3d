"""The review (评审): criteria, reviewers of the three parties and experts, whom they keep away from, what they are given, their scores."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.registry.models import Organisation

from .nominations import Kind, Nomination
from .selections import Selection


class Party(models.TextChoices):
    GOVERNMENT = "government", "人社部门"
    UNION = "union", "工会"
    FEDERATION = "federation", "企联、工商联"
    EXPERT = "expert", "专家"


class Criterion(models.Model):
    """What is scored from 0 to 100, with its weight in percent; the weights of one kind add up to 100."""

    selection = models.ForeignKey(Selection, models.CASCADE, related_name="criteria")
    kind = models.CharField("类别", max_length=12, choices=Kind.choices)
    place = models.PositiveSmallIntegerField("次序")
    title = models.CharField("评分项", max_length=60)
    guide = models.CharField("评分要点", max_length=200, blank=True)
    weight = models.PositiveSmallIntegerField("权重（%）")

    class Meta:
        ordering = ["selection_id", "kind", "place"]
        verbose_name = "评分项"
        constraints = [
            models.UniqueConstraint(fields=["selection", "kind", "place"], name="honours_criterion_place"),
            models.CheckConstraint(condition=Q(weight__gte=1, weight__lte=100), name="honours_criterion_weight"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.weight}%"


class Reviewer(models.Model):
    """Somebody who reviews one selection. `organisation` is the present employer; earlier ones are known by the person's postings."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    selection = models.ForeignKey(Selection, models.CASCADE, related_name="reviewers")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="账号")
    party = models.CharField("代表", max_length=12, choices=Party.choices)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="所在单位")
    declared_at = models.DateTimeField("声明时间", null=True, blank=True)
    left_on = models.DateField("退出日期", null=True, blank=True)
    left_reason = models.CharField("退出原因", max_length=200, blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        ordering = ["selection_id", "id"]
        verbose_name = "评审"
        constraints = [models.UniqueConstraint(fields=["selection", "user"], name="honours_reviewer_once")]

    def __str__(self) -> str:
        return f"{self.user.name}（{self.get_party_display()}）"


class Relation(models.Model):
    """A person or organisation that a reviewer names as related, before knowing who is nominated."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reviewer = models.ForeignKey(Reviewer, models.CASCADE, related_name="relations")
    name = models.CharField("姓名或单位全称", max_length=120)
    tie = models.CharField("关系", max_length=120)

    class Meta:
        ordering = ["id"]
        verbose_name = "声明的关系"
        constraints = [models.UniqueConstraint(fields=["reviewer", "name"], name="honours_relation_once")]

    def __str__(self) -> str:
        return f"{self.name}：{self.tie}"


class Conflict(models.Model):
    """Why a reviewer must keep away from a nominee, and sees nothing of it anywhere."""

    class Why(models.TextChoices):
        SELF = "self", "本人"
        EMPLOYER = "employer", "现在同一单位"
        EARLIER = "earlier", "曾在同一单位"
        NOMINATED = "nominated", "由其或其单位推荐"
        DECLARED = "declared", "声明的关系"
        RECUSED = "recused", "评审中申请回避"
        ORDERED = "ordered", "经办人决定回避"

    reviewer = models.ForeignKey(Reviewer, models.CASCADE, related_name="conflicts")
    nomination = models.ForeignKey(Nomination, models.CASCADE, related_name="conflicts")
    why = models.CharField("原因", max_length=12, choices=Why.choices)
    detail = models.CharField("说明", max_length=200, blank=True)
    found_on = models.DateField("发现日期", default=timezone.localdate)
    lifted_on = models.DateField("解除日期", null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = "回避"
        constraints = [models.UniqueConstraint(fields=["reviewer", "nomination", "why"], name="honours_conflict_once")]

    def __str__(self) -> str:
        return f"{self.get_why_display()} {self.detail}".strip()


class Sight(models.TextChoices):
    AFTER_OWN = "after_own", "本人提交后可看"
    NEVER = "never", "始终不可看"


class Mean(models.TextChoices):
    MEDIAN = "median", "中位数"
    TRIMMED = "trimmed", "去掉一个最高分、一个最低分后平均"


class Panel(models.Model):
    """The review of one kind of nominees: how many look at each, by which seed they were drawn, how scores become one figure."""

    class State(models.TextChoices):
        OPEN = "open", "评审中"
        CLOSED = "closed", "已结束"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    selection = models.ForeignKey(Selection, models.CASCADE, related_name="panels")
    kind = models.CharField("类别", max_length=12, choices=Kind.choices)
    each = models.PositiveSmallIntegerField("每份由几人评")
    sight = models.CharField("能否看他人评分", max_length=10, choices=Sight.choices, default=Sight.NEVER)
    mean = models.CharField("合分办法", max_length=10, choices=Mean.choices, default=Mean.MEDIAN)
    seed = models.CharField("随机种子", max_length=64)
    listed = models.TextField("分配时的名单", help_text="照种子和这份名单可以重算")
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.OPEN)
    opened_on = models.DateField("开始", default=timezone.localdate)
    closed_on = models.DateField("结束", null=True, blank=True)
    reopened = models.JSONField("重开记录", default=list)
    version = models.IntegerField(default=1)

    class Meta:
        ordering = ["selection_id", "kind"]
        verbose_name = "评审组"
        constraints = [models.UniqueConstraint(fields=["selection", "kind"], name="honours_panel_once")]

    def __str__(self) -> str:
        return f"{self.selection} {self.get_kind_display()}"


class AssignmentState(models.TextChoices):
    GIVEN = "given", "待评"
    DONE = "done", "已提交"
    ABSTAINED = "abstained", "弃权"
    TAKEN = "taken", "已收回"


GIVEN = (AssignmentState.GIVEN, AssignmentState.DONE, AssignmentState.ABSTAINED)


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def visible_to(self, user: Any) -> Self:
        """A reviewer's own, without those that must be kept away from."""
        if not user.is_authenticated:
            return self.none()
        barred = Conflict.objects.filter(
            nomination_id=models.OuterRef("nomination_id"), reviewer_id=models.OuterRef("reviewer_id"), lifted_on=None
        )
        return self.filter(reviewer__user_id=user.pk, reviewer__left_on=None, state__in=GIVEN).exclude(models.Exists(barred))


class Assignment(models.Model):
    """One nominee in one reviewer's hands. What is typed is kept at once; it counts when it is submitted."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    panel = models.ForeignKey(Panel, models.CASCADE, related_name="assignments")
    reviewer = models.ForeignKey(Reviewer, models.PROTECT, related_name="assignments")
    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="assignments")
    state = models.CharField("状态", max_length=10, choices=AssignmentState.choices, default=AssignmentState.GIVEN)
    comment = models.TextField("评语", blank=True)
    reason = models.CharField("弃权、回避原因", max_length=200, blank=True)
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    version = models.IntegerField(default=1)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["panel_id", "reviewer_id", "id"]
        verbose_name = "评审任务"
        constraints = [models.UniqueConstraint(fields=["reviewer", "nomination"], name="honours_assignment_once")]

    def __str__(self) -> str:
        return f"{self.reviewer} {self.nomination.number}"


class Score(models.Model):
    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    value = models.PositiveSmallIntegerField("分数")

    class Meta:
        ordering = ["assignment_id", "criterion__place"]
        verbose_name = "评分"
        constraints = [
            models.UniqueConstraint(fields=["assignment", "criterion"], name="honours_score_once"),
            models.CheckConstraint(condition=Q(value__lte=100), name="honours_score_range"),
        ]

    def __str__(self) -> str:
        return str(self.value)
