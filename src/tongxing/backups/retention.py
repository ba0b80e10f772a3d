"""Which automatic backups stay: one of each of the last days, weeks and months. Never the newest that is known to be good."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from tongxing.audit.log import SYSTEM, record
from tongxing.policy.provisions import value

from . import places
from .models import Backup, Drill, State

HALF_AGE = timedelta(days=1)


def to_keep(names: Iterable[str], *, daily: int, weekly: int, monthly: int) -> set[str]:
    """Of names like tongxing-20261122-020000.backup the newest of each of the last so many days, ISO weeks and months that have one."""
    newest_first = sorted(names, reverse=True)
    kept: set[str] = set()
    for most, bucket in ((daily, "%Y%m%d"), (weekly, "%G-%V"), (monthly, "%Y%m")):
        first_of: dict[str, str] = {}
        for name in newest_first:
            first_of.setdefault(_moment(name).strftime(bucket), name)
        kept |= set(list(first_of.values())[:most])
    return kept


def _moment(name: str) -> datetime:
    return datetime.strptime(name, "tongxing-%Y%m%d-%H%M%S.backup")  # noqa: DTZ007 - local time, only compared with its like


def remove_old() -> int:
    """Delete what need not stay; how many. Only files that this installation's timetable wrote."""
    mine = {path.name: path for path in places.own_backups(scheduled_only=True)}
    keep = to_keep(mine, **{kind: int(value(f"backups.keep_{kind}")) for kind in ("daily", "weekly", "monthly")})
    keep |= _known_good(set(mine))
    old = [path for name, path in mine.items() if name not in keep]
    for path in old:
        path.unlink(missing_ok=True)
        Backup.objects.filter(name=path.name, folder=str(path.parent)).update(state=State.REMOVED)
        record("backups.remove", by=SYSTEM, object_type="backups.backup", object_id=path.name, label=path.name)
    _remove_halves()
    return len(old)


def _known_good(names: set[str]) -> set[str]:
    """The newest that was read back and the newest that a drill restored; without either, the newest of all."""
    verified = (
        Backup.objects.filter(name__in=names, state=State.DONE)
        .exclude(verified_at=None)
        .order_by("-started_at")
        .values_list("name", flat=True)
    )
    drilled = Drill.objects.filter(backup_name__in=names, state=State.DONE).order_by("-started_at").values_list("backup_name", flat=True)
    good = {name for name in (verified.first(), drilled.first()) if name}
    return good or set(sorted(names)[-1:])


def _remove_halves() -> None:
    """What a killed backup left half-written."""
    limit = (timezone.now() - HALF_AGE).timestamp()
    for path in Path(places.folder()).glob("tongxing-*.backup.part"):
        if path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
