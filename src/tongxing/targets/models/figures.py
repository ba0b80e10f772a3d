"""Figures kept per leaf, and what says whether they still hold (design §4.7)."""

from datetime import date

from django.db import models
from django.utils import timezone


class Measures(models.Model):
    """covered + exempt + vacant = total; certified is part of covered; exempt are the uncovered ones that need not be covered."""

    total = models.IntegerField(default=0)
    covered = models.IntegerField(default=0)
    certified = models.IntegerField(default=0)
    exempt = models.IntegerField(default=0)

    class Meta:
        abstract = True


class LeafFigure(Measures):
    """Today's counts of one area and target: its own units, or (`rolled`) those of a county and above with all below it."""

    target_key = models.CharField(max_length=40)
    area_code = models.BigIntegerField()
    rolled = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rolled", "area_code", "target_key"], name="targets_leaf_once")]


class CountState(models.Model):
    """One row: the day for which `LeafFigure` holds. Its lock lets one reader at a time write what was counted."""

    day = models.DateField(null=True)
    counted_at = models.DateTimeField(null=True)

    @classmethod
    def one(cls) -> "CountState":
        return cls.objects.get_or_create(pk=1)[0]


class UnsyncedLeaf(models.Model):
    """Areas recounted since gaps were last brought in line; 0 stands for all. Kept apart so that reading figures stays cheap."""

    area_code = models.BigIntegerField()


class Snapshot(Measures):
    """Counts of an area (with all below it) as of a day. `computed` ones were reckoned from history later, the others taken on the day."""

    target_key = models.CharField(max_length=40)
    area_code = models.BigIntegerField()
    day = models.DateField()
    computed = models.BooleanField(default=False)
    taken_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["area_code", "target_key", "day"], name="targets_snapshot_once")]

    @property
    def month(self) -> date:
        return self.day.replace(day=1)
