"""For rooms above: who completed a class of which level, when, with how many hours. Bulk, with a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from .models import Enrolment, EnrolmentState


class Completion(NamedTuple):
    """One class that a person completed. `certificate` is the number of the 培训合格证书, empty when none was issued."""

    person_id: int
    enrolment_id: int
    class_id: int
    class_title: str
    provider: str
    level: int
    hours: int
    score: float | None
    began_on: date
    completed_on: date
    funding: str
    certificate: str


FIELDS = (
    "person_id",
    "pk",
    "training_class_id",
    "training_class__title",
    "training_class__provider__organisation__name",
    "training_class__course__level",
    "hours",
    "test_score",
    "training_class__starts_on",
    "completed_on",
    "funding",
    "paper__number",
)


def completions(people: Iterable[int], *, level: int | None = None, until: date | None = None) -> dict[int, list[Completion]]:
    """Person id → what the person completed, the latest first; of one level and up to a day where asked. One query."""
    rows = Enrolment.objects.filter(person_id__in=list(people), state=EnrolmentState.COMPLETED)
    if level is not None:
        rows = rows.filter(training_class__course__level=level)
    if until is not None:
        rows = rows.filter(completed_on__lte=until)
    found: dict[int, list[Completion]] = defaultdict(list)
    for values in rows.order_by("-completed_on", "-pk").values_list(*FIELDS):
        person, pk, held, title, provider, of_level, hours, score, began, ended, funding, number = values
        points = None if score is None else float(score)
        row = Completion(person, pk, held, title, provider, of_level, hours or 0, points, began, ended, funding, number or "")
        found[row.person_id].append(row)
    return dict(found)


def completed_people(people: Iterable[int], level: int, *, until: date | None = None) -> set[int]:
    """Those of these people who completed a class of this level; one query."""
    return set(completions(people, level=level, until=until))
