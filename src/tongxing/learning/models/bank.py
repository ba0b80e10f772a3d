"""The question bank. A row is one version of a question; what was put in use is never altered, so that any paper can be drawn again."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from tongxing.training.models import CourseLevel


class Kind(models.TextChoices):
    SINGLE = "single", "单选"
    MULTIPLE = "multiple", "多选"
    JUDGE = "judge", "判断"
    CASE = "case", "案例"


ANSWERED = (Kind.SINGLE, Kind.MULTIPLE, Kind.JUDGE)
"""Kinds that are answered; a case is answered by its sub-questions."""


class Function(models.TextChoices):
    """The functions of the occupation (facts §1, list of the older standard: not confirmed for 2019)."""

    STANDARDS = "standards", "劳动标准实施管理"
    CONTRACTS = "contracts", "劳动合同管理"
    BARGAINING = "bargaining", "集体协商与集体合同"
    RULES = "rules", "规章制度建设"
    VOICE = "voice", "劳资沟通和民主管理"
    DISPUTES = "disputes", "申诉与争议处理"
    GENERAL = "general", "综合"


class Difficulty(models.IntegerChoices):
    EASY = 1, "易"
    MIDDLE = 2, "中"
    HARD = 3, "难"


class QuestionState(models.TextChoices):
    DRAFT = "draft", "草稿"
    IN_USE = "in_use", "在用"
    RETIRED = "retired", "停用"


class BankChange(models.Model):
    """What happened to the bank; its id is the bank's version. Written one after another under `learning.bank`."""

    at = models.DateTimeField("时间", default=timezone.now)
    by = models.CharField("办理人", max_length=60)
    what = models.CharField("变动", max_length=120)

    class Meta:
        verbose_name = "题库变动"
        ordering = ["id"]


class QuestionQuerySet(models.QuerySet["Question"]):
    def visible_to(self, user: Any) -> Self:
        """The bank is one for the programme: whoever keeps or audits it in the programme's area sees all of it."""
        if user.is_authenticated and user.scope("learning.questions").covers(settings.PROGRAMME_AREA):
            return self.all()
        return self.none()

    def newest(self) -> Self:
        return self.filter(is_latest=True)

    def in_bank(self, version: int) -> Self:
        """What was in use when the bank had this version."""
        return self.filter(Q(used_until=None) | Q(used_until__gt=version), used_from__lte=version)


class Question(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.PositiveIntegerField("题号")
    version = models.PositiveSmallIntegerField("版本", default=1)
    is_latest = models.BooleanField("最新版", default=True)
    case = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="parts", verbose_name="所属案例")
    position = models.PositiveSmallIntegerField("案例中次序", default=0)
    kind = models.CharField("题型", max_length=8, choices=Kind.choices)
    function = models.CharField("职业功能", max_length=12, choices=Function.choices)
    levels = models.CharField("等级", max_length=4, help_text="适用等级的数字，例如 34")
    difficulty = models.SmallIntegerField("难度", choices=Difficulty.choices)
    stem = models.TextField("题干")
    citation = models.CharField("法律依据", max_length=200, blank=True)
    explanation = models.TextField("解析", blank=True)
    state = models.CharField("状态", max_length=8, choices=QuestionState.choices, default=QuestionState.DRAFT)
    digest = models.CharField("内容摘要", max_length=64, help_text="题干和选项去掉空白标点后的摘要，用来查重")
    used_from = models.PositiveBigIntegerField("启用时题库版本", null=True, blank=True)
    used_until = models.PositiveBigIntegerField("停用时题库版本", null=True, blank=True)
    edits = models.PositiveSmallIntegerField("草稿修改次数", default=0)
    made_by = models.CharField("出题人", max_length=60)
    created_at = models.DateTimeField(default=timezone.now)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = "题目"
        ordering = ["number", "version"]
        indexes = [
            models.Index(fields=["number", "id"], name="learning_question_number"),
            models.Index(fields=["digest"], name="learning_question_digest"),
            models.Index(fields=["state", "kind", "function"], name="learning_question_state"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number", "version"], name="learning_question_version"),
            models.UniqueConstraint(fields=["number"], condition=Q(is_latest=True), name="learning_question_latest"),
            models.CheckConstraint(condition=Q(used_until=None) | Q(used_until__gt=F("used_from")), name="learning_question_use"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.stem[:30]}"

    @property
    def code(self) -> str:
        """What stands on papers and lists: number and version."""
        return f"T{self.number:04d}-{self.version}"

    @property
    def right(self) -> str:
        """The right letters, in order."""
        return "".join(option.letter for option in self.options.all() if option.is_right)

    @property
    def level_names(self) -> str:
        return "、".join(CourseLevel(int(digit)).label for digit in sorted(self.levels, reverse=True))


class Option(models.Model):
    question = models.ForeignKey(Question, models.CASCADE, related_name="options", verbose_name="题目")
    letter = models.CharField("序号", max_length=1)
    text = models.CharField("选项", max_length=300)
    is_right = models.BooleanField("正确", default=False)

    class Meta:
        verbose_name = "选项"
        ordering = ["question_id", "letter"]
        constraints = [models.UniqueConstraint(fields=["question", "letter"], name="learning_option_once")]
