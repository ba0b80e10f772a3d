"""Who takes part in a class, who waits for a place, and whom the programme asked to send somebody."""

import uuid
from typing import Any, NamedTuple, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.papers.models import Paper
from tongxing.registry.models import Organisation, Person

from .classes import TrainingClass


class EnrolmentState(models.TextChoices):
    INVITED = "invited", "已邀请"
    APPLIED = "applied", "已报名"
    WAITING = "waiting", "候补"
    ADMITTED = "admitted", "已录取"
    COMPLETED = "completed", "已结业"
    INCOMPLETE = "incomplete", "未结业"
    WITHDRAWN = "withdrawn", "已退出"
    REFUSED = "refused", "未录取"


E = EnrolmentState
PLACE_HELD = frozenset({E.ADMITTED, E.COMPLETED, E.INCOMPLETE})
"""States in which somebody takes up one of the class's places."""
OPEN = frozenset({E.INVITED, E.APPLIED, E.WAITING, E.ADMITTED})


class EnrolmentMove(NamedTuple):
    act: str
    sources: frozenset[EnrolmentState]
    target: EnrolmentState


ENROLMENT_MOVES: dict[str, EnrolmentMove] = {
    move.act: move
    for move in (
        EnrolmentMove("apply", frozenset({E.INVITED, E.WITHDRAWN, E.REFUSED}), E.APPLIED),
        EnrolmentMove("admit", frozenset({E.APPLIED, E.WAITING}), E.ADMITTED),
        EnrolmentMove("queue", frozenset({E.APPLIED}), E.WAITING),
        EnrolmentMove("refuse", frozenset({E.APPLIED, E.WAITING}), E.REFUSED),
        EnrolmentMove("withdraw", OPEN, E.WITHDRAWN),
        EnrolmentMove("complete", frozenset({E.ADMITTED}), E.COMPLETED),
        EnrolmentMove("fail", frozenset({E.ADMITTED}), E.INCOMPLETE),
    )
}


class Funding(models.TextChoices):
    """Who pays: those without a claim to the subsidy take part on the market (notice:3.1.2, 3.1.3)."""

    SUBSIDISED = "subsidised", "补贴性培训"
    MARKET = "market", "市场化自费"


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def visible_to(self, user: Any) -> Self:
        """People of the user's areas, all of a class held in these areas or run by the user's provider, and the user's own."""
        if not user.is_authenticated:
            return self.none()
        scope = user.scope("training.view")
        query = scope.as_q("person__area_id") | scope.as_q("training_class__area_id")
        if run := user.scope("training.run").organisations:
            query |= Q(training_class__provider__organisation_id__in=sorted(run))
        if sent := user.scope("training.send").organisations:
            query |= Q(organisation_id__in=sorted(sent))
        if user.person_id and user.may("training.own"):
            query |= Q(person_id=user.person_id)
        return self.filter(query)

    def holding_places(self) -> Self:
        return self.filter(state__in=PLACE_HELD)


class Enrolment(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    training_class = models.ForeignKey(TrainingClass, models.PROTECT, related_name="enrolments", verbose_name="培训班")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="学员")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="报送单位")
    state = models.CharField("状态", max_length=10, choices=EnrolmentState.choices)
    funding = models.CharField("费用", max_length=10, choices=Funding.choices, default=Funding.SUBSIDISED)
    serial = models.PositiveSmallIntegerField("学号", null=True, blank=True, help_text="录取时给出，班内不重复")
    applied_at = models.DateTimeField("报名时间", null=True, blank=True, help_text="候补按这个时间排队")
    reason = models.CharField("说明", max_length=200, blank=True)
    test_score = models.DecimalField("考核成绩", max_digits=5, decimal_places=1, null=True, blank=True)
    hours = models.PositiveSmallIntegerField("结业学时", null=True, blank=True)
    completed_on = models.DateField("结业日期", null=True, blank=True)
    paper = models.ForeignKey(Paper, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="培训合格证书")
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = "培训报名"
        ordering = ["training_class_id", "serial", "applied_at", "id"]
        indexes = [
            models.Index(fields=["completed_on", "person"], name="training_completed"),
            models.Index(fields=["applied_at"], name="training_applied"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["training_class", "person"], name="training_enrolled_once"),
            models.UniqueConstraint(fields=["training_class", "serial"], name="training_serial_once"),
            models.CheckConstraint(condition=Q(test_score=None) | Q(test_score__gte=0, test_score__lte=100), name="training_score_range"),
        ]

    def __str__(self) -> str:
        return self.person.name

    @property
    def area_code(self) -> int:
        return self.training_class.area_id


class InvitationState(models.TextChoices):
    OPEN = "open", "等待报名"
    ANSWERED = "answered", "已报名"
    DECLINED = "declined", "不参加"


class Invitation(models.Model):
    """An organisation was asked to send somebody: it has no coordinator, so nobody can be named yet."""

    training_class = models.ForeignKey(TrainingClass, models.CASCADE, related_name="invitations", verbose_name="培训班")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="受邀单位")
    why = models.CharField("邀请原因", max_length=120, blank=True)
    state = models.CharField("状态", max_length=10, choices=InvitationState.choices, default=InvitationState.OPEN)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answer = models.CharField("答复", max_length=200, blank=True)
    by = models.CharField("邀请人", max_length=60)
    at = models.DateTimeField("邀请时间", default=timezone.now)

    class Meta:
        verbose_name = "参训邀请"
        ordering = ["training_class_id", "id"]
        constraints = [models.UniqueConstraint(fields=["training_class", "organisation"], name="training_invited_once")]

    def __str__(self) -> str:
        return self.organisation.name
