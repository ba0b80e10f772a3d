"""The append-only log. Entries are written by acts in their own transaction; a job seals them into blocks (design §4.6)."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q


class EntryQuerySet(models.QuerySet["Entry"]):
    def visible_to(self, user: Any) -> Self:
        """Auditors and administrators read the entries of their areas, and those without an area when they hold the whole programme."""
        scope = user.scope("audit.view") if user.is_authenticated else None
        if not scope:
            return self.none()
        query = scope.as_q("area_code")
        if scope.covers(settings.PROGRAMME_AREA):
            query |= Q(area_code=None)
        return self.filter(query)


class Entry(models.Model):
    at = models.DateTimeField("时间", db_index=True)
    actor_id = models.BigIntegerField("操作人编号", null=True, db_index=True)
    actor_name = models.CharField("操作人", max_length=60)
    on_behalf_of = models.CharField("代", max_length=60, blank=True)
    act = models.CharField("操作", max_length=60, db_index=True)
    object_type = models.CharField("对象类别", max_length=40)
    object_id = models.CharField("对象编号", max_length=40)
    object_label = models.CharField("对象", max_length=200)
    area_code = models.BigIntegerField("区划", null=True, db_index=True)
    before = models.JSONField("之前", null=True)
    after = models.JSONField("之后", null=True)
    reason = models.CharField("理由", max_length=500, blank=True)
    request_id = models.CharField(max_length=32, blank=True)
    block = models.ForeignKey("Block", models.PROTECT, null=True, related_name="entries")

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["object_type", "object_id", "-id"], name="audit_of_object"),
            # The sealing job asks for these every minute; the log itself may hold millions.
            models.Index(fields=["id"], name="audit_unsealed", condition=Q(block=None)),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.act} {self.object_label}"


class Block(models.Model):
    """A sealed run of entries: its hash covers the entries, their number and the block before."""

    number = models.BigIntegerField("区块", primary_key=True)
    sealed_at = models.DateTimeField("封存时间")
    entry_count = models.IntegerField("条数")
    digests = models.JSONField(default=list)
    """[[entry id, first 16 digits of its digest], …]: names the altered entry; the hash, not this list, is the proof."""
    previous_hash = models.CharField("上一区块", max_length=64)
    hash = models.CharField("校验值", max_length=64, unique=True)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"区块 {self.number}"
