"""Public notices (公示) of claims, and the objections raised against single names."""

import uuid
from datetime import date
from typing import Any, Self

from django.db import models
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.registry.models.fields import VaultColumn


class RoundState(models.TextChoices):
    DRAFT = "draft", "待发布"
    PUBLISHED = "published", "已发布"
    WITHDRAWN = "withdrawn", "已撤下"


class RoundQuerySet(models.QuerySet["Round"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(user.scope("subsidies.view").as_q("area_id")) if user.is_authenticated else self.none()

    def on_show(self, day: date) -> Self:
        """What the public may read on a day; nobody has to take a list down."""
        return self.filter(state=RoundState.PUBLISHED, published_on__lte=day, shown_until__gte=day)


class Round(models.Model):
    """One public notice. Its list is kept as it was published."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区划")
    title = models.CharField("标题", max_length=120)
    text = models.TextField("正文", blank=True)
    contact = models.CharField("受理异议的联系方式", max_length=200, help_text="单位座机、邮箱和地址；手机号不能公开")
    attachments = models.JSONField("附件", default=list, help_text="存档文件编号")
    state = models.CharField("状态", max_length=10, choices=RoundState.choices, default=RoundState.DRAFT)
    lines = models.JSONField("公示名单", default=list, help_text="发布时的名单，个人信息已遮盖")
    published_on = models.DateField("发布日期", null=True, blank=True)
    ends_on = models.DateField("公示至", null=True, blank=True)
    shown_until = models.DateField("可看至", null=True, blank=True)
    published_by = models.CharField("发布人", max_length=60, blank=True)
    withdrawn_reason = models.CharField("撤下原因", max_length=200, blank=True)
    made_by = models.CharField("拟稿", max_length=60)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["created_at", "id"], name="subsidies_round_created")]
        verbose_name = "补贴公示"

    def __str__(self) -> str:
        return self.title

    @property
    def area_code(self) -> int:
        return self.area_id


class Outcome(models.TextChoices):
    OPEN = "open", "核查中"
    DISMISSED = "dismissed", "不成立"
    UPHELD = "upheld", "成立"


class Objection(models.Model):
    """Somebody says that a name does not belong on the list: the clock of that name stands still until it is settled."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField("异议编号", max_length=24, unique=True)
    claim = models.ForeignKey("subsidies.Claim", models.PROTECT, related_name="objections", verbose_name="申请")
    round = models.ForeignKey(Round, models.PROTECT, related_name="objections", verbose_name="公示")
    text = models.TextField("异议内容")
    by_name = models.CharField("提出人", max_length=60, blank=True)
    contact_sealed = VaultColumn("联系方式")
    raised_on = models.DateField("提出日期", default=timezone.localdate)
    outcome = models.CharField("结论", max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    finding = models.CharField("核查情况", max_length=500, blank=True)
    settled_on = models.DateField("办结日期", null=True, blank=True)
    settled_by = models.CharField("办结人", max_length=60, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["raised_on", "id"], name="subsidies_objection_raised")]
        verbose_name = "公示异议"

    def __str__(self) -> str:
        return self.number
