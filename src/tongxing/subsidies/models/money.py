"""Money: funds with their budget, payment lists, and what the bank said of every line."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.areas.models import Area


class FundQuerySet(models.QuerySet["Fund"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(user.scope("subsidies.view").as_q("area_id")) if user.is_authenticated else self.none()


class Fund(models.Model):
    """A year's money of one source. What is reserved and paid is asked of the claims."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区划")
    year = models.PositiveSmallIntegerField("年度")
    source = models.CharField("资金渠道", max_length=60)
    budget = models.DecimalField("预算", max_digits=14, decimal_places=2)
    note = models.CharField("说明", max_length=200, blank=True)
    version = models.IntegerField(default=1)

    objects = FundQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "source"]
        indexes = [models.Index(fields=["year", "id"], name="subsidies_fund_year")]
        constraints = [
            models.UniqueConstraint(fields=["area", "year", "source"], name="subsidies_fund_once"),
            models.CheckConstraint(condition=Q(budget__gte=0), name="subsidies_budget_positive"),
        ]
        verbose_name = "资金"

    def __str__(self) -> str:
        return f"{self.year} 年{self.source}"

    @property
    def area_code(self) -> int:
        return self.area_id


class PaymentState(models.TextChoices):
    DRAFT = "draft", "待审核"
    APPROVED = "approved", "待送银行"
    SENT = "sent", "待对账"
    PARTLY = "partly", "部分到账"
    DONE = "done", "已对账"
    CANCELLED = "cancelled", "已作废"


class PaymentListQuerySet(models.QuerySet["PaymentList"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(user.scope("subsidies.view").as_q("fund__area_id")) if user.is_authenticated else self.none()


class PaymentList(models.Model):
    """Lines that go to the bank together. Count, sum and digest are fixed when the list is made."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="lists", verbose_name="资金")
    number = models.CharField("拨付单号", max_length=20, unique=True)
    state = models.CharField("状态", max_length=10, choices=PaymentState.choices, default=PaymentState.DRAFT)
    lines_count = models.PositiveIntegerField("笔数")
    total = models.DecimalField("合计", max_digits=14, decimal_places=2)
    digest = models.CharField("摘要", max_length=64)
    made_by_id = models.BigIntegerField(null=True)
    made_by = models.CharField("制单", max_length=60)
    made_at = models.DateTimeField("制单时间", default=timezone.now)
    approved_by_id = models.BigIntegerField(null=True)
    approved_by = models.CharField("审核", max_length=60, blank=True)
    approved_at = models.DateTimeField("审核时间", null=True)
    sent_by = models.CharField("送银行", max_length=60, blank=True)
    sent_at = models.DateTimeField("送出时间", null=True)
    note = models.CharField("说明", max_length=200, blank=True)

    objects = PaymentListQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "拨付单"

    def __str__(self) -> str:
        return self.number

    @property
    def area_code(self) -> int:
        return self.fund.area_id


class LineState(models.TextChoices):
    WAITING = "waiting", "待回单"
    PAID = "paid", "已到账"
    RETURNED = "returned", "已退回"


class PaymentLine(models.Model):
    """One payment to one account, with what was true when the list was made. A re-issue is a line of a later list."""

    list = models.ForeignKey(PaymentList, models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField("序号")
    claim = models.ForeignKey("subsidies.Claim", models.PROTECT, related_name="payments", verbose_name="申请")
    amount = models.DecimalField("金额", max_digits=12, decimal_places=2)
    account_index = models.CharField(max_length=32, editable=False)
    state = models.CharField("结果", max_length=10, choices=LineState.choices, default=LineState.WAITING)
    said = models.CharField("银行回执", max_length=200, blank=True)
    settled_on = models.DateField("结果日期", null=True, blank=True)

    class Meta:
        ordering = ["list", "position"]
        constraints = [
            models.UniqueConstraint(fields=["list", "position"], name="subsidies_line_position"),
            models.UniqueConstraint(fields=["list", "claim"], name="subsidies_line_claim"),
            # A claim waits on one list at a time: money goes out once.
            models.UniqueConstraint(fields=["claim"], condition=Q(state="waiting"), name="subsidies_line_waits_once"),
        ]

    def __str__(self) -> str:
        return f"{self.list_id}-{self.position}"


class PaymentSeries(models.Model):
    """The last number of a payment list in a year."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)
