"""Acts that change the calendar: load a year in the public JSON format, set or clear one day."""

import json
from datetime import date
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from tongxing.accounts.models import User
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused

from .models import DayKind, SpecialDay


class Loaded(NamedTuple):
    """What a load did: the year, and how many days it now holds; 0 means the arrangement is not announced yet."""

    year: int
    days: int


def _parse(text: str) -> tuple[int, list[SpecialDay]]:
    try:
        content = json.loads(text)
        year = int(content["year"])
        source = "、".join(content.get("papers", []))[:200]
        days = [
            SpecialDay(
                date=date.fromisoformat(entry["date"]),
                kind=DayKind.OFF if entry["isOffDay"] else DayKind.WORK,
                name=str(entry["name"])[:40],
                source=source,
            )
            for entry in content["days"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Refused("文件不是节假日 JSON 格式，请选择含 year 和 days 的年度文件。", code="not_a_calendar", status=422) from None
    return year, days


def _insist(by: Actor) -> None:
    """The calendar is the same for all: who changes it must hold the whole programme."""
    if isinstance(by, User) and not by.may_at("workdays.edit", settings.PROGRAMME_AREA):
        raise Refused("工作日历由主管全域的经办维护，您的管理范围不含全域。请联系主管科室。", code="not_allowed", status=403)


@transaction.atomic
def load_year(text: str, *, by: Actor) -> Loaded:
    """Replace the days of one year's arrangement by the JSON `text` (`{"year", "papers", "days": [{"name", "date", "isOffDay"}]}`).

    An arrangement may name days of the neighbouring years; an empty one (not announced yet) changes nothing. Refuses other formats.
    """
    _insist(by)
    year, days = _parse(text)
    if days:
        SpecialDay.objects.filter(date__year=year).delete()
        SpecialDay.objects.filter(date__in=[day.date for day in days]).delete()
        for day in days:
            day.changed_by = by.display_name[:60]
        SpecialDay.objects.bulk_create({day.date: day for day in days}.values())
        record(
            "workdays.load_year",
            by=by,
            object_type="workdays.specialday",
            object_id=year,
            label=f"{year} 年节假日安排",
            after={"days": len(days)},
        )
    return Loaded(year, len(days))


@transaction.atomic
def set_day(day: date, kind: str, *, name: str, source: str = "", by: Actor) -> SpecialDay:
    """Make one day off or worked; refuses a kind the calendar does not know and a day without a name."""
    _insist(by)
    if kind not in DayKind.values or not name.strip():
        raise Refused("请选择放假或调休上班，并写明名称。", code="bad_day", status=422)
    held = SpecialDay.objects.filter(date=day).first()
    before = {"kind": held.kind, "name": held.name} if held else None
    row, _ = SpecialDay.objects.update_or_create(
        date=day, defaults={"kind": kind, "name": name.strip()[:40], "source": source[:200], "changed_by": by.display_name[:60]}
    )
    record("workdays.set_day", by=by, of=row, object_id=str(day), before=before, after={"kind": kind, "name": row.name})
    return row


@transaction.atomic
def clear_day(day: date, *, by: Actor) -> None:
    """Let one day be what its weekday says again."""
    _insist(by)
    row = SpecialDay.objects.filter(date=day).first()
    if row is None:
        raise Refused("这一天没有特殊安排。", code="no_such_day", status=404)
    record("workdays.clear_day", by=by, of=row, object_id=str(day), before={"kind": row.kind, "name": row.name})
    row.delete()
