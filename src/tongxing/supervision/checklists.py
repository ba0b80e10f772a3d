"""Checklists (检查表) as provisions of a day: the lines are frozen into a visit when it is made, so that a later version changes nothing."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from django.utils import timezone

from tongxing.policy import provisions

from .models import Visit, VisitItem

SITE, CLASS = "supervision.checklist.site.", "supervision.checklist.class."


class Line(NamedTuple):
    key: str
    section: str
    text: str
    source: str
    confirmed: bool


def lines(start: str, on: date) -> list[Line]:
    """The checklist of a kind on a day, in the order of the shipped file."""
    found = []
    for key in (key for key in provisions.shipped() if key.startswith(start)):
        held = provisions.provision(key, on)
        section = held.title.partition("：")[2]
        found += [
            Line(f"{key.removeprefix(start)}.{n}", section, text, held.source, held.confirmed) for n, text in enumerate(held.value, 1)
        ]
    return found


def freeze(visits: Sequence[Visit]) -> None:
    """Write the checklist of today into new visits."""
    today = timezone.localdate()
    kinds = {kind: lines(kind, today) for kind in {_kind(visit) for visit in visits}}
    VisitItem.objects.bulk_create(_items(visits, kinds), batch_size=500)


def _kind(visit: Visit) -> str:
    return CLASS if visit.training_class_id else SITE


def _items(visits: Iterable[Visit], kinds: dict[str, list[Line]]) -> Iterable[VisitItem]:
    for visit in visits:
        for line in kinds[_kind(visit)]:
            yield VisitItem(
                visit=visit, key=line.key, section=line.section, text=line.text[:200], source=line.source[:200], confirmed=line.confirmed
            )


def numbered(visit: Visit) -> Visit:
    """Give a new visit its code."""
    visit.code = f"J{visit.due_until.year}-{visit.pk:05d}"
    visit.save(update_fields=["code"])
    return visit
