"""What a person's record said before it changed, so that past days stay right. No row: it has always been as it is."""

from django.db import models

from .coordinators import Coordinator
from .people import Education, Person


class Past(models.Model):
    since = models.DateField(null=True, help_text="空：登记以来")
    until = models.DateField(db_index=True, help_text="最后一天，含当天")

    class Meta:
        abstract = True
        ordering = ["until", "id"]


class PastEducation(Past):
    """What a person had learned before the record was brought up to date."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="past_education")
    education = models.CharField(max_length=2, choices=Education.choices)

    class Meta(Past.Meta):
        verbose_name = "以前的学历"


class PastEngagement(Past):
    """Whether a coordinator worked full-time before that changed."""

    coordinator = models.ForeignKey(Coordinator, models.CASCADE, related_name="past_engagement")
    full_time = models.BooleanField()

    class Meta(Past.Meta):
        verbose_name = "以前的专兼职"
