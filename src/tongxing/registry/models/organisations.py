"""Organisations (单位): enterprises, the other seven hosts of notice:1.2, training providers, assessment bodies, grass-roots offices."""

import uuid
from datetime import date
from typing import Any, NamedTuple, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.core.columns import Filled
from tongxing.core.identifiers import clean_credit_code
from tongxing.core.vault import mask

from .fields import VaultColumn


class OrganisationKind(models.TextChoices):
    """The eight hosts of notice:1.2, then bodies that the programme works with."""

    ENTERPRISE = "enterprise", "企业"
    MEDIATION = "mediation", "调解机构"
    TRIPARTITE = "tripartite", "三方机构"
    UNION = "union", "地方行业工会"
    ASSOCIATION = "association", "协会"
    HR_AGENCY = "hr_agency", "人力资源服务机构"
    LEGAL_AGENCY = "legal_agency", "法律服务机构"
    SOCIAL = "social", "其他协调劳动关系社会组织"
    TRAINING = "training", "培训机构"
    ASSESSMENT = "assessment", "评价机构"
    GRASSROOTS = "grassroots", "镇街、园区机构"
    OTHER = "other", "其他单位"


class Party(models.TextChoices):
    """Which party of the tripartite mechanism a body is (notice:2.2)."""

    HR = "hr", "人社部门"
    UNION = "union", "工会"
    FEDERATION = "federation", "工商联"
    ENTERPRISES = "enterprises", "企业联合会"


class Size(models.TextChoices):
    """国统字〔2017〕213号. UNKNOWN: figures missing; UNCLASSIFIED: the table does not reach this industry."""

    LARGE = "large", "大型"
    MEDIUM = "medium", "中型"
    SMALL = "small", "小型"
    MICRO = "micro", "微型"
    UNKNOWN = "unknown", "数据不全"
    UNCLASSIFIED = "unclassified", "不划型"


class OrganisationStatus(models.TextChoices):
    OPERATING = "operating", "在营"
    SUSPENDED = "suspended", "停业"
    CLOSED = "closed", "注销"
    REVOKED = "revoked", "吊销"
    MOVED = "moved", "迁出"


ENDED = frozenset({OrganisationStatus.CLOSED, OrganisationStatus.REVOKED, OrganisationStatus.MOVED})
STANDING = frozenset({OrganisationStatus.OPERATING, OrganisationStatus.SUSPENDED})


class StatusMove(NamedTuple):
    """One way from status to status; `ends` closes postings and assignments with it."""

    label: str
    sources: frozenset[OrganisationStatus]
    target: OrganisationStatus

    @property
    def ends(self) -> bool:
        return self.target in ENDED


STATUS_MOVES: tuple[StatusMove, ...] = (
    StatusMove("停业", frozenset({OrganisationStatus.OPERATING}), OrganisationStatus.SUSPENDED),
    StatusMove("恢复营业", ENDED | {OrganisationStatus.SUSPENDED}, OrganisationStatus.OPERATING),
    StatusMove("注销", STANDING, OrganisationStatus.CLOSED),
    StatusMove("吊销", STANDING, OrganisationStatus.REVOKED),
    StatusMove("迁出", STANDING, OrganisationStatus.MOVED),
)


class Service(models.TextChoices):
    """What a social organisation offers (notice:1.4)."""

    SURVEY = "survey", "和谐劳动关系与薪酬分配调查研究"
    LAW = "law", "法律法规政策宣传咨询"
    CONTRACTS = "contracts", "劳动用工和劳动合同管理"
    STANDARDS = "standards", "劳动标准和规章制度"
    BARGAINING = "bargaining", "薪酬分配和集体协商指导"
    ANALYSIS = "analysis", "劳动关系形势分析"
    DISPUTES = "disputes", "劳动争议预防和调处"
    COUNSELLING = "counselling", "心理疏导"


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def visible_to(self, user: Any) -> Self:
        scope = user.scope("registry.view") if user.is_authenticated else None
        own = user.scope("registry.own_organisation").organisations if user.is_authenticated else frozenset()
        query = scope.as_q("area_id", "id") if scope else Q(pk__in=[])
        return self.filter(query | Q(id__in=own)) if own else self.filter(query)

    def standing(self) -> Self:
        """Not merged into another record."""
        return self.filter(merged_into=None)

    def unplaced_on(self, day: date) -> Self:
        """Those that wait to be placed: known only down to their county, or standing in a street or town that has ended."""
        # In no order: for that of the codes SQLite would rather read all areas than the index of those that ended.
        ended = list(Area.objects.filter(valid_until__lte=day).order_by().values_list("code", flat=True))
        waiting = Q(unplaced=True) | Q(area_id__in=ended) if ended else Q(unplaced=True)
        return self.standing().filter(waiting)

    def operating_on(self, day: date) -> Self:
        return self.filter(operates(day))


def operates(day: date, prefix: str = "") -> Q:
    """Existing on the day and not merged away, seen from a row that `prefix` leads to the organisation from ("organisation__").

    One that ended and was reopened later is left out for the days between.
    """
    ended, began = f"{prefix}ended_on", f"{prefix}began_on"
    query = Q(**{f"{prefix}merged_into": None})
    query &= Q(**{ended: None}) | Q(**{f"{ended}__gt": day})
    query &= Q(**{began: None}) | Q(**{f"{began}__lte": day})
    if day >= timezone.localdate():
        return query
    away = PastEnd.objects.filter(since__lte=day, until__gte=day)
    return query & ~Q(**{f"{prefix}pk__in": away.values("organisation_id")})


class Organisation(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    credit_code = models.CharField("统一社会信用代码", max_length=18, unique=True, null=True, blank=True)
    no_code_reason = models.CharField("无代码原因", max_length=100, blank=True)
    name = models.CharField("单位名称", max_length=128)
    name_key = models.CharField(max_length=128, db_index=True, editable=False, help_text="去掉空格和括号差异后的名称，用于查重")
    kind = models.CharField("单位类别", max_length=12, choices=OrganisationKind.choices)
    party = models.CharField("三方身份", max_length=12, choices=Party.choices, blank=True)
    is_training_provider = models.BooleanField("兼培训机构", default=False)
    is_assessment_body = models.BooleanField("兼评价机构", default=False)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="所属镇街", db_index=False)
    unplaced = models.BooleanField("未归属", default=False, help_text="只知道到县一级，等待归属到镇街")
    address = models.CharField("地址", max_length=200, blank=True)
    industry = models.CharField("行业代码", max_length=5, blank=True, help_text="GB/T 4754-2017，门类字母或 2–4 位数字")
    employees = models.IntegerField("从业人员数", null=True, blank=True)
    revenue = models.DecimalField("营业收入（万元）", max_digits=16, decimal_places=2, null=True, blank=True)
    assets = models.DecimalField("资产总额（万元）", max_digits=16, decimal_places=2, null=True, blank=True)
    figures_year = models.SmallIntegerField("数据年度", null=True, blank=True)
    size = models.CharField("规模", max_length=12, choices=Size.choices, default=Size.UNKNOWN, help_text="生效的划型：人工认定优先")
    size_by_rule = models.CharField("按标准划型", max_length=12, choices=Size.choices, default=Size.UNKNOWN)
    size_since = models.DateField("划型起始日", null=True, blank=True)
    size_override = models.CharField("人工认定规模", max_length=12, choices=Size.choices, blank=True)
    size_override_reason = models.CharField("认定理由", max_length=200, blank=True)
    size_override_by = models.CharField("认定人", max_length=60, blank=True)
    status = models.CharField("状态", max_length=12, choices=OrganisationStatus.choices, default=OrganisationStatus.OPERATING)
    began_on = models.DateField("成立日期", null=True, blank=True)
    ended_on = models.DateField("终止日期", null=True, blank=True, help_text="这一天起不再计入")
    registration_authority = models.CharField("登记管理机关", max_length=60, blank=True)
    legal_representative = models.CharField("法定代表人", max_length=60, blank=True)
    contact_name = models.CharField("联系人", max_length=60, blank=True)
    contact_phone_sealed = VaultColumn("联系电话")
    confirmed_on = models.DateField("最近核实", null=True, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="并入", db_index=False)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [
            # Figures by area are counted from this index alone (targets.counting); it serves the foreign key too.
            models.Index(fields=["area", "kind", "size", "merged_into", "began_on", "ended_on"], name="registry_org_area_kind_size"),
            models.Index(fields=["kind", "area", "id"], name="registry_org_kind_area"),
            models.Index(fields=["name", "id"], name="registry_org_name"),
            # Almost all stand: an index of those that do not keeps the planner from starting with "not merged".
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="registry_org_merged"),
            models.Index(fields=["created_at"], name="registry_org_created"),
            # Filters of the list whose rare values would otherwise be looked for in every row.
            models.Index(fields=["size"], name="registry_org_size"),
            models.Index(fields=["status"], name="registry_org_status"),
            models.Index(fields=["industry"], name="registry_org_industry"),
            models.Index(fields=["party"], name="registry_org_party"),
            models.Index(fields=["area"], condition=Q(unplaced=True), name="registry_org_unplaced"),
            # The few tripartite bodies among millions: figures of notice:2.2 look only here.
            models.Index(fields=["area"], condition=Q(Filled("party")), name="registry_org_party_area"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(employees=None) | Q(employees__gte=0), name="registry_org_employees"),
            models.CheckConstraint(condition=Q(revenue=None) | Q(revenue__gte=0), name="registry_org_revenue"),
            models.CheckConstraint(condition=Q(assets=None) | Q(assets__gte=0), name="registry_org_assets"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def area_code(self) -> int:
        return self.area_id

    @property
    def contact_phone(self) -> str:
        return VaultColumn.open(self, "contact_phone_sealed")

    @property
    def contact_phone_masked(self) -> str:
        return mask(self.contact_phone, 3, 4)

    def clean(self) -> None:
        if self.credit_code:
            self.credit_code = clean_credit_code(self.credit_code)
        elif not self.no_code_reason:
            raise ValidationError({"no_code_reason": "没有统一社会信用代码时，请写明原因。"})


class PastSize(models.Model):
    """A size class that no longer holds: written when the class changes, so that past days stay right."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="past_sizes")
    size = models.CharField(max_length=12, choices=Size.choices)
    since = models.DateField(null=True)
    until = models.DateField(help_text="最后一天，含当天")


class PastArea(models.Model):
    """Where an organisation belonged before it moved, so that past days count it where it was. No row: it has always been where it is."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="past_areas")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    since = models.DateField(null=True, help_text="空：登记以来")
    until = models.DateField(db_index=True, help_text="最后一天，含当天")

    class Meta:
        ordering = ["until", "id"]
        verbose_name = "以前的区划"


class PastEnd(models.Model):
    """A stretch in which an organisation had ended (注销, 吊销, 迁出) before it was reopened; both days included."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="past_ends")
    since = models.DateField()
    until = models.DateField(db_index=True)

    class Meta:
        ordering = ["until", "id"]
        verbose_name = "以前的终止"


class OrganisationService(models.Model):
    """One of the eight services of notice:1.4 that an organisation offers."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="services")
    service = models.CharField("服务", max_length=12, choices=Service.choices)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["organisation", "service"], name="registry_service_once")]


class OrganisationContact(models.Model):
    """A further contact beside the main one."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="contacts")
    name = models.CharField("姓名", max_length=60)
    job = models.CharField("职务", max_length=60, blank=True)
    phone_sealed = VaultColumn("电话")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    @property
    def phone(self) -> str:
        return VaultColumn.open(self, "phone_sealed")

    @property
    def phone_masked(self) -> str:
        return mask(self.phone, 3, 4)
