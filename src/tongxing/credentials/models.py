"""Signing keys, lists of revoked credentials, photos of holders."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.certificates.models import Certificate
from tongxing.files.models import StoredFile
from tongxing.registry.models import Person
from tongxing.registry.models.fields import VaultColumn


class KeyState(models.TextChoices):
    CURRENT = "current", "在用"
    RETIRED = "retired", "已停用，原来签的仍可核验"
    WITHDRAWN = "withdrawn", "已撤销，签的一律不再采信"


MOVES = {"rotate": (KeyState.CURRENT, KeyState.RETIRED), "withdraw": (KeyState.RETIRED, KeyState.WITHDRAWN)}
"""Act → state before, state after. A current key is first rotated, so that signing never stands still."""


class SigningKey(models.Model):
    """An Ed25519 key of this installation. The private half is sealed by the vault: the database backup and the escrowed key ring hold it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kid = models.CharField("密钥编号", max_length=16, unique=True)
    public = models.CharField("公钥", max_length=60)
    private_sealed = VaultColumn("私钥")
    state = models.CharField("状态", max_length=10, choices=KeyState.choices, default=KeyState.CURRENT)
    since = models.DateTimeField("启用时间", default=timezone.now)
    ended_at = models.DateTimeField("停用时间", null=True, blank=True)
    reason = models.CharField("停用原因", max_length=200, blank=True)

    class Meta:
        ordering = ["-since", "-id"]
        verbose_name = "签名密钥"
        indexes = [models.Index(fields=["since", "id"], name="credentials_key_since")]
        constraints = [models.UniqueConstraint(fields=["state"], condition=Q(state="current"), name="credentials_one_current_key")]

    def __str__(self) -> str:
        return self.kid


class StatusList(models.Model):
    """A Bitstring Status List (W3C): one bit for each credential that names it."""

    number = models.PositiveIntegerField("编号", unique=True)
    is_open = models.BooleanField("仍在分配", default=True)
    document = models.TextField("签名清单", blank=True)
    basis = models.CharField(max_length=64, blank=True, editable=False, help_text="签名清单所依据内容的摘要")
    signed_at = models.DateTimeField("签发时间", null=True, blank=True)

    class Meta:
        ordering = ["number"]
        verbose_name = "状态清单"
        constraints = [models.UniqueConstraint(fields=["is_open"], condition=Q(is_open=True), name="credentials_one_open_list")]

    def __str__(self) -> str:
        return f"状态清单 {self.number}"


class StatusEntry(models.Model):
    """The place of a certificate's credential in a list. Once published as revoked it stays so; a certificate that is valid again gets another."""

    list = models.ForeignKey(StatusList, models.PROTECT, related_name="entries")
    index = models.PositiveIntegerField("位置")
    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="+", verbose_name="证书", db_index=False)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ended_at = models.DateTimeField("列为失效的时间", null=True, blank=True)
    created_at = models.DateTimeField("分配时间", default=timezone.now)

    class Meta:
        ordering = ["id"]
        verbose_name = "状态位置"
        indexes = [models.Index(fields=["certificate"], name="credentials_entry_of")]
        constraints = [
            models.UniqueConstraint(fields=["list", "index"], name="credentials_index_once"),
            models.UniqueConstraint(fields=["certificate"], condition=Q(ended_at=None), name="credentials_one_standing"),
        ]


class Photo(models.Model):
    """A holder's photo as it is printed: cut, made anew without the camera's notes. The latest holds."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="人员", db_index=False)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="照片", db_index=False)
    set_by = models.CharField("录入人", max_length=60)
    set_at = models.DateTimeField("录入时间", default=timezone.now)

    class Meta:
        ordering = ["-id"]
        verbose_name = "证件照片"
        indexes = [
            models.Index(fields=["person", "-id"], name="credentials_photo_of"),
            models.Index(fields=["file"], name="credentials_photo_file"),
        ]
