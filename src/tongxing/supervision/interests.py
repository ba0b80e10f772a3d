"""Interests that keep an inspector from a body: declared ones, and those that the registers show. A constant number of queries.

Who is or was, within the years of the provision, employed by the body, its assessor, moderator or trainer, or sits in the same organisation.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import Q
from django.utils import timezone

from tongxing.evaluation.models import Assessor
from tongxing.policy import provisions
from tongxing.registry.models import Posting
from tongxing.training.models import Trainer

from .models import Inspector, Interest


class Reason(NamedTuple):
    organisation_id: int
    text: str


def reasons_of(inspectors: Collection[Inspector], organisations: Iterable[int], today: date | None = None) -> dict[int, list[Reason]]:
    """By inspector id: why he or she must keep away from which of the organisations."""
    day, wanted = today or timezone.localdate(), set(organisations)
    found: dict[int, list[Reason]] = defaultdict(list)
    for one in inspectors:
        if one.organisation_id in wanted:
            found[one.pk].append(Reason(one.organisation_id, "所在单位就是该机构"))
    for row in Interest.objects.filter(inspector__in=[one.pk for one in inspectors], organisation__in=wanted):
        found[row.inspector_id].append(Reason(row.organisation_id, row.reason))
    by_person = {one.person_id: one.pk for one in inspectors if one.person_id}
    for person, reason in [*_employed(by_person, wanted, day), *_assessing(by_person, wanted, day)]:
        found[by_person[person]].append(reason)
    names = defaultdict(list)
    for one in inspectors:
        names[one.user.name].append(one.pk)
    rows = Trainer.objects.filter(provider__organisation__in=wanted, name__in=list(names))
    # A trainer is known by name alone: whoever bears the name keeps away.
    for name, organisation in rows.values_list("name", "provider__organisation_id"):
        for pk in names[name]:
            found[pk].append(Reason(organisation, "与该机构的培训教师同名"))
    return found


def _still(day: date) -> Q:
    years = int(provisions.value("supervision.interest_years", day))
    month, last = day.month, 28 if (day.month, day.day) == (2, 29) else day.day
    return Q(until=None) | Q(until__gte=date(day.year - years, month, last))


def _employed(people: Collection[int], wanted: set[int], day: date) -> list[tuple[int, Reason]]:
    rows = Posting.objects.filter(_still(day), coordinator__person_id__in=list(people), organisation_id__in=wanted)
    return [
        (person, Reason(organisation, "在该机构任职或任过职"))
        for person, organisation in rows.values_list("coordinator__person_id", "organisation_id")
    ]


def _assessing(people: Collection[int], wanted: set[int], day: date) -> list[tuple[int, Reason]]:
    rows = Assessor.objects.filter(_still(day), person_id__in=list(people), organisation_id__in=wanted)
    return [
        (person, Reason(organisation, "是或曾是该机构的考评人员"))
        for person, organisation in rows.values_list("person_id", "organisation_id")
    ]


def barred(inspectors: Collection[Inspector], organisations: Iterable[int], today: date | None = None) -> dict[int, set[int]]:
    """By inspector id: the organisations that are barred."""
    return {pk: {reason.organisation_id for reason in held} for pk, held in reasons_of(inspectors, organisations, today).items()}
