"""Issued papers: what was said, under which number, and the hash of every file that was made of it."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone


class Format(models.TextChoices):
    PDF = "pdf", "PDF"
    WORD = "docx", "Word"
    EXCEL = "xlsx", "Excel"


class PaperQuerySet(models.QuerySet["Paper"]):
    def visible_to(self, user: Any) -> Self:
        """Papers of the areas for which the user may make papers."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(user.scope("papers.make").as_q("area_code"))


class Paper(models.Model):
    """One issued document. `content` is the canonical form that `digest` covers; it never changes."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField("编号", max_length=30, unique=True)
    title = models.CharField("标题", max_length=200)
    kind = models.CharField("类别", max_length=40)
    area_code = models.BigIntegerField("区划", db_index=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="出具人")
    made_by_name = models.CharField("出具人姓名", max_length=60)
    made_at = models.DateTimeField("出具时间", default=timezone.now)
    digest = models.CharField("内容摘要", max_length=64)
    content = models.JSONField("内容")

    objects = PaperQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "文书"

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Copy(models.Model):
    """A file that was made of a paper. Word files differ from print to print, so each one's hash is kept."""

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="copies")
    format = models.CharField("格式", max_length=4, choices=Format.choices)
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    size = models.BigIntegerField("大小")
    made_at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["paper", "format", "sha256"], name="papers_copy_once")]


class NumberSeries(models.Model):
    """The last number given in a year; updated inside the transaction that issues, so that no number is given twice or lost."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)
