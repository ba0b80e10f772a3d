"""Keys for other programs, and what was already answered to a repeated POST."""

from typing import Any, Self

from django.db import models
from django.utils import timezone

from tongxing.accounts.models import User


class Scope(models.TextChoices):
    READ = "read", "读取"
    SHEETS = "sheets", "上传名册"


class TokenQuerySet(models.QuerySet["Token"]):
    def usable(self) -> Self:
        return self.filter(revoked_at=None, until__gte=timezone.localdate(), user__is_active=True)

    def visible_to(self, user: Any) -> Self:
        return self.filter(user_id=user.pk) if user.is_authenticated else self.none()


class Token(models.Model):
    """A key that lets a program act as its user, within scopes. Only a digest of the secret is kept."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="账号")
    name = models.CharField("名称", max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField("范围", default=list)
    until = models.DateField("有效至", help_text="含当天")
    created_at = models.DateTimeField(default=timezone.now)
    last_used_on = models.DateField("最近使用", null=True)
    revoked_at = models.DateTimeField("收回时间", null=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class Answered(models.Model):
    """The answer to a POST with an Idempotency-Key: the same key asks again, the same answer comes, nothing is done twice."""

    token = models.ForeignKey(Token, models.CASCADE, related_name="answers")
    key = models.CharField(max_length=80)
    request_digest = models.CharField(max_length=64)
    status = models.SmallIntegerField(null=True, help_text="空：还在处理")
    answer = models.JSONField(null=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    process = models.CharField(max_length=80, blank=True, help_text="正在处理的进程：主机:进程号:启动时刻")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="api_key_once")]
