"""What was uploaded or made: the row says what and whose, the bytes lie under a random name in the default storage."""

import uuid
from typing import Any, Self

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.areas.scope import Scope

from .types import TYPES


class StoredFileQuerySet(models.QuerySet["StoredFile"]):
    def visible_to(self, user: Any) -> Self:
        """One's own files, and those whose permission one holds over their area. A file without an area is its owner's alone."""
        if not user.is_authenticated or not user.may("files.use"):
            return self.none()
        held: dict[Scope, list[str]] = {}
        for permission in frozenset().union(*(grant.permissions for grant in user.current_grants)):
            held.setdefault(user.scope(permission), []).append(permission)
        query = Q(owner=user)
        for scope, permissions in held.items():
            query |= Q(opens_with__in=permissions) & scope.as_q("area_code")
        return self.filter(query)


class StoredFile(models.Model):
    uid = models.UUIDField("文件编号", default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField("文件名", max_length=200)
    stored_as = models.CharField(max_length=200, unique=True)
    size = models.BigIntegerField("大小")
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    content_type = models.CharField("类型", max_length=100)
    purpose = models.CharField("用途", max_length=60)
    opens_with = models.CharField("所需权限", max_length=60)
    area_code = models.BigIntegerField("区划", null=True, blank=True, db_index=True)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="上传人")
    created_at = models.DateTimeField("时间", default=timezone.now)

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    def open(self) -> "File[bytes]":
        """The content, to be read from the start; close it or use `with`."""
        return default_storage.open(self.stored_as, "rb")

    @property
    def may_show_inline(self) -> bool:
        ending = self.name.rpartition(".")[2].lower()
        return ending in TYPES and TYPES[ending].inline and TYPES[ending].content_type == self.content_type
