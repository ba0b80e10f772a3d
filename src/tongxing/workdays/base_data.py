"""The arrangements announced so far (dates of the State Council's yearly notices, 2015 to 2026), loaded once into an empty calendar."""

import csv
from datetime import date
from pathlib import Path

from django.db import transaction

from tongxing.audit.log import Actor, record

from .models import SpecialDay

SHIPPED = Path(__file__).parent / "data" / "days.csv"


@transaction.atomic
def load(by: Actor) -> int:
    """Add the days of every shipped year of which the calendar holds none; returns how many days were added."""
    known = {day.year for day in SpecialDay.objects.values_list("date", flat=True)}
    with SHIPPED.open(encoding="utf-8") as file:
        rows = [
            SpecialDay(date=date.fromisoformat(line["date"]), kind=line["kind"], name=line["name"], source="国务院办公厅节假日安排通知")
            for line in csv.DictReader(file)
        ]
    missing = [row for row in rows if row.date.year not in known]
    if missing:
        SpecialDay.objects.bulk_create(missing)
        record(
            "workdays.load_base",
            by=by,
            object_type="workdays.specialday",
            object_id="base",
            label="节假日安排",
            after={"days": len(missing)},
        )
    return len(missing)
