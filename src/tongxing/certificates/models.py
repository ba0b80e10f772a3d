"""The register of certificates (证书): 22-character skill-level certificates and the 16-digit ones before them (facts §2)."""

import uuid
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.registry.models import Organisation, Person


class Level(models.IntegerChoices):
    """The four skill levels of notice:1.3; level 1 is the highest."""

    FIRST = 1, "一级/高级劳动关系协调师"
    SECOND = 2, "二级/劳动关系协调师"
    THIRD = 3, "三级/劳动关系协调员"
    FOURTH = 4, "四级/劳动关系协调员"


class CertificateKind(models.TextChoices):
    SKILL_LEVEL = "skill_level", "职业技能等级证书"
    QUALIFICATION = "qualification", "职业资格证书"


class CertificateStatus(models.TextChoices):
    VALID = "valid", "有效"
    REPLACED = "replaced", "已换发"
    VOID = "void", "作废"


class EndGround(models.TextChoices):
    """Why a certificate ended, in classes that may be told to anybody; what the officer wrote stays inside."""

    REPLACED = "replaced", "换发新证"
    MISTAKE = "mistake", "登记或发证有误"
    IMPROPER = "improper", "不符合条件或以不正当手段取得"
    HOLDER = "holder", "持证人申请注销"
    OTHER = "other", "其他原因"


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        query = user.scope("certificates.view").as_q("person__area_id")
        if user.person_id and user.may("registry.own_record"):
            query |= Q(person_id=user.person_id)
        return self.filter(query)

    def valid_on(self, day: date) -> Self:
        """Issued by that day and not yet void or replaced."""
        return self.filter(Q(status=CertificateStatus.VALID) | Q(status_on__gt=day), issued_on__lte=day)


class Certificate(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="持证人", db_index=False)
    number = models.CharField("证书编号", max_length=24, unique=True)
    kind = models.CharField("证书种类", max_length=14, choices=CertificateKind.choices)
    occupation = models.CharField("职业", max_length=60, default="劳动关系协调员")
    level = models.SmallIntegerField("等级", choices=Level.choices)
    issued_on = models.DateField("发证日期")
    body_name = models.CharField("评价机构", max_length=128, blank=True)
    body = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="评价机构（登记）", db_index=False
    )
    status = models.CharField("状态", max_length=10, choices=CertificateStatus.choices, default=CertificateStatus.VALID)
    status_reason = models.CharField("状态原因", max_length=200, blank=True)
    status_ground = models.CharField("原因类别", max_length=10, choices=EndGround.choices, blank=True)
    status_on = models.DateField("状态日期", null=True, blank=True)
    replaced_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="换发为", db_index=False)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_on", "-id"]
        indexes = [
            models.Index(fields=["person", "level", "issued_on"], name="certificates_of_person"),
            models.Index(fields=["issued_on", "id"], name="certificates_issued"),
            models.Index(fields=["created_at"], name="certificates_created"),
            # Few certificates name either.
            models.Index(fields=["body"], name="certificates_body", condition=Q(body__isnull=False)),
            models.Index(fields=["replaced_by"], name="certificates_replaced", condition=Q(replaced_by__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def public_ground(self) -> str:
        """Why it ended, as anybody may read it; empty for one that is valid."""
        if self.status == CertificateStatus.REPLACED:
            return str(EndGround.REPLACED.label)
        return self.get_status_ground_display() or ("未说明" if self.status == CertificateStatus.VOID else "")


class NationalCheck(models.Model):
    """ "Checked at the national site on … by …": there is no public interface, so a person looks and writes down what was seen."""

    certificate = models.ForeignKey(Certificate, models.CASCADE, related_name="national_checks")
    checked_on = models.DateField("查询日期", default=timezone.localdate)
    by = models.CharField("查询人", max_length=60)
    found = models.BooleanField("查到且一致")
    remark = models.CharField("说明", max_length=200, blank=True)
    file_id = models.BigIntegerField("截图", null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-checked_on", "-id"]


class BodyFiling(models.Model):
    """The filing number of an assessment body (评价机构备案号): the first 13 characters of every certificate it issues (facts §2)."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="评价机构")
    number = models.CharField("备案号", max_length=13, unique=True)
    since = models.DateField("备案日期", null=True, blank=True)
    until = models.DateField("备案到期", null=True, blank=True, help_text="含当天")

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return self.number
