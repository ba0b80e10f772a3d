"""Likely doubles of people (查重): same document, same phone, same name and birth date; minus the pairs somebody judged to be two."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations
from typing import NamedTuple, overload

from django.db.models import Count, Prefetch, Q

from .identity import id_index, phone_index
from .models import NotDuplicate, Person, Posting
from .models.people import PersonQuerySet

CHUNK = 500
MOST_PAIRS = 1_000
MOST_IN_GROUP = 6


class Likeness(NamedTuple):
    person: Person
    reasons: list[str]


class Pair(NamedTuple):
    first: Person
    second: Person
    reasons: list[str]

    @property
    def two_documents(self) -> bool:
        """Both stand with a document of one kind, and the numbers differ: such records do not merge."""
        return bool(self.first.id_index and self.second.id_index and self.first.id_type == self.second.id_type)


def similar_to(*, name: str, born_on: date | None, number: str, phone: str, but: int | None = None) -> list[Likeness]:
    """Standing people like the facts being typed (normal forms), the surest reason first; one query."""
    query = Q(pk__in=[])
    if number:
        query |= Q(id_index=id_index(number))
    if phone:
        query |= Q(phone_index=phone_index(phone))
    if name and born_on:
        query |= Q(name=name, born_on=born_on)
    found = []
    for person in Person.objects.standing().filter(query).exclude(pk=but or 0).select_related("area")[:10]:
        reasons = []
        if number and person.id_index == id_index(number):
            reasons.append("证件号相同")
        if phone and person.phone_index == phone_index(phone):
            reasons.append("手机号相同")
        if name and born_on and (person.name, person.born_on) == (name, born_on):
            reasons.append("姓名和出生日期相同")
        found.append(Likeness(person, reasons))
    return sorted(found, key=lambda like: -len(like.reasons))


class Pairs(Sequence[Pair]):
    """Pairs of likely doubles among some people, the largest likeness first; people are read only for the pairs that a page shows.

    Looking stops at MOST_PAIRS for each reason (`more`): what is left comes up as these are settled.
    """

    def __init__(self, people: PersonQuerySet) -> None:
        reasons: dict[tuple[int, int], list[str]] = defaultdict(list)
        people = people.standing().order_by()
        self.more = False
        for label, fields in (("手机号相同", ("phone_index",)), ("姓名和出生日期相同", ("name", "born_on"))):
            for number, pair in enumerate(_pairs(people, fields)):
                if number == MOST_PAIRS:
                    self.more = True
                    break
                reasons[pair].append(label)
        self._found = sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0]))

    def __len__(self) -> int:
        return len(self._found)

    @overload
    def __getitem__(self, place: int) -> Pair: ...
    @overload
    def __getitem__(self, place: slice) -> list[Pair]: ...
    def __getitem__(self, place: int | slice) -> Pair | list[Pair]:
        wanted = self._found[place] if isinstance(place, slice) else [self._found[place]]
        by_id = side_by_side(Person.objects.all()).in_bulk({identifier for pair, _ in wanted for identifier in pair})
        read = [Pair(by_id[low], by_id[high], why) for (low, high), why in wanted]
        return read if isinstance(place, slice) else read[0]


def pairs(people: PersonQuerySet) -> Pairs:
    """Every pair of likely doubles that nobody judged yet."""
    return Pairs(people)


def side_by_side(people: PersonQuerySet) -> PersonQuerySet:
    """With what the comparison of two records shows: area, enrolment, and the organisations where each works today."""
    postings = Posting.objects.filter(until=None).select_related("organisation").order_by("-is_primary", "-since")
    return people.select_related("area", "coordinator").prefetch_related(Prefetch("coordinator__postings", postings))


def _pairs(people: PersonQuerySet, fields: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Pairs who share these fields and whom nobody judged to be two, in the order of an index: whoever stops early reads little."""
    rows = people.exclude(phone_index="") if fields == ("phone_index",) else people.exclude(born_on=None)
    behind = Q()
    while doubled := list(
        rows.filter(behind)
        .values_list(*fields)
        .annotate(people=Count("*"))
        .filter(people__gt=1)
        .order_by(*fields)
        .values_list(*fields)[:CHUNK]
    ):
        members: dict[tuple[object, ...], list[int]] = {key: [] for key in doubled}
        for identifier, *key in rows.filter(**{f"{fields[0]}__in": {key[0] for key in doubled}}).values_list("id", *fields):
            if tuple(key) in members:
                members[tuple(key)].append(identifier)
        found = [pair for ids in members.values() for pair in combinations(sorted(ids)[:MOST_IN_GROUP], 2)]
        judged = _judged({low for low, _ in found})
        yield from (pair for pair in found if pair not in judged)
        if len(doubled) < CHUNK:
            return
        first, *rest = zip(fields, doubled[-1], strict=True)
        behind = Q(**{f"{first[0]}__gt": first[1]})
        for name, value in rest:
            behind = Q(**{f"{first[0]}__gte": first[1]}) & (behind | Q(**{first[0]: first[1], f"{name}__gt": value}))


def _judged(ids: set[int]) -> set[tuple[int, int]]:
    """Pairs among these people that somebody found to be two."""
    wanted, found = sorted(ids), set()
    for start in range(0, len(wanted), CHUNK):
        rows = NotDuplicate.objects.filter(first_id__in=wanted[start : start + CHUNK])
        found |= set(rows.values_list("first_id", "second_id"))
    return found
