"""Frozen reports: figures and lists as of a day, never changing afterwards."""

import hashlib
import uuid
from typing import Any, Self

from django.db import models
from django.utils import timezone

from tongxing.core.errors import Refused

FROZEN = "定格报告不能修改或删除。如数据有变化，请按新的日期另出一份报告。"


class FrozenReportQuerySet(models.QuerySet["FrozenReport"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(user.scope("targets.view").as_q("area_code")) if user.is_authenticated else self.none()

    def update(self, **kwargs: Any) -> int:
        raise Refused(FROZEN, code="frozen")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise Refused(FROZEN, code="frozen")


class FrozenReport(models.Model):
    """`content` is canonical JSON as text, so that its hash is the same on every database; a trigger forbids changes behind the model."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField("编号", max_length=40, unique=True)
    title = models.CharField("标题", max_length=120)
    area_code = models.BigIntegerField("区划", db_index=True)
    area_name = models.CharField("区划名称", max_length=120)
    day = models.DateField("截至")
    content = models.TextField()
    sha256 = models.CharField("校验值", max_length=64)
    made_by = models.CharField("出具人", max_length=60)
    made_at = models.DateTimeField("出具时间", default=timezone.now)

    objects = FrozenReportQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-id"]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Refused(FROZEN, code="frozen")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise Refused(FROZEN, code="frozen")

    @property
    def is_intact(self) -> bool:
        return hashlib.sha256(self.content.encode()).hexdigest() == self.sha256
