"""Applications (报名) to a batch, the typed facts that entry conditions ask for (facts §1), and the evidence for them."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.certificates.models import Certificate
from tongxing.registry.models import Organisation, Person, Posting

from .batches import AssessmentBatch


class School(models.TextChoices):
    """Kind of school, as the conditions of 2019 tell them apart."""

    NONE = "none", "无或不适用"
    TECHNICAL = "technical", "技工学校"
    VOCATIONAL = "vocational", "中等职业学校"
    ADVANCED_TECHNICAL = "advanced_technical", "高级技工学校、技师学院"
    HIGHER_VOCATIONAL = "higher_vocational", "高等职业学校"
    COLLEGE = "college", "大学专科"
    BACHELOR = "bachelor", "大学本科"
    MASTER = "master", "硕士及以上"


class Schooling(models.TextChoices):
    NONE = "none", "不以学历申报"
    GRADUATED = "graduated", "已毕业（含应届）"
    ENROLLED = "enrolled", "在校"


class ApplicationState(models.TextChoices):
    SUBMITTED = "submitted", "待审核"
    ACCEPTED = "accepted", "审核通过"
    RETURNED = "returned", "退回补正"
    REJECTED = "rejected", "审核不通过"
    WITHDRAWN = "withdrawn", "已撤回"


class AppliedBy(models.TextChoices):
    SELF = "self", "本人"
    AGENT = "agent", "单位经办"
    OFFICER = "officer", "评价机构或经办"


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, user: Any) -> Self:
        """Those of the batches one may see, one's own, and those of the people who hold a post at the agent's organisation."""
        if not user.is_authenticated:
            return self.none()
        query = user.scope("evaluation.view").as_q("batch__area_id", "batch__filing__organisation_id")
        if user.person_id and user.may("registry.own_record"):
            query |= Q(person_id=user.person_id)
        if own := user.scope("registry.own_organisation").organisations:
            posted = Posting.objects.filter(organisation_id__in=own, until=None).values("coordinator__person_id")
            query |= Q(organisation_id__in=own) | Q(person_id__in=posted)
        return self.filter(query)

    def standing(self) -> Self:
        return self.exclude(state=ApplicationState.WITHDRAWN)


class Application(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.ForeignKey(AssessmentBatch, models.PROTECT, related_name="applications", verbose_name="批次")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="报名人")
    applied_by = models.CharField("报名方式", max_length=8, choices=AppliedBy.choices)
    applied_name = models.CharField("填报人", max_length=60)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="填报单位", db_index=False
    )
    years = models.PositiveSmallIntegerField("从事本职业或相关职业年限", default=0)
    school = models.CharField("学校类别", max_length=20, choices=School.choices, default=School.NONE)
    schooling = models.CharField("就读情况", max_length=10, choices=Schooling.choices, default=Schooling.NONE)
    related_field = models.BooleanField("本专业或相关专业", default=False)
    reserve_technician = models.BooleanField("有预备技师证书", default=False)
    state = models.CharField("状态", max_length=10, choices=ApplicationState.choices, default=ApplicationState.SUBMITTED)
    eligible = models.BooleanField("符合申报条件", default=False)
    decision = models.JSONField("判断依据", default=dict, help_text="规则的回答：理由、事实、条款，作出时的原样")
    rule_version = models.CharField("规则版本", max_length=40, blank=True)
    resting_on = models.ForeignKey(
        Certificate, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="所依据的原证书", db_index=False
    )
    takes_theory = models.BooleanField("考理论", default=True)
    takes_practice = models.BooleanField("考技能", default=True)
    takes_review = models.BooleanField("参加综合评审", default=False)
    note = models.CharField("审核意见", max_length=300, blank=True)
    checked_by = models.CharField("审核人", max_length=60, blank=True)
    checked_at = models.DateTimeField("审核时间", null=True, blank=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField("报名时间", default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = "报名"
        indexes = [
            models.Index(fields=["batch", "state"], name="evaluation_app_state"),
            models.Index(fields=["organisation"], name="evaluation_app_org", condition=Q(organisation__isnull=False)),
            models.Index(fields=["resting_on"], name="evaluation_app_rests", condition=Q(resting_on__isnull=False)),
        ]
        constraints = [models.UniqueConstraint(fields=["batch", "person"], name="evaluation_applied_once")]

    def __str__(self) -> str:
        return f"{self.person.name}：{self.batch}"


class EvidenceKind(models.TextChoices):
    PHOTO = "photo", "照片"
    IDENTITY = "identity", "证件"
    WORK = "work", "工作年限证明"
    DIPLOMA = "diploma", "毕业证书或学籍证明"
    CERTIFICATE = "certificate", "原证书"
    OTHER = "other", "其他"


class Evidence(models.Model):
    """A file that supports an application."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="evidence")
    kind = models.CharField("材料", max_length=12, choices=EvidenceKind.choices)
    file_id = models.BigIntegerField("文件")
    added_by = models.CharField("上传人", max_length=60)
    added_at = models.DateTimeField("上传时间", default=timezone.now)

    class Meta:
        ordering = ["id"]
        verbose_name = "报名材料"
