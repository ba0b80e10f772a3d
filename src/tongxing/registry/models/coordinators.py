"""Coordinators (劳动关系协调员): a person's enrolment, with postings, duty areas and assignments. `since` and `until` both count."""

import uuid
from datetime import date
from typing import Any, NamedTuple, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from tongxing.areas.models import Area

from .organisations import Organisation
from .people import Person


class CoordinatorStatus(models.TextChoices):
    CANDIDATE = "candidate", "候选"
    ACTIVE = "active", "在册"
    SUSPENDED = "suspended", "暂停"
    LEFT = "left", "退出"


class Move(NamedTuple):
    act: str
    label: str
    sources: frozenset[str]
    target: str


S = CoordinatorStatus
MOVES: tuple[Move, ...] = (
    Move("activate", "转为在册", frozenset({S.CANDIDATE}), S.ACTIVE),
    Move("suspend", "暂停", frozenset({S.ACTIVE}), S.SUSPENDED),
    Move("resume", "恢复", frozenset({S.SUSPENDED}), S.ACTIVE),
    Move("leave", "退出", frozenset({S.CANDIDATE, S.ACTIVE, S.SUSPENDED}), S.LEFT),
    Move("rejoin", "重新登记", frozenset({S.LEFT}), S.ACTIVE),
)


def holds_on(day: date, prefix: str = "") -> Q:
    """Rows with `since`/`until` that hold on `day`, both ends included."""
    return Q(**{f"{prefix}since__lte": day}) & (Q(**{f"{prefix}until__gte": day}) | Q(**{f"{prefix}until": None}))


class CoordinatorQuerySet(models.QuerySet["Coordinator"]):
    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        query = user.scope("registry.view").as_q("area_id")
        if user.person_id and user.may("registry.own_record"):
            query |= Q(person_id=user.person_id)
        if own := user.scope("registry.own_organisation").organisations:
            query |= Q(id__in=Posting.objects.filter(organisation_id__in=own, until=None).values("coordinator_id"))
        return self.filter(query)

    def standing(self) -> Self:
        """Not the emptied enrolment of a merged record."""
        return self.filter(person__merged_into=None)

    def active_on(self, day: date) -> Self:
        periods = StatusPeriod.objects.filter(holds_on(day), status=CoordinatorStatus.ACTIVE)
        return self.filter(id__in=periods.values("coordinator_id"))


class Coordinator(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.OneToOneField(Person, models.PROTECT, related_name="coordinator", verbose_name="人员")
    status = models.CharField(
        "状态",
        max_length=10,
        choices=CoordinatorStatus.choices,
        default=CoordinatorStatus.ACTIVE,
        help_text="今天的状态；历史见 StatusPeriod",
    )
    full_time = models.BooleanField("专职", default=False)
    host_kind = models.CharField("所在单位类别", max_length=12, blank=True, db_index=True, help_text="主要任职单位的类别，随任职更新")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="所属镇街", db_index=False)
    enrolled_on = models.DateField("登记日期", default=timezone.localdate)
    remark = models.CharField("备注", max_length=200, blank=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = CoordinatorQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["area", "status"], name="registry_coord_area_status"),
            models.Index(fields=["created_at"], name="registry_coord_created"),
        ]

    def __str__(self) -> str:
        return self.person.name

    @property
    def area_code(self) -> int:
        return self.area_id


class StatusPeriod(models.Model):
    """One stretch of one status; the open one has no `until`. Periods of a coordinator never overlap."""

    coordinator = models.ForeignKey(Coordinator, models.CASCADE, related_name="status_periods", db_index=False)
    status = models.CharField(max_length=10, choices=CoordinatorStatus.choices)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["since", "id"]
        indexes = [models.Index(fields=["coordinator", "status", "since"], name="registry_status_period")]
        constraints = [
            models.UniqueConstraint(fields=["coordinator"], condition=Q(until=None), name="registry_one_open_period"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="registry_period_dates"),
        ]


class Held(models.Model):
    """What a coordinator holds from a day to a day."""

    coordinator: "models.ForeignKey[Coordinator, Coordinator]"

    since = models.DateField("自")
    until = models.DateField("至", null=True, blank=True)
    reason = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        abstract = True
        ordering = ["-since", "-id"]


class Posting(Held):
    """A coordinator at an organisation (任职)."""

    coordinator = models.ForeignKey(Coordinator, models.CASCADE, related_name="postings")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="postings", verbose_name="单位", db_index=False)
    post = models.CharField("职务", max_length=60, blank=True)
    is_primary = models.BooleanField("主要任职", default=True)

    class Meta(Held.Meta):
        constraints = [
            models.UniqueConstraint(fields=["coordinator", "organisation"], condition=Q(until=None), name="registry_posting_once"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="registry_posting_dates"),
        ]
        indexes = [models.Index(fields=["organisation", "since"], name="registry_posting_org")]


class DutyArea(Held):
    """A township or park a coordinator is responsible for (责任片区, notice:2.3)."""

    coordinator = models.ForeignKey(Coordinator, models.CASCADE, related_name="duty_areas")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="片区")

    class Meta(Held.Meta):
        constraints = [
            models.UniqueConstraint(fields=["coordinator", "area"], condition=Q(until=None), name="registry_duty_once"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="registry_duty_dates"),
        ]


class Assignment(Held):
    """A small or micro enterprise in a coordinator's care (包联, notice:2.4)."""

    coordinator = models.ForeignKey(Coordinator, models.CASCADE, related_name="assignments")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="assignments", verbose_name="企业", db_index=False)

    class Meta(Held.Meta):
        constraints = [
            models.UniqueConstraint(fields=["coordinator", "organisation"], condition=Q(until=None), name="registry_assignment_once"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="registry_assignment_dates"),
        ]
        indexes = [models.Index(fields=["organisation", "since"], name="registry_assignment_org")]
