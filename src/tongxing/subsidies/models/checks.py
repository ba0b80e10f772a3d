"""Pre-audit (预审): lists to compare with, and what the comparison found about a claim."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.areas.models import Area


class ComparisonKind(models.TextChoices):
    """Which kind of list; who stands on it may not be paid, or must be looked at."""

    PROGRAMME = "programme", "其他补贴项目已领取人员"
    COUNTY = "county", "其他县区已领取人员"
    PAYROLL = "payroll", "财政供养人员"
    PENSION = "pension", "领取职工养老金人员"
    DECEASED = "deceased", "死亡人员"
    STUDENT = "student", "在校学生"


class ComparisonQuerySet(models.QuerySet["Comparison"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(user.scope("subsidies.view").as_q("area_id")) if user.is_authenticated else self.none()


class Comparison(models.Model):
    """An uploaded list. Of each person only a keyed digest of the ID number and the name are kept, never the number."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区划")
    kind = models.CharField("名单种类", max_length=10, choices=ComparisonKind.choices)
    source = models.CharField("来源", max_length=120)
    as_of = models.DateField("数据截至")
    rows_count = models.PositiveIntegerField("人数", default=0)
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.CharField("上传", max_length=60)
    uploaded_at = models.DateTimeField("上传时间", default=timezone.now)
    retired_on = models.DateField("停用日期", null=True, blank=True)

    objects = ComparisonQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-id"]
        indexes = [models.Index(fields=["uploaded_at", "id"], name="subsidies_comparison_up")]
        verbose_name = "比对名单"

    def __str__(self) -> str:
        return f"{self.get_kind_display()}（{self.source}，截至 {self.as_of}）"

    @property
    def area_code(self) -> int:
        return self.area_id


class Listed(models.Model):
    """One person on a comparison list."""

    comparison = models.ForeignKey(Comparison, models.CASCADE, related_name="people", db_index=False)
    id_index = models.CharField(max_length=32)
    name = models.CharField(max_length=64)
    detail = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes = [models.Index(fields=["id_index"], name="subsidies_listed_id")]
        constraints = [models.UniqueConstraint(fields=["comparison", "id_index"], name="subsidies_listed_once")]


class FindingKind(models.TextChoices):
    NOT_ENTITLED = "not_entitled", "不符合条件"
    LISTED = "listed", "比对命中"
    ACCOUNT = "account", "账号共用"
    CERTIFICATE = "certificate", "证书状态"
    NATIONAL = "national", "全国查询不一致"
    PAYROLL_HOST = "payroll_host", "任职于机关事业单位"
    SAME_PERSON = "same_person", "疑似同一人"
    TIMES = "times", "次数"
    OVERLAP = "overlap", "考勤重叠"


class Finding(models.Model):
    """Something the pre-audit saw. It stands in the way of approval until somebody clears it with a reason and somebody else agrees."""

    claim = models.ForeignKey("subsidies.Claim", models.CASCADE, related_name="findings")
    kind = models.CharField("种类", max_length=14, choices=FindingKind.choices)
    reference = models.CharField(max_length=80, help_text="与什么比出来的；同一发现只记一次")
    text = models.CharField("说明", max_length=400)
    final = models.BooleanField("不能排除", default=False, help_text="只能改正事实，不能由人排除")
    found_at = models.DateTimeField("发现时间", default=timezone.now)
    gone_at = models.DateTimeField("不再存在", null=True, blank=True)
    reason = models.CharField("排除理由", max_length=300, blank=True)
    proposed_by_id = models.BigIntegerField(null=True)
    proposed_by = models.CharField("提出排除", max_length=60, blank=True)
    cleared_by = models.CharField("复核", max_length=60, blank=True)
    cleared_at = models.DateTimeField("排除时间", null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["claim", "kind", "reference"], name="subsidies_finding_once")]
        indexes = [models.Index(fields=["claim"], condition=Q(cleared_at=None, gone_at=None), name="subsidies_finding_open")]
        verbose_name = "预审发现"

    def __str__(self) -> str:
        return self.text

    @property
    def is_open(self) -> bool:
        return self.cleared_at is None and self.gone_at is None
