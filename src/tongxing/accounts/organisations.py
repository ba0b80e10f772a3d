"""Grants name organisations by number only; their register stands above this room and is reached through Django's list of models."""

from collections.abc import Iterable

from django.apps import apps


def find(text: str) -> tuple[int, int | None] | None:
    """(number, area code) of the one organisation with this credit code or full name."""
    text = text.strip()
    if not text:
        return None
    model = apps.get_model("registry", "Organisation")
    standing = model.objects.filter(merged_into=None)
    rows = list(standing.filter(credit_code=text.upper()).values_list("pk", "area_id")[:2])
    rows = rows or list(standing.filter(name=text).values_list("pk", "area_id")[:2])
    return rows[0] if len(rows) == 1 else None


def names(numbers: Iterable[int]) -> dict[int, str]:
    wanted = set(numbers)
    if not wanted:
        return {}
    return dict(apps.get_model("registry", "Organisation").objects.filter(pk__in=wanted).values_list("pk", "name"))
