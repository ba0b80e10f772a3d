"""A batch (导入批次) is one file on its way into the register; chunks are the steps of that way, lines those of its rows that have a story.

Rows that are simply new or unchanged stand in their chunk as compact references; a `Line` exists for every row that changed something,
was refused, was a duplicate or was saved with a doubt. Clear personal data stands in none of these tables: what undo needs is sealed.
"""

import uuid
from typing import Any, NamedTuple, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.core.vault import seal, unseal


class BatchStatus(models.TextChoices):
    UPLOADED = "uploaded", "已上传"
    CHECKING = "checking", "检查中"
    CHECKED = "checked", "待确认"
    APPLYING = "applying", "入库中"
    PAUSED = "paused", "已暂停"
    APPLIED = "applied", "已入库"
    REFUSED = "refused", "未受理"
    CANCELLED = "cancelled", "已取消"
    UNDOING = "undoing", "撤销中"
    UNDONE = "undone", "已撤销"


class Move(NamedTuple):
    act: str
    sources: frozenset[str]
    target: str


S = BatchStatus
MOVES: tuple[Move, ...] = (
    Move("check", frozenset({S.UPLOADED, S.CHECKED, S.CHECKING}), S.CHECKING),
    Move("checked", frozenset({S.CHECKING}), S.CHECKED),
    Move("apply", frozenset({S.UPLOADED, S.CHECKED, S.PAUSED, S.APPLYING}), S.APPLYING),
    Move("pause", frozenset({S.APPLYING}), S.PAUSED),
    Move("applied", frozenset({S.APPLYING}), S.APPLIED),
    Move("refuse", frozenset({S.UPLOADED, S.CHECKING, S.CHECKED, S.APPLYING, S.PAUSED}), S.REFUSED),
    Move("cancel", frozenset({S.UPLOADED, S.CHECKING, S.CHECKED, S.PAUSED}), S.CANCELLED),
    Move("undo", frozenset({S.APPLIED, S.PAUSED, S.UNDOING}), S.UNDOING),
    Move("keep", frozenset({S.UNDOING}), S.APPLIED),
    Move("keep_paused", frozenset({S.UNDOING}), S.PAUSED),
    Move("undone", frozenset({S.UNDOING}), S.UNDONE),
)
MOVE = {move.act: move for move in MOVES}
RUNNING = (S.CHECKING, S.APPLYING, S.UNDOING)


class Fate(models.TextChoices):
    NEW = "new", "新增"
    CHANGED = "changed", "变更"
    SAME = "same", "无变化"
    DUPLICATE = "duplicate", "重复"
    INVALID = "invalid", "有误"


class Mode(models.TextChoices):
    ALL = "all", "全部或不入"
    GOOD = "good", "只入合格行"


class BatchQuerySet(models.QuerySet["Batch"]):
    def visible_to(self, user: Any) -> Self:
        """Own batches, and those of officers whose home area lies in the user's scope for imports (or for reading them, as auditor)."""
        if not user.is_authenticated:
            return self.none()
        query = user.scope("sheets.use").as_q("area_code") | user.scope("sheets.view").as_q("area_code")
        if user.may("sheets.use"):
            query |= Q(user_id=user.pk)
        return self.filter(query)


class Batch(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sheet = models.CharField("导入表", max_length=40)
    file = models.FileField("文件", upload_to="sheets/%Y/%m/", max_length=200)
    file_name = models.CharField("文件名", max_length=200)
    file_size = models.BigIntegerField("大小", default=0)
    sha256 = models.CharField(max_length=64, db_index=True)
    worksheet = models.CharField("工作表", max_length=120, blank=True)
    unknown_headings = models.JSONField("未识别的列", default=list)
    status = models.CharField("状态", max_length=10, choices=BatchStatus.choices, default=BatchStatus.UPLOADED, db_index=True)
    mode = models.CharField("方式", max_length=4, choices=Mode.choices, default=Mode.GOOD)
    confirmed = models.BooleanField("经检查确认", default=False, help_text="入库前有人看过检查结果；此后别人改过的行不覆盖")
    total = models.IntegerField("总行数", default=0)
    done = models.IntegerField("已处理", default=0)
    new = models.IntegerField("新增", default=0)
    changed = models.IntegerField("变更", default=0)
    same = models.IntegerField("无变化", default=0)
    duplicate = models.IntegerField("重复", default=0)
    invalid = models.IntegerField("有误", default=0)
    warnings = models.IntegerField("提醒", default=0)
    skipped = models.IntegerField("略过", default=0)
    seconds = models.FloatField("用时", default=0)
    refused_code = models.CharField(max_length=40, blank=True)
    refused_message = models.CharField("未受理原因", max_length=500, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="经办账号")
    by_name = models.CharField("经办", max_length=60)
    area_code = models.BigIntegerField("区划", db_index=True)
    worker = models.CharField(max_length=80, blank=True, help_text="正在处理的进程：主机:进程号:启动时刻")
    beat_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField("上传时间", default=timezone.now, db_index=True)
    finished_at = models.DateTimeField("完成时间", null=True)
    undone_reason = models.CharField("撤销理由", max_length=200, blank=True)
    before_undo = models.CharField(max_length=10, blank=True, help_text="撤销开始前的状态：撤销没有做成时回到这里")
    file_removed_at = models.DateTimeField("原文件删除时间", null=True, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "导入批次"

    def __str__(self) -> str:
        return self.file_name

    @property
    def rows(self) -> int:
        return self.new + self.changed + self.same + self.duplicate + self.invalid

    @property
    def is_running(self) -> bool:
        return self.status in RUNNING

    @property
    def percent(self) -> int:
        return min(100, round(self.done * 100 / self.total)) if self.total else 0


class Chunk(models.Model):
    """A run of rows that is applied in one transaction. `refs` holds what its new rows made: [[row, {table: id}], …]."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="chunks", db_index=False)
    number = models.IntegerField()
    first_row = models.IntegerField()
    last_row = models.IntegerField()
    counts = models.JSONField(default=dict)
    refs = models.JSONField(default=list)
    applied = models.BooleanField(default=False)
    done_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="sheets_chunk_once")]


class LineQuerySet(models.QuerySet["Line"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(batch__in=Batch.objects.visible_to(user))


class Line(models.Model):
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="lines", db_index=False)
    chunk = models.IntegerField()
    row = models.IntegerField("行号")
    fate = models.CharField("结果", max_length=9, choices=Fate.choices)
    label = models.CharField("对象", max_length=128, blank=True)
    problems = models.JSONField(default=list, help_text="[{column, code, message, severity}]")
    warned = models.BooleanField(default=False)
    diff = models.JSONField(default=list, help_text="[{column, heading, before, after}]，个人信息已遮盖")
    refs = models.JSONField(default=dict)
    about = models.BigIntegerField("哪条记录", null=True, help_text="名册改动的那条记录的编号（单位或人员，依导入表而定）")
    undo_sealed = models.TextField(blank=True)
    applied = models.BooleanField(default=False)

    objects = LineQuerySet.as_manager()

    class Meta:
        ordering = ["row"]
        indexes = [
            models.Index(fields=["batch", "fate", "row"], name="sheets_line_fate"),
            models.Index(fields=["batch", "chunk"], name="sheets_line_chunk"),
            # The history of one record, among the lines of all rosters ever loaded.
            models.Index(fields=["about"], name="sheets_line_about", condition=Q(about__isnull=False)),
        ]


def undo_context(batch_id: int, row: int) -> str:
    """The place a line's undo text is sealed for."""
    return f"sheets_line|undo|{batch_id}|{row}"


def seal_undo(batch_id: int, row: int, text: str) -> str:
    return seal(text, undo_context(batch_id, row))


def open_undo(line: Line) -> str:
    return unseal(line.undo_sealed, undo_context(line.batch_id, line.row))
