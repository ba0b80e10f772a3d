"""How the backups stand, for the page and the start page."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from tongxing.policy.provisions import value

from .models import Backup, Drill, State


@dataclass(frozen=True)
class Standing:
    """`hours` since the newest backup that was read back, None without one; `failed` tries since; the newest drill."""

    newest: Backup | None
    hours: int | None
    warn_hours: int
    failed: int
    running: Backup | None
    drill: Drill | None
    drill_days: int | None
    drill_every: int

    @property
    def is_late(self) -> bool:
        return self.hours is None or self.hours > self.warn_hours

    @property
    def drill_failed(self) -> bool:
        return self.drill is not None and self.drill.state == State.FAILED

    @property
    def drill_is_late(self) -> bool:
        """A week of grace: the worker may have had other things to do."""
        return bool(self.drill_every) and self.newest is not None and (self.drill_days is None or self.drill_days > self.drill_every + 7)


def standing(now: datetime | None = None) -> Standing:
    now = now or timezone.now()
    good = Backup.objects.filter(state__in=[State.DONE, State.REMOVED]).exclude(verified_at=None).order_by("-started_at")
    newest = good.first()
    failed = Backup.objects.filter(state=State.FAILED, **({"started_at__gt": newest.started_at} if newest else {})).count()
    drills = Drill.objects.exclude(state=State.RUNNING).order_by("-started_at")
    proven = drills.filter(state=State.DONE).first()
    return Standing(
        newest=newest,
        hours=(now - newest.started_at) // timedelta(hours=1) if newest else None,
        warn_hours=int(value("backups.warn_hours")),
        failed=failed,
        running=Backup.objects.filter(state=State.RUNNING).first(),
        drill=drills.first(),
        drill_days=(now - proven.started_at).days if proven else None,
        drill_every=int(value("backups.drill_days")),
    )
