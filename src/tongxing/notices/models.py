"""Notices to users and letters by e-mail."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.accounts.models import User


class Kind(models.TextChoices):
    INFO = "info", "通知"
    TODO = "todo", "待办"
    WARNING = "warning", "提醒"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: Any) -> Self:
        """One's own only."""
        return self.filter(user=user) if user.is_authenticated and user.may("notices.use") else self.none()

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def open_todos(self) -> Self:
        return self.filter(Q(kind=Kind.TODO) | Q(due_on__isnull=False), done_at=None)


class Notice(models.Model):
    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name="收件人")
    kind = models.CharField("类别", max_length=12, choices=Kind.choices, default=Kind.INFO)
    title = models.CharField("标题", max_length=120)
    body = models.TextField("内容", blank=True)
    url = models.CharField("去处", max_length=300, blank=True)
    due_on = models.DateField("办理期限", null=True, blank=True)
    created_at = models.DateTimeField("时间", default=timezone.now)
    read_at = models.DateTimeField("已读时间", null=True, blank=True)
    done_at = models.DateTimeField("办结时间", null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["user", "read_at", "-id"], name="notices_of_user")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_todo(self) -> bool:
        return self.kind == Kind.TODO or self.due_on is not None

    def is_overdue(self, on: date | None = None) -> bool:
        return self.due_on is not None and self.done_at is None and self.due_on < (on or timezone.localdate())


class LetterState(models.TextChoices):
    WAITING = "waiting", "待发送"
    SENDING = "sending", "发送中"
    SENT = "sent", "已发送"
    FAILED = "failed", "发送失败"


# state -> act -> next state; `resend` is the administrator's, the others the worker's.
LETTER_MOVES = {
    LetterState.WAITING: {"claim": LetterState.SENDING},
    LetterState.SENDING: {"sent": LetterState.SENT, "later": LetterState.WAITING, "give_up": LetterState.FAILED},
    LetterState.SENT: {"resend": LetterState.WAITING},
    LetterState.FAILED: {"resend": LetterState.WAITING},
}


class LetterQuerySet(models.QuerySet["Letter"]):
    def visible_to(self, user: Any) -> Self:
        """Letters of the areas administered; those without an area belong to the whole programme."""
        scope = user.scope("notices.outbox") if user.is_authenticated else None
        if not scope:
            return self.none()
        query = scope.as_q("area_code")
        if scope.covers(settings.PROGRAMME_AREA):
            query |= Q(area_code=None)
        return self.filter(query)

    def due(self, now: Any) -> Self:
        return self.filter(state=LetterState.WAITING, next_try_at__lte=now)


class Letter(models.Model):
    to = models.EmailField("收件邮箱")
    subject = models.CharField("主题", max_length=200)
    body = models.TextField("正文")
    area_code = models.BigIntegerField("区划", null=True, blank=True, db_index=True)
    state = models.CharField("状态", max_length=12, choices=LetterState.choices, default=LetterState.WAITING)
    attempts = models.PositiveSmallIntegerField("已试次数", default=0)
    next_try_at = models.DateTimeField("下次发送", default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField("失败原因", max_length=300, blank=True)
    queued_by = models.CharField("发起人", max_length=60)
    created_at = models.DateTimeField("时间", default=timezone.now)
    sent_at = models.DateTimeField("发送时间", null=True, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "next_try_at"], name="notices_letters_due")]

    def __str__(self) -> str:
        return self.subject
