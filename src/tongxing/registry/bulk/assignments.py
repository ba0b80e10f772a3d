"""Bulk act on assignments (包联) that a sheet brings: one transaction a call, rules as in `registry.assignments`."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from tongxing.areas.ledger import touch
from tongxing.registry.models import Assignment
from tongxing.sheets.writing import insert_dicts

TABLES: dict[str, Any] = {"assignment": Assignment}


@transaction.atomic
def assign_rows(plans: Sequence[Mapping[str, Any]], *, by: Any) -> list[int]:
    """Insert assignments given as coordinator, organisation and first day; returns their ids."""
    rows = [{key: plan[key] for key in ("coordinator_id", "organisation_id", "since")} for plan in plans]
    ids = insert_dicts(Assignment, rows)
    touch({area for plan in plans for area in plan["areas"]})
    return ids
