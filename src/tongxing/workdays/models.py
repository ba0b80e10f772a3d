"""Days that are not what their weekday says: public holidays and the weekends worked to make up for them (调休)."""

from django.db import models


class DayKind(models.TextChoices):
    OFF = "off", "放假"
    WORK = "work", "调休上班"


class SpecialDay(models.Model):
    date = models.DateField("日期", primary_key=True)
    kind = models.CharField("类别", max_length=4, choices=DayKind.choices)
    name = models.CharField("名称", max_length=40)
    source = models.CharField("来源", max_length=200, blank=True)
    changed_by = models.CharField("录入人", max_length=60, blank=True)

    class Meta:
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"
