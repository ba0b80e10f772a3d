"""What was backed up, and whether it could be restored: one row an attempt. The files themselves lie in the backup folder."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class State(models.TextChoices):
    RUNNING = "running", "进行中"
    DONE = "done", "完成"
    FAILED = "failed", "没有成功"
    REMOVED = "removed", "已到期删除"


class AttemptQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Whoever looks after the whole installation: a backup holds every area."""
        scope = user.scope("backups.view") if user.is_authenticated else None
        return self if scope and scope.covers(settings.PROGRAMME_AREA) else self.none()


class Backup(models.Model):
    name = models.CharField("文件", max_length=200)
    folder = models.CharField("文件夹", max_length=500)
    scheduled = models.BooleanField("自动备份", default=False)
    with_keys = models.BooleanField("含密钥", default=False)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField("开始时间", default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField("结束时间", null=True)
    size = models.BigIntegerField("大小（字节）", null=True)
    file_count = models.IntegerField("文件数", null=True)
    row_count = models.BigIntegerField("行数", null=True)
    verified_at = models.DateTimeField("读回核对", null=True)
    message = models.CharField("说明", max_length=500, blank=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["state"], condition=Q(state="running"), name="backups_one_backup_runs")]

    def __str__(self) -> str:
        return self.name


class Drill(models.Model):
    """One trial restore of the newest backup into a temporary place."""

    backup_name = models.CharField("备份文件", max_length=200)
    state = models.CharField("结果", max_length=10, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField("开始时间", default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField("结束时间", null=True)
    seconds = models.FloatField("用时（秒）", null=True)
    row_count = models.BigIntegerField("行数", null=True)
    message = models.CharField("说明", max_length=500, blank=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["state"], condition=Q(state="running"), name="backups_one_drill_runs")]

    def __str__(self) -> str:
        return f"{self.backup_name} {self.get_state_display()}"
