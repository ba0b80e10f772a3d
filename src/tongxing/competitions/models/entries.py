"""Who takes part: entered for an employer and an area, confirmed, given a blind code; withdrawn, or absent on the day."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.registry.models import Organisation, Person

from .competitions import Competition


class EntryState(models.TextChoices):
    ENTERED = "entered", "待确认"
    CONFIRMED = "confirmed", "已确认"
    WITHDRAWN = "withdrawn", "已退出"
    ABSENT = "absent", "缺席"


COMING = frozenset({EntryState.ENTERED, EntryState.CONFIRMED})
"""States that use up a place of a quota; who did not come used it too."""


class EntrantQuerySet(models.QuerySet["Entrant"]):
    def visible_to(self, user: Any) -> Self:
        """Entries with their names: of the competitions of the user's areas, and of the user's own people elsewhere."""
        if not user.is_authenticated:
            return self.none()
        scope = user.scope("competitions.view")
        return self.filter(scope.as_q("competition__area_id") | scope.as_q("area_id"))

    def marked(self) -> Self:
        """Those whose performance is marked, by code: never in an order that says who they are."""
        return self.filter(state=EntryState.CONFIRMED).exclude(code="").order_by("code")


class Entrant(models.Model):
    """`organisation` and `area` are those of the day of entry: quotas and interests go by them."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    competition = models.ForeignKey(Competition, models.PROTECT, related_name="entries")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="选手")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="单位")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区划")
    state = models.CharField("状态", max_length=10, choices=EntryState.choices, default=EntryState.ENTERED)
    code = models.CharField("密号", max_length=6, blank=True)
    entered_at = models.DateTimeField("报名时间", default=timezone.now)
    entered_by = models.CharField("报名登记人", max_length=60)
    remark = models.CharField("说明", max_length=200, blank=True)
    version = models.IntegerField(default=1)

    objects = EntrantQuerySet.as_manager()

    class Meta:
        ordering = ["entered_at", "id"]
        verbose_name = "参赛报名"
        indexes = [models.Index(fields=["entered_at", "id"], name="competitions_entered")]
        constraints = [
            models.UniqueConstraint(
                fields=["competition", "person"], condition=~Q(state=EntryState.WITHDRAWN), name="competitions_entered_once"
            ),
            models.UniqueConstraint(fields=["competition", "code"], condition=~Q(code=""), name="competitions_code_once"),
        ]

    def __str__(self) -> str:
        return self.person.name

    @property
    def area_code(self) -> int:
        return self.area_id
