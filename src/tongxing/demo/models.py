"""Whether this installation holds demonstration data."""

from django.db import models
from django.utils import timezone


class DemoMark(models.Model):
    """One row for each time demonstration data was built; an open one (not cleared) keeps a production start from happening."""

    built_at = models.DateTimeField(default=timezone.now)
    built_by = models.CharField(max_length=60)
    cleared_at = models.DateTimeField(null=True)
    cleared_by = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["-built_at"]
