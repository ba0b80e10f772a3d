"""Somebody else for a nominee whose reviewer fell away: drawn from the panel's seed like the first ones."""

from collections import Counter

from tongxing.core.drawing import digest, seed_of, ticket

from .models import GIVEN, Assignment, Conflict, Panel, Reviewer

AGAIN = "替补"


def replace(panel: Panel, nomination_id: int) -> Assignment | None:
    """The nominee in the hands of whoever may review it, never had it, and has least in hand; None where nobody is left."""
    held = Assignment.objects.filter(panel=panel)
    had = set(held.filter(nomination_id=nomination_id).values_list("reviewer_id", flat=True))
    barred = set(Conflict.objects.filter(nomination_id=nomination_id, lifted_on=None).values_list("reviewer_id", flat=True))
    free = [one for one in Reviewer.objects.filter(selection_id=panel.selection_id, left_on=None) if one.pk not in had | barred]
    if not free:
        return None
    load = Counter(held.filter(state__in=GIVEN).values_list("reviewer_id", flat=True))
    seed = seed_of(panel.seed, "", digest(panel.listed))
    best = min(free, key=lambda one: (load[one.pk], ticket(seed, AGAIN, nomination_id, one.uid)))
    return Assignment.objects.create(panel=panel, reviewer=best, nomination_id=nomination_id)
