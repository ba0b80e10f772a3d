"""A provider may file no new classes and take nobody in for a time (notice:3.1.4, facts §2: 属地监管); supervision decides it."""

from django.db import models

from tongxing.registry.models import Organisation
from tongxing.registry.models.suspensions import OrganisationSuspension

from .courses import CourseLevel


class Suspension(OrganisationSuspension):
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="培训机构")
    level = models.SmallIntegerField("等级", choices=CourseLevel.choices, null=True, blank=True, help_text="不填是全部等级")
    lifted_on = models.DateField("解除日期", null=True, blank=True, help_text="当天起可以报备和招生")
    reason = models.CharField("原因", max_length=200)

    class Meta(OrganisationSuspension.Meta):
        verbose_name = "暂停承办培训"

    @property
    def told(self) -> str:
        """Since when and until when: for everybody."""
        return f"{self}，自 {self.since} 起{f'至 {self.until}' if self.until else '至解除为止'}。"

    @property
    def said(self) -> str:
        """Besides why and by which document, for those who look at the provider: what was found may name people."""
        return f"{self.told}原因：{self.reason.rstrip('。；，')}。依据：{self.document}。"

    def __str__(self) -> str:
        return f"{self.organisation}：暂停承办{self.get_level_display() if self.level else '全部等级'}培训"
