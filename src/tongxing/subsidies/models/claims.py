"""Subsidy claims (补贴申请): who is paid what for which certificate, and on which way the claim stands."""

import uuid
from typing import Any, NamedTuple, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.certificates.models import Certificate, Level
from tongxing.core.vault import mask
from tongxing.registry.models import Organisation, Person
from tongxing.registry.models.fields import VaultColumn

from .money import Fund
from .notices import Round


class ClaimKind(models.TextChoices):
    TRAINING = "training", "培训补贴"
    EVALUATION = "evaluation", "评价补贴"


class Category(models.TextChoices):
    """Who the beneficiary was when trained or evaluated (facts §3: 五类人员 and others)."""

    EMPLOYEE = "employee", "企业职工"
    POOR = "poor", "贫困家庭子女"
    GRADUATE = "graduate", "毕业年度高校毕业生"
    LEAVER = "leaver", "未继续升学的应届初高中毕业生"
    MIGRANT = "migrant", "农村转移就业劳动者"
    UNEMPLOYED = "unemployed", "城镇登记失业人员"
    WELFARE = "welfare", "公益性岗位人员"
    OTHER = "other", "其他劳动者"


class ClaimState(models.TextChoices):
    SUBMITTED = "submitted", "待受理"
    RETURNED = "returned", "退回补正"
    ACCEPTED = "accepted", "待审批"
    APPROVED = "approved", "待公示"
    NOTICED = "noticed", "公示中"
    OBJECTED = "objected", "异议处理中"
    CLEARED = "cleared", "待拨付"
    PAYING = "paying", "拨付中"
    PAID = "paid", "已拨付"
    BOUNCED = "bounced", "银行退回"
    RECOVERING = "recovering", "追回中"
    RECOVERED = "recovered", "已追回"
    REFUSED = "refused", "不予补贴"
    WITHDRAWN = "withdrawn", "已撤回"


class Move(NamedTuple):
    act: str
    sources: frozenset[str]
    target: str


S = ClaimState
MOVES: tuple[Move, ...] = (
    Move("amend", frozenset({S.SUBMITTED, S.RETURNED}), S.SUBMITTED),
    Move("withdraw", frozenset({S.SUBMITTED, S.RETURNED, S.ACCEPTED}), S.WITHDRAWN),
    Move("accept", frozenset({S.SUBMITTED}), S.ACCEPTED),
    Move("return", frozenset({S.SUBMITTED, S.ACCEPTED}), S.RETURNED),
    Move("approve", frozenset({S.ACCEPTED}), S.APPROVED),
    Move("refuse", frozenset({S.SUBMITTED, S.ACCEPTED, S.APPROVED, S.OBJECTED}), S.REFUSED),
    Move("reopen", frozenset({S.APPROVED, S.NOTICED, S.OBJECTED, S.CLEARED}), S.ACCEPTED),
    Move("publish", frozenset({S.APPROVED}), S.NOTICED),
    Move("object", frozenset({S.NOTICED}), S.OBJECTED),
    Move("dismiss", frozenset({S.OBJECTED}), S.NOTICED),
    Move("clear", frozenset({S.NOTICED}), S.CLEARED),
    Move("list", frozenset({S.CLEARED, S.BOUNCED}), S.PAYING),
    Move("unlist", frozenset({S.PAYING}), S.CLEARED),
    Move("pay", frozenset({S.PAYING}), S.PAID),
    Move("bounce", frozenset({S.PAYING, S.PAID}), S.BOUNCED),
    Move("recover", frozenset({S.PAID}), S.RECOVERING),
    Move("recovered", frozenset({S.RECOVERING}), S.RECOVERED),
)
MOVE = {move.act: move for move in MOVES}
DEAD = (S.REFUSED, S.WITHDRAWN, S.RECOVERED)
"""States that no longer stand in the way of another claim."""
HELD = (S.APPROVED, S.NOTICED, S.OBJECTED, S.CLEARED, S.PAYING, S.BOUNCED)
"""States in which the fund's money is reserved."""
SPENT = (S.PAID, S.RECOVERING)


class ClaimQuerySet(models.QuerySet["Claim"]):
    def visible_to(self, user: Any) -> Self:
        """Officers by area; the beneficiary; the organisation that is paid, for whoever acts for it."""
        if not user.is_authenticated:
            return self.none()
        query = user.scope("subsidies.view").as_q("area_id")
        if user.person_id and user.may("registry.own_record"):
            query |= Q(person_id=user.person_id)
        if own := user.scope("subsidies.claim").organisations:
            query |= Q(payee_organisation_id__in=own)
        return self.filter(query)

    def standing(self) -> Self:
        return self.exclude(state__in=DEAD)


class Claim(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    serial = models.CharField("受理号", max_length=20, unique=True)
    kind = models.CharField("补贴种类", max_length=10, choices=ClaimKind.choices)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="受益人")
    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="+", verbose_name="证书")
    occupation = models.CharField("职业", max_length=60)
    level = models.SmallIntegerField("等级", choices=Level.choices)
    category = models.CharField("人员类别", max_length=10, choices=Category.choices, default=Category.EMPLOYEE)
    direct = models.BooleanField("直接认定", default=False)
    on_payroll = models.BooleanField("财政供养人员", default=False)
    draws_pension = models.BooleanField("已领取职工养老金", default=False)
    completed_on = models.DateField("培训结业日期", null=True, blank=True)
    hours = models.DecimalField("完成学时", max_digits=6, decimal_places=1, null=True, blank=True)
    market = models.BooleanField("市场化自费培训", default=False)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区划")
    payee_person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="收款个人")
    payee_organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="收款单位")
    bank = models.CharField("开户银行", max_length=80)
    account_name = models.CharField("户名", max_length=128)
    account_sealed = VaultColumn("账号")
    account_index = models.CharField(max_length=32, editable=False, db_index=True)
    amount = models.DecimalField("金额", max_digits=12, decimal_places=2)
    decision = models.JSONField("判定", default=dict, help_text="依据、事实、所用政策参数，照当时原样保存")
    decided_on = models.DateField("判定日期")
    evidence = models.JSONField("证明材料", default=list, help_text="存档文件编号")
    state = models.CharField("状态", max_length=10, choices=ClaimState.choices, default=ClaimState.SUBMITTED)
    state_note = models.CharField("说明", max_length=300, blank=True)
    fund = models.ForeignKey(Fund, models.PROTECT, null=True, blank=True, related_name="claims", verbose_name="资金")
    round = models.ForeignKey(Round, models.PROTECT, null=True, blank=True, related_name="claims", verbose_name="公示")
    notice_until = models.DateField("公示至", null=True, blank=True)
    notice_left = models.PositiveSmallIntegerField("暂停时尚余的公示工作日", default=0)
    opened_by_id = models.BigIntegerField(null=True)
    opened_by = models.CharField("申请人", max_length=60)
    handled_by_id = models.BigIntegerField(null=True)
    handled_by = models.CharField("受理人", max_length=60, blank=True)
    approved_by_id = models.BigIntegerField(null=True)
    approved_by = models.CharField("审批人", max_length=60, blank=True)
    claimed_on = models.DateField("申请日期", default=timezone.localdate)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["area", "state"], name="subsidies_claim_area_state"),
            models.Index(fields=["state", "notice_until"], name="subsidies_claim_clock"),
        ]
        constraints = [
            # Once for each person, occupation and level, whatever the paper (豫人社规〔2022〕2号).
            models.UniqueConstraint(fields=["kind", "person", "occupation", "level"], condition=~Q(state__in=DEAD), name="subsidies_once"),
            models.CheckConstraint(
                condition=Q(payee_person__isnull=False, payee_organisation__isnull=True)
                | Q(payee_person__isnull=True, payee_organisation__isnull=False),
                name="subsidies_one_payee",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="subsidies_amount_positive"),
        ]
        verbose_name = "补贴申请"

    def __str__(self) -> str:
        return self.serial

    @property
    def area_code(self) -> int:
        return self.area_id

    @property
    def account(self) -> str:
        """In clear: only for the bank's file and for reveals that leave a read entry."""
        return VaultColumn.open(self, "account_sealed")

    @property
    def account_masked(self) -> str:
        return mask(self.account, 4, 4)

    @property
    def payee_name(self) -> str:
        payee = self.payee_person or self.payee_organisation
        return payee.name if payee else ""


class Happening(models.Model):
    """One step of a claim, for its page and for the claimant; the audit log has the rest."""

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="happenings")
    at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=ClaimState.choices)
    by = models.CharField(max_length=60)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["at", "id"]


class SerialSeries(models.Model):
    """The last serial number given in a year; counted up inside the transaction that opens the claims."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)
