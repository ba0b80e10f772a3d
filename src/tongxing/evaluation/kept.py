"""Parts that were passed before and still count (facts §1: a passed part is kept for a time)."""

from collections.abc import Iterable
from datetime import date

from tongxing.registry.models import Person

from .models import PartResult
from .models.batches import RESULTS
from .passing import kept_until, mark_on


def of(person: Person, level: int, on: date) -> dict[str, PartResult]:
    """By part: the person's passed result of this level that still holds on a day; the newest of several."""
    return of_many([person.pk], level, on).get(person.pk, {})


def of_many(people: Iterable[int], level: int, on: date) -> dict[int, dict[str, PartResult]]:
    """The same for many people by id; one query.

    Only published results count, and only of an examination that was not passed as a whole.
    """
    rows = PartResult.objects.filter(
        candidate__person__in=list(people),
        candidate__passed=False,
        candidate__batch__level=level,
        candidate__batch__state__in=RESULTS,
        candidate__batch__exam_on__lt=on,
        kept_from=None,
        value__gte=0,
    )
    found: dict[int, dict[str, PartResult]] = {}
    for row in rows.select_related("candidate__batch").order_by("candidate__batch__exam_on", "id"):
        taken_on = row.candidate.batch.exam_on
        if row.value is not None and row.value >= mark_on(taken_on) and on <= kept_until(taken_on):
            found.setdefault(row.candidate.person_id, {})[row.part] = row
    return found
