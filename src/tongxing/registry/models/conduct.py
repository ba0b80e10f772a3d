"""Conduct records (违法失信记录) of a person or an organisation (notice:A1.2, A2.2)."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from .organisations import Organisation
from .people import Person


class ConductKind(models.TextChoices):
    VIOLATION = "violation", "重大违法"
    DISHONESTY = "dishonesty", "失信惩戒"
    OTHER = "other", "其他处理处罚"


class ConductQuerySet(models.QuerySet["ConductRecord"]):
    def visible_to(self, user: Any) -> Self:
        scope = user.scope("registry.view") if user.is_authenticated else None
        return self.filter(scope.as_q("person__area_id") | scope.as_q("organisation__area_id", "organisation_id")) if scope else self.none()

    def standing(self) -> Self:
        """Entered rightly: a record that was struck out as an error counts nowhere."""
        return self.filter(struck_on=None)


class ConductRecord(models.Model):
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="conduct_records")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="conduct_records")
    kind = models.CharField("类别", max_length=12, choices=ConductKind.choices)
    happened_on = models.DateField("日期")
    source = models.CharField("来源", max_length=120)
    document = models.CharField("文书号", max_length=120, blank=True)
    file_id = models.BigIntegerField("附件", null=True, blank=True, help_text="files.StoredFile 的编号")
    summary = models.CharField("事由", max_length=500)
    lifted_on = models.DateField("撤销或修复日期", null=True, blank=True)
    lifted_reason = models.CharField("撤销或修复依据", max_length=200, blank=True)
    struck_on = models.DateField("作废日期", null=True, blank=True, help_text="登记有误；作废的记录不作为选树的依据")
    struck_reason = models.CharField("作废原因", max_length=200, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.CharField(max_length=60)

    objects = ConductQuerySet.as_manager()

    class Meta:
        ordering = ["-happened_on", "-id"]
        verbose_name = "违法失信记录"
        indexes = [models.Index(fields=["happened_on", "id"], name="registry_conduct_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, organisation=None) | Q(person=None, organisation__isnull=False),
                name="registry_conduct_of_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject}：{self.get_kind_display()} {self.happened_on}"

    @property
    def subject(self) -> Person | Organisation:
        """Whom the record is about."""
        found = self.person or self.organisation
        assert found is not None  # the constraint above
        return found

    @property
    def state(self) -> str:
        """standing, lifted or struck."""
        return "struck" if self.struck_on else "lifted" if self.lifted_on else "standing"
