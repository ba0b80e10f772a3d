"""People (人员): one person once. ID number and phone are sealed; a blind index finds and forbids doubles."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.core.vault import mask, masked_within

from .fields import VaultColumn
from .organisations import Organisation


class IdType(models.TextChoices):
    RESIDENT = "resident", "居民身份证"
    PASSPORT = "passport", "护照"
    HK_MACAU = "hk_macau", "港澳居民来往内地通行证"
    TAIWAN = "taiwan", "台湾居民来往大陆通行证"
    RESIDENCE = "residence", "港澳台居民居住证"
    FOREIGN = "foreign", "外国人永久居留身份证"


class Sex(models.IntegerChoices):
    """GB/T 2261.1."""

    UNKNOWN = 0, "未知"
    MALE = 1, "男"
    FEMALE = 2, "女"
    UNSTATED = 9, "未说明"


class Education(models.TextChoices):
    """GB/T 4658-2006, two-digit classes."""

    POSTGRADUATE = "10", "研究生"
    BACHELOR = "20", "大学本科"
    COLLEGE = "30", "大学专科"
    VOCATIONAL = "40", "中等职业教育"
    HIGH_SCHOOL = "60", "普通高中"
    JUNIOR = "70", "初中"
    PRIMARY = "80", "小学"
    OTHER = "90", "其他"


class Politics(models.TextChoices):
    """GB/T 4762, the classes that rosters use."""

    PARTY = "01", "中共党员"
    PROBATIONARY = "02", "中共预备党员"
    LEAGUE = "03", "共青团员"
    DEMOCRATIC = "04", "民主党派"
    INDEPENDENT = "12", "无党派人士"
    MASSES = "13", "群众"


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        query = user.scope("registry.view").as_q("area_id")
        if user.person_id and user.may("registry.own_record"):
            query |= Q(id=user.person_id)
        if own := user.scope("registry.own_organisation").organisations:
            query |= Q(coordinator__postings__organisation_id__in=own, coordinator__postings__until=None)
            return self.filter(query).distinct()
        return self.filter(query)

    def standing(self) -> Self:
        return self.filter(merged_into=None)


class Person(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField("姓名", max_length=64)
    id_type = models.CharField("证件类型", max_length=10, choices=IdType.choices, default=IdType.RESIDENT)
    id_number_sealed = VaultColumn("证件号码")
    id_index = models.CharField(max_length=32, unique=True, null=True, editable=False)
    sex = models.SmallIntegerField("性别", choices=Sex.choices, default=Sex.UNKNOWN)
    born_on = models.DateField("出生日期", null=True, blank=True)
    phone_sealed = VaultColumn("手机号")
    phone_index = models.CharField(max_length=32, blank=True, editable=False)
    education = models.CharField("学历", max_length=2, choices=Education.choices, blank=True)
    politics = models.CharField("政治面貌", max_length=2, choices=Politics.choices, blank=True)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="所属区划")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="并入", db_index=False)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = PersonQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [
            # Look-ups by name and phone; and likely doubles, which are counted from these two alone.
            models.Index(fields=["name", "born_on", "merged_into", "area"], name="registry_person_name_born"),
            models.Index(fields=["phone_index", "merged_into", "area"], name="registry_person_phone"),
            # Almost all stand: an index of those that do not keeps the planner from starting with "not merged".
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="registry_person_merged"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def area_code(self) -> int:
        return self.area_id

    @property
    def id_number(self) -> str:
        """In clear: only for acts and for reveals that leave a read entry."""
        return VaultColumn.open(self, "id_number_sealed")

    @property
    def id_masked(self) -> str:
        return mask(self.id_number)

    @property
    def phone(self) -> str:
        return VaultColumn.open(self, "phone_sealed")

    @property
    def phone_masked(self) -> str:
        return mask(self.phone, 3, 4)


class NotDuplicate(models.Model):
    """Two people whom somebody looked at and found to be two."""

    first = models.ForeignKey(Person, models.CASCADE, related_name="+")
    second = models.ForeignKey(Person, models.CASCADE, related_name="+")
    by = models.CharField(max_length=60)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["first", "second"], name="registry_pair_once")]


class RecordConfirmationQuerySet(models.QuerySet["RecordConfirmation"]):
    def visible_to(self, user: Any) -> Self:
        scope = user.scope("registry.view") if user.is_authenticated else None
        return self.filter(scope.as_q("person__area_id") | scope.as_q("organisation__area_id", "organisation_id")) if scope else self.none()


class RecordConfirmation(models.Model):
    """The yearly "confirm my record" of a person or an organisation."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="confirmations")
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, blank=True, related_name="confirmations")
    year = models.SmallIntegerField()
    by = models.CharField(max_length=60)
    at = models.DateTimeField(default=timezone.now)
    remark_sealed = VaultColumn("需要更正的内容", help_text="常常写着新的手机号或证件号，所以加密保存")

    objects = RecordConfirmationQuerySet.as_manager()

    class Meta:
        verbose_name = "年度核实"
        indexes = [models.Index(fields=["year", "organisation"], name="registry_confirmed_in_year")]

    @property
    def subject(self) -> Person | Organisation:
        """Whose record was confirmed."""
        found = self.person or self.organisation
        assert found is not None  # each confirmation is of one of them
        return found

    @property
    def remark(self) -> str:
        """In clear: only for acts and for reveals that leave a read entry."""
        return VaultColumn.open(self, "remark_sealed")

    @property
    def remark_masked(self) -> str:
        """As pages show it: numbers of people stand with their middle hidden."""
        return masked_within(self.remark)

    @property
    def hides(self) -> bool:
        """Whether the page holds something back that a reveal would show."""
        return self.remark != self.remark_masked


class ConfirmationReminder(models.Model):
    """One round of asking an organisation to confirm its record."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="confirmation_reminders")
    year = models.SmallIntegerField()
    at = models.DateTimeField(default=timezone.now)
    by = models.CharField(max_length=60)

    class Meta:
        verbose_name = "核实提醒"
        indexes = [models.Index(fields=["organisation", "year"], name="registry_reminded_in_year")]
